/** Where scenarios come from: the library, a folder that is read at each run, or a file of the caller's. */
import { closeSync, openSync, readdirSync, readSync } from "node:fs";
import { join } from "node:path";
import { nearest } from "../../../lib/nearest.ts";
import { projectRoot } from "../../project-root.ts";
import { type ParseOptions, parseScenario } from "../../scenario/parse-scenario.ts";
import type { Scenario } from "../../scenario/scenario.ts";
import { SCENARIO_BYTES_MAX, scenarioText } from "../../scenario/scenario-text.ts";
import { UsageError } from "./arguments.ts";
import { callersPath } from "./callers-path.ts";

/** The one that is played when nobody names another; `--list` begins with it. */
export const DEFAULT_SCENARIO = "groceries";
/** The same with the published protocol. */
export const DEFAULT_ARTICLE_SCENARIO = "have-ocado";

const LIBRARY = "simulator/scenario/library";
const EXTENSION = ".yaml";

/**
 * The scenario of that name in the library, or in that file.
 * @param nodes to play with, in place of its own.
 * @param command the one that the caller has typed
 * @throws UsageError when there is none or it cannot be read; ScenarioError when it is wrong.
 */
export function findScenario(
  nameOrFile: string,
  nodes: number | undefined,
  command: "simulate" | "swarm",
): Scenario {
  if (/[/\\]|\.ya?ml$/.test(nameOrFile)) return readScenario(callersPath(command, nameOrFile), { nodes });
  const names = scenarioNames();
  if (names.includes(nameOrFile)) return readNamed(nameOrFile, nodes);
  const near = nearest(nameOrFile, names);
  const hint = near === undefined ? "See: npm run simulate -- --list" : `Did you mean "${near}"?`;
  throw new UsageError(
    `Unknown scenario "${nameOrFile}". ${hint} A file's name has a "/" in it or ends in ${EXTENSION}.`,
  );
}

/** All of the library. @throws ScenarioError at the first that is wrong. */
export const libraryScenarios = (): Scenario[] => scenarioNames().map((name) => readNamed(name, undefined));

function scenarioNames(): string[] {
  const names = readdirSync(join(projectRoot(), LIBRARY))
    .filter((file) => file.endsWith(EXTENSION))
    .map((file) => file.slice(0, -EXTENSION.length))
    .sort();
  const isDefault = (name: string) => (name === DEFAULT_SCENARIO ? 0 : 1);
  return names.sort((x, y) => isDefault(x) - isDefault(y));
}

const readNamed = (name: string, nodes: number | undefined): Scenario => {
  const file = `${LIBRARY}/${name}${EXTENSION}`;
  return parseScenario(scenarioText(bytesOf(join(projectRoot(), file)), file), file, { nodes, name });
};

const readScenario = (file: string, options: ParseOptions): Scenario =>
  parseScenario(scenarioText(bytesOf(file), file), file, options);

/** One byte more than a scenario may have, at most: a device may never end. */
function bytesOf(file: string): Uint8Array {
  try {
    const handle = openSync(file, "r");
    try {
      const buffer = Buffer.alloc(SCENARIO_BYTES_MAX + 1);
      let length = 0;
      for (let got = -1; got !== 0 && length < buffer.length; length += got)
        got = readSync(handle, buffer, length, buffer.length - length, null);
      return buffer.subarray(0, length);
    } finally {
      closeSync(handle);
    }
  } catch (error) {
    throw new UsageError(
      `--scenario: cannot read ${file}: ${error instanceof Error ? error.message : error}`,
    );
  }
}
