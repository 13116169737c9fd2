/** Which cluster of the configuration a scenario is played on. */
import { CONFIG_KEY, ConfigError, parseConfig } from "../../lib/config.ts";
import type { Scenario } from "../scenario/scenario.ts";
import { UsageError } from "./arguments.ts";
import { readCdkJson } from "./cdk-json.ts";

export interface ChosenCluster {
  readonly name: string;
  /** The configured sleep between two wakes. */
  readonly sleepS: number;
}

/**
 * The first cluster that is large enough.
 * @throws UsageError when there is none, or the configuration is wrong.
 */
export function clusterFor({ name: scenario, nodes }: Scenario): ChosenCluster {
  const { file, context } = readCdkJson();
  try {
    for (const [name, cluster] of parseConfig(context[CONFIG_KEY]).clusters)
      if (cluster.nodes >= nodes) return { name, sleepS: cluster.sleepS };
  } catch (error) {
    if (error instanceof ConfigError) throw new UsageError(`${file}: ${error.message}`);
    throw error;
  }
  throw new UsageError(
    `${scenario} needs a cluster of ${nodes} nodes; ${file} has none: raise "nodes" in ${CONFIG_KEY}.clusters`,
  );
}
