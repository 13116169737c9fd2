/** Which cluster of the configuration a scenario is played on. */
import { CONFIG_KEY, ConfigError, parseConfig } from "../../../lib/config.ts";
import { UsageError } from "./arguments.ts";
import { readCdkJson } from "./cdk-json.ts";

/** The cluster that a command works on, and how it is configured. */
export interface ChosenCluster {
  readonly name: string;
  /** The name of the deployment that it belongs to. */
  readonly deployment: string;
  /** The configured sleep between two wakes. */
  readonly sleepS: number;
  /** Its nodes hand their readings to the rule itself. */
  readonly basicIngest: boolean;
  /** As many as the configuration gives it, and as are played. */
  readonly configured: number;
  readonly played: number;
  /** Context for the synthesis that gives the cluster as many nodes as are played; empty where it has them. */
  readonly context: Readonly<Record<string, unknown>>;
}

/**
 * The first cluster, with more nodes than it has in the configuration where the scenario needs them.
 * @throws UsageError when the configuration is wrong.
 */
export function clusterFor(nodes: number): ChosenCluster {
  const { file, context } = readCdkJson();
  const written = context[CONFIG_KEY];
  try {
    const { name: deployment, clusters, readings } = parseConfig(written);
    const [first] = clusters;
    if (first === undefined) throw new Error("parseConfig accepted a configuration without a cluster");
    const [name, { sleepS, nodes: configured }] = first;
    const raised = configured < nodes ? { [CONFIG_KEY]: withNodes(written, name, nodes) } : {};
    return {
      name,
      deployment,
      sleepS,
      basicIngest: readings.basicIngest,
      configured,
      played: nodes,
      context: raised,
    };
  } catch (error) {
    if (error instanceof ConfigError) throw new UsageError(`${file}: ${error.message}`);
    throw error;
  }
}

/** A cluster that was deployed. */
export interface DeployedCluster {
  readonly name: string;
  /** The name of the deployment that it belongs to. */
  readonly deployment: string;
  readonly sleepS: number;
  readonly basicIngest: boolean;
  /** How many are told of each incident. */
  readonly recipients: number;
}

/**
 * @param name @default the first
 * @throws UsageError when the configuration is wrong, has no such cluster, or not so many nodes in it.
 */
export function deployedCluster(name: string | undefined, nodes: number): DeployedCluster {
  const { file, context } = readCdkJson();
  try {
    const { name: deployment, clusters, readings, mail } = parseConfig(context[CONFIG_KEY]);
    const wanted = name ?? [...clusters.keys()][0] ?? "";
    const found = clusters.get(wanted);
    if (found === undefined)
      throw new UsageError(`${file} has no cluster "${wanted}", only ${[...clusters.keys()].join(", ")}`);
    if (found.nodes < nodes)
      throw new UsageError(
        `this run has ${nodes} nodes, but ${wanted} has ${found.nodes} in ${file}: use --nodes ${found.nodes}, or configure more and deploy them`,
      );
    const { basicIngest } = readings;
    return { name: wanted, deployment, sleepS: found.sleepS, basicIngest, recipients: mail.to.length };
  } catch (error) {
    if (error instanceof ConfigError) throw new UsageError(`${file}: ${error.message}`);
    throw error;
  }
}

/** The configuration as written, which has passed `parseConfig`. */
function withNodes(written: unknown, name: string, nodes: number): unknown {
  const config = typeof written === "string" ? JSON.parse(written) : written;
  const clusters = { ...config.clusters, [name]: { ...config.clusters[name], nodes } };
  return { ...config, clusters };
}
