/** The function's environment, parsed once into precise values. */

import type { WatchLevel } from "../../../lib/contract/metrics.ts";
import {
  address,
  type ClusterConfig,
  type Environment,
  parseAlerts,
  parseClusters,
  parseName,
  parsePolicy,
  parseSubjects,
  parseWatch,
  required,
  url,
} from "../../core/environment.ts";
import type { Policy, Subjects } from "../../core/policy.ts";

/** The function's environment, parsed. */
export interface Config {
  /** The deployment's: in subjects, and the namespace of metrics. */
  readonly name: string;
  readonly clustersTable: string;
  /** Absent: mails do not say how their cluster stands. */
  readonly readingsTable?: string;
  readonly mailFrom: string;
  /** A Map: `constructor` is a valid cluster id. */
  readonly clusters: ReadonlyMap<string, ClusterConfig>;
  readonly policy: Policy;
  /** From one sweep to the next. */
  readonly sweepMs: number;
  /** Which metrics are written. */
  readonly watch: WatchLevel;
  readonly runbookUrl: string;
  readonly subjects: Subjects;
  /** Where mails are answered, and the secret that signs the links to it; absent where that is not deployed. */
  readonly answering?: { readonly url: string; readonly secretArn: string };
}

/** @throws MailProblem ConfigInvalid: the variable, what was found, an example. */
export const parseConfig = (env: Environment): Config => ({
  name: parseName(env),
  clustersTable: required(env, "CLUSTERS_TABLE"),
  ...(env.READINGS_TABLE === undefined ? {} : { readingsTable: required(env, "READINGS_TABLE") }),
  mailFrom: address("MAIL_FROM", required(env, "MAIL_FROM")),
  clusters: parseClusters(env),
  policy: parsePolicy(env),
  sweepMs: parseAlerts(env).sweepMinutes * 60_000,
  watch: parseWatch(env),
  runbookUrl: url(env, "RUNBOOK_URL"),
  subjects: parseSubjects(env),
  ...(env.ANSWER_URL === undefined
    ? {}
    : { answering: { url: url(env, "ANSWER_URL"), secretArn: required(env, "ANSWER_KEY_SECRET_ARN") } }),
});
