/** `npm run verify`: all states of a small cluster, for each class of faults, and what becomes of the protocol's promises. */
import { nearest } from "../../lib/nearest.ts";
import type { Check } from "../checker/checks.ts";
import {
  CHIP_FAULTS,
  FAULT_CLASS_NAMES,
  FAULT_CLASSES,
  FAULT_GROUPS,
  type FaultClass,
} from "../checker/fault-classes.ts";
import { renamedFault } from "../protocol/fault-names.ts";
import { oneOf, parseFlags, refuseWords, UsageError, wholeNumber } from "./shared/arguments.ts";
import { callersPath } from "./shared/callers-path.ts";
import { clusterFor } from "./shared/cluster-choice.ts";
import { INTERRUPTED, runCommand } from "./shared/run-command.ts";
import { terminalOf } from "./shared/terminal.ts";
import { checkName } from "./verify/check-runner.ts";
import { prepareFolder } from "./verify/replay-files.ts";
import { isAsPromised, printEnd, reported, rounded, runEach, search, withReplays } from "./verify/search.ts";
import { MATRIX, writeMatrix } from "./verify/write-matrix.ts";

const FOLDER = "counterexamples";
const STATES_MAX = 20_000_000;

const HELP = `Checks exhaustively what a small cluster can do: tries each fault, with one
reset, at every bus transaction of the shipped wake cycle, in every order, with
late wakes. It looks for two nodes that act at once, an older term after a
newer one, and a state from which no node ever acts again. It prints the
shortest failing sequence, and writes it as a scenario for npm run simulate.

  npm run verify -- [options]

  --protocol NAME    "hardened" (default) or "article", the published one
  --nodes N          2 (default) or 3
  --witness          adds a witness chip
  --only CLASS       searches this class of faults by itself (default: classes
                     in groups, any of which may strike); may be given more
                     than once
  --faults N         number of faults: 1 (default), or 2 for every pair
  --crashes N        number of additional resets, 0 to 2 (default 1; with
                     --faults 2: 0)
  --states-max N     stops a search after N states (default 20,000,000)
  --scenarios DIR    folder for counterexamples (default ${FOLDER})
  --matrix           makes the failure matrix: single classes and pairs, both
                     protocols, with and without a witness chip, into
                     ${MATRIX} (or --out FILE)
  --pair-states N    with --matrix: states explored for each pair (default
                     100,000)
  --classes          lists the classes of faults
  --json             prints one JSON object on stdout
  --help

Classes that no promise covers are searched too. A violation found there is
marked "known", with what would prevent it. Ctrl-C ends the search and shows
what was found so far.

Exit code: 0 all is as promised; 1 a promise was broken, a search was stopped
early, or a search never met its law or its fault (VACUOUS); 2 the command line
was wrong; 130 interrupted.
`;

const FLAGS = {
  protocol: { type: "string" },
  nodes: { type: "string" },
  witness: { type: "boolean" },
  only: { type: "string", multiple: true },
  faults: { type: "string" },
  crashes: { type: "string" },
  "states-max": { type: "string" },
  scenarios: { type: "string" },
  matrix: { type: "boolean" },
  out: { type: "string" },
  "pair-states": { type: "string" },
  classes: { type: "boolean" },
  json: { type: "boolean" },
  help: { type: "boolean", short: "h" },
} as const;

/** `npm run verify`. @param argv what stands behind `--` @returns the exit code */
export const main = (argv: readonly string[]): Promise<number> =>
  runCommand(async () => {
    const { values, positionals } = parseFlags("verify", argv, FLAGS);
    if (values.help === true) {
      process.stdout.write(HELP);
      return 0;
    }
    refuseWords("verify", positionals);
    if (values.classes === true) {
      for (const name of FAULT_CLASS_NAMES)
        process.stdout.write(`${name.padEnd(18)} ${FAULT_CLASSES[name]}\n`);
      return 0;
    }
    const statesMax = wholeNumber("--states-max", values["states-max"] ?? String(STATES_MAX), 1, 100_000_000);
    const terminal = values.json === true ? terminalOf(process.stderr) : terminalOf(process.stdout);
    if (values.matrix === true) {
      for (const name of ["protocol", "nodes", "witness", "only", "faults", "crashes"] as const)
        if (values[name] !== undefined)
          throw new UsageError(`--${name} does not go with --matrix, which takes all of them`);
      return await writeMatrix(values, search(statesMax, terminal));
    }
    for (const name of ["out", "pair-states"] as const)
      if (values[name] !== undefined) throw new UsageError(`--${name} is for --matrix`);
    const checks = checksFor(values);
    const folder = callersPath("verify", values.scenarios ?? FOLDER);
    if (values.scenarios !== undefined) prepareFolder(folder);
    const { sleepS } = clusterFor(checks[0]!.nodes);
    const started = performance.now();
    const { results, left } = await runEach(checks, search(statesMax, terminal));
    const seconds = (performance.now() - started) / 1_000;
    const replayed = await withReplays(results, folder, sleepS);
    if (values.json === true)
      process.stdout.write(
        `${JSON.stringify({ seconds: rounded(seconds), results: reported(replayed), left: left.map(checkName) }, null, 2)}\n`,
      );
    else printEnd(terminal, replayed, left, seconds);
    if (left.length > 0) return INTERRUPTED;
    return results.every(isAsPromised) ? 0 : 1;
  });

type Values = ReturnType<typeof parseFlags<typeof FLAGS>>["values"];

/** @throws UsageError */
function checksFor(values: Values): Check[] {
  const protocol = oneOf("--protocol", values.protocol ?? "hardened", ["hardened", "article"]);
  const nodes = wholeNumber("--nodes", values.nodes ?? "2", 2, 3);
  const budget = wholeNumber("--faults", values.faults ?? "1", 1, 2);
  const crashes = wholeNumber("--crashes", values.crashes ?? (budget === 1 ? "1" : "0"), 0, 2);
  const witness = values.witness === true;
  const only = (values.only ?? []).map(faultClass);
  if (protocol === "article" && witness)
    throw new UsageError("The published protocol knows no witness chip.");
  const check = (faults: readonly FaultClass[], punctual = false, more = crashes): Check => ({
    protocol,
    nodes,
    witness,
    faults,
    budget: faults.length === 0 ? 0 : budget,
    onceEach: budget > 1 && faults.length > 1,
    crashes: more,
    punctual,
    bookkeeping: punctual,
  });
  const classes = only.length > 0 ? only : FAULT_CLASS_NAMES;
  const mixes =
    budget === 1
      ? // The published protocol breaks with each: none of them is hidden behind another.
        only.length > 0 || protocol === "article"
        ? classes.map((one) => [one])
        : FAULT_GROUPS
      : classes.flatMap((one, index) =>
          classes.slice(index).map((two) => (one === two ? [one] : [one, two])),
        );
  const quiet =
    only.length > 0
      ? []
      : [
          check([], true, 0),
          check([], false, 0),
          check([], false, 1),
          // Nobody who is well is expelled for a chip's fault.
          ...(protocol === "hardened" && budget === 1 ? [check(CHIP_FAULTS, true, 0)] : []),
        ];
  return [...quiet, ...mixes.map((mix) => check(mix))];
}

function faultClass(name: string): FaultClass {
  const found = FAULT_CLASS_NAMES.find((known) => known === name);
  if (found !== undefined) return found;
  const now = renamedFault(name);
  if (now !== undefined) throw new UsageError(`--only: ${name} is called ${now}: --only ${now}`);
  const near = nearest(name, FAULT_CLASS_NAMES);
  const hint = near === undefined ? "See: npm run verify -- --classes" : `Did you mean "${near}"?`;
  throw new UsageError(`--only: the fault class "${name}" is unknown. ${hint}`);
}
