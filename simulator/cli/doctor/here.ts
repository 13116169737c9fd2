/** What stands in the project's folder, with which a deployment is compared. */
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { CONFIG_KEY, ConfigError, type Ha2mConfig, parseConfig } from "../../../lib/config.ts";
import { loadAssembly } from "../../local-cloud/template/assembly.ts";
import { projectRoot } from "../../project-root.ts";
import { UsageError } from "../shared/arguments.ts";
import { freshAssembly } from "../shared/assembly-cache.ts";
import { readCdkJson } from "../shared/cdk-json.ts";
import { parseTemplate, type Template } from "./template.ts";

/** What this folder would deploy: configuration and version. */
export interface Here {
  readonly config: Ha2mConfig;
  /** Of the project. */
  readonly version: string;
  /** As a deploy would make them now, by name. */
  readonly stacks: ReadonlyMap<string, Template>;
}

/** Nothing of it stands in a template. */
const ANY_ACCOUNT = { accountId: "123456789012", region: "us-east-1" };

/** @throws UsageError when the configuration is wrong. */
export function readConfig(): Ha2mConfig {
  const { file, context } = readCdkJson();
  try {
    return parseConfig(context[CONFIG_KEY]);
  } catch (error) {
    if (error instanceof ConfigError) throw new UsageError(`${file}: ${error.message}`);
    throw error;
  }
}

/** @throws UsageError when the app cannot be synthesized. */
export async function readHere(config: Ha2mConfig, onSynth: () => void): Promise<Here> {
  const { stacks } = loadAssembly(await freshAssembly(onSynth), ANY_ACCOUNT);
  const { version } = JSON.parse(readFileSync(join(projectRoot(), "package.json"), "utf8"));
  return {
    config,
    version: String(version),
    stacks: new Map(stacks.map(({ name, text }) => [name, parseTemplate(text)])),
  };
}
