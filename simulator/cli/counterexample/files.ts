/** Counterexamples as files that `npm run simulate` replays. */
import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { storyOf } from "../../checker/story.ts";
import { formatScenario } from "../../scenario/format-scenario.ts";
import { parseScenario } from "../../scenario/parse-scenario.ts";
import { UsageError } from "../arguments.ts";
import { chosenProtocol } from "../protocols.ts";
import { playOnDevices } from "./play.ts";
import { type Counterexample, fileNameOf, replayOf } from "./replay.ts";

/** Where a counterexample was written, and what plays it; or why it cannot be. */
export type Replay =
  | { readonly file: string; readonly command: string; readonly shown: boolean }
  | { readonly impossible: string };

/** @throws UsageError when the folder cannot be made */
export function prepareFolder(folder: string): void {
  try {
    mkdirSync(folder, { recursive: true });
  } catch (error) {
    throw cannotWrite(folder, error);
  }
}

/**
 * Writes the scenario, and plays it as it will be read: `shown` says whether the violation is seen.
 * @param periodS how long a node sleeps in the cluster that `npm run simulate` plays on
 * @throws UsageError when the file cannot be written
 */
export async function writeReplay(
  folder: string,
  counterexample: Counterexample,
  periodS: number,
): Promise<Replay> {
  const scenario = replayOf(counterexample, periodS);
  if (typeof scenario === "string") return { impossible: scenario };
  const file = join(folder, `${fileNameOf(counterexample.check)}.yaml`);
  const text = fileText(counterexample, formatScenario(scenario));
  try {
    writeFileSync(file, text);
  } catch (error) {
    throw cannotWrite(file, error);
  }
  const read = parseScenario(text, file);
  const { protocol, answer } = chosenProtocol(read, counterexample.check.protocol);
  const missing = await playOnDevices(read, answer, counterexample.check.instead ?? protocol, periodS);
  return { file, command: `npm run simulate -- --scenario ${quoted(file)}`, shown: missing.length === 0 };
}

/** The scenario below the checker's own steps. */
const fileText = ({ violation, steps }: Counterexample, yaml: string): string =>
  [
    `# What npm run verify found: ${violation}.`,
    "# Its steps, by number as the story of this scenario has them:",
    ...storyOf(steps).map((line) => `#${line}`),
    yaml,
  ].join("\n");

const quoted = (path: string): string =>
  /^[\w./+-]+$/.test(path) ? path : `'${path.replaceAll("'", "'\\''")}'`;

const cannotWrite = (path: string, error: unknown): UsageError =>
  new UsageError(
    `--scenarios: cannot write ${path}: ${error instanceof Error ? error.message : error}; name a folder that can be written`,
  );
