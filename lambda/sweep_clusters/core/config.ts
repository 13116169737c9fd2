/** The function's environment, parsed once into precise values. */

import type { WatchLevel } from "../../../lib/contract/metrics.ts";
import {
  type ClusterConfig,
  type Environment,
  parseAlerts,
  parseClusters,
  parseName,
  parsePolicy,
  parseQueues,
  parseWatch,
  required,
} from "../../core/environment.ts";
import type { Policy } from "../../core/policy.ts";

/** The function's environment, parsed. */
export interface Config {
  /** The deployment's: the namespace of metrics. */
  readonly name: string;
  readonly clustersTable: string;
  /** Absent: readings are not counted. */
  readonly readingsTable?: string;
  /** `send_cluster_mail`, by name. */
  readonly sendFunction: string;
  /** Nodes of each cluster, by its id. */
  readonly nodes: ReadonlyMap<string, number>;
  readonly clusterIds: readonly string[];
  /** A Map: `constructor` is a valid cluster id. */
  readonly clusters: ReadonlyMap<string, ClusterConfig>;
  /** A report comes each week. */
  readonly weekly: boolean;
  readonly policy: Policy;
  readonly batteryEmptyMv: number;
  /** Minutes between two sweeps. */
  readonly sweepMinutes: number;
  /** URLs of the backend's error and failure queues, by name. */
  readonly queues: ReadonlyMap<string, string>;
  /** Which metrics are written. */
  readonly watch: WatchLevel;
}

/** @throws MailProblem ConfigInvalid: the variable, what was found, an example. */
export const parseConfig = (env: Environment): Config => ({
  name: parseName(env),
  clustersTable: required(env, "CLUSTERS_TABLE"),
  ...(env.READINGS_TABLE === undefined ? {} : { readingsTable: required(env, "READINGS_TABLE") }),
  sendFunction: required(env, "SEND_FUNCTION"),
  nodes: new Map([...parseClusters(env)].map(([id, { nodes }]) => [id, nodes])),
  clusterIds: [...parseClusters(env).keys()],
  clusters: parseClusters(env),
  weekly: parseAlerts(env).weekly,
  policy: parsePolicy(env),
  batteryEmptyMv: parseAlerts(env).batteryEmptyMv,
  sweepMinutes: parseAlerts(env).sweepMinutes,
  queues: parseQueues(env),
  watch: parseWatch(env),
});
