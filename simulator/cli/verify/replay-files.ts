/** Counterexamples as files that `npm run simulate` replays. */
import { mkdirSync } from "node:fs";
import { join } from "node:path";
import { storyOf, violationText } from "../../checker/print-steps.ts";
import { STARTS } from "../../checker/starts.ts";
import { playOnDevices } from "../../counterexample/play.ts";
import { type Counterexample, fileNameOf, MEANING, scenarioOf } from "../../counterexample/to-scenario.ts";
import { type Unplayable, unplayableText } from "../../counterexample/unplayable.ts";
import { formatScenario } from "../../scenario/format-scenario.ts";
import { parseScenario } from "../../scenario/parse-scenario.ts";
import { type FileError, whyRefused, writeFile } from "../../write-file.ts";
import { shellWord, UsageError } from "../shared/arguments.ts";
import { chosenProtocol } from "../shared/protocol-choice.ts";

/** Where a counterexample was written, and what plays it; or why it cannot be. */
export type Replay =
  | { readonly file: string; readonly command: string; readonly shown: true }
  | {
      readonly file: string;
      readonly command: string;
      readonly shown: false;
      /** What should have been seen, and what was seen instead. */
      readonly found: readonly string[];
    }
  | { readonly impossible: string; readonly reason: Unplayable };

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
  const scenario = scenarioOf(counterexample, periodS);
  if ("why" in scenario) return { impossible: unplayableText(scenario), reason: scenario };
  const file = join(folder, `${fileNameOf(counterexample)}.yaml`);
  const command = `npm run simulate -- --scenario ${shellWord(file)}`;
  const text = fileText(counterexample, command, formatScenario(scenario));
  try {
    writeFile({ path: file, data: text });
  } catch (error) {
    throw cannotWrite(file, (error as FileError).cause);
  }
  const read = parseScenario(text, file);
  const { protocol, answer } = chosenProtocol(read, counterexample.check.protocol);
  const found = await playOnDevices(read, answer, counterexample.check.instead ?? protocol, periodS);
  return found.length === 0 ? { file, command, shown: true } : { file, command, shown: false, found };
}

/** The scenario below the checker's own steps. */
const fileText = (counterexample: Counterexample, command: string, yaml: string): string => {
  const { violation, start, preludeLength, steps } = counterexample;
  return [
    `# Broken: ${violationText(violation)}.`,
    `# ${MEANING[violation.law]}`,
    "#",
    `# Found by:  ${commandOf(counterexample)}`,
    `# Replay it: ${command}`,
    "# How the steps are played: docs/scenarios.md, Counterexamples.",
    "#",
    ...(preludeLength === 0
      ? []
      : [`# Steps 1 to ${preludeLength} lead to the start of the search: ${STARTS[start]}.`, "#"]),
    "# The checker's steps, with the numbers that this scenario's story uses:",
    ...storyOf(steps).map((line) => `#${line}`),
    yaml,
  ].join("\n");
};

/** What finds it again. */
function commandOf({ check, start }: Counterexample): string {
  const { protocol, nodes, witness, faults, budget, crashes } = check;
  const options = [
    ...(protocol === "hardened" ? [] : [`--protocol ${protocol}`]),
    ...(nodes === 2 ? [] : [`--nodes ${nodes}`]),
    ...(witness ? ["--witness"] : []),
    ...faults.map((fault) => `--only ${fault}`),
    ...(budget > 1 ? [`--faults ${budget}`] : []),
    // Where there is no fault, all of it is looked for without being asked for.
    ...(faults.length > 0 && crashes !== (budget > 1 || protocol === "article" ? 0 : 1)
      ? [`--crashes ${crashes}`]
      : []),
    ...(start === "blank" ? [] : [`--start ${start}`]),
  ];
  return ["npm run verify", ...(options.length > 0 ? ["--", ...options] : [])].join(" ");
}

const cannotWrite = (path: string, error: unknown): UsageError =>
  new UsageError(
    `--scenarios: cannot write ${path}: ${whyRefused(error)}; name a folder that can be written`,
  );
