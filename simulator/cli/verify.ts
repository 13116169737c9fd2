/** `npm run verify`: all states of a small cluster, for each class of faults, and what becomes of the protocol's promises. */
import { FAULT_CLASS_NAMES, FAULT_CLASSES } from "../checker/fault-classes.ts";
import { parseFlags, refuseWords, UsageError, wholeNumber } from "./shared/arguments.ts";
import { callersPath } from "./shared/callers-path.ts";
import { clusterFor } from "./shared/cluster-choice.ts";
import { INTERRUPTED, runCommand } from "./shared/run-command.ts";
import { terminalOf } from "./shared/terminal.ts";
import { checksFor, isWithoutReset } from "./verify/check-list.ts";
import { checkName } from "./verify/check-runner.ts";
import { prepareFolder } from "./verify/replay-files.ts";
import { printEnd, reported, rounded, runEach, search, withReplays } from "./verify/search.ts";
import { isAsPromised } from "./verify/verdicts.ts";
import { MATRIX, writeMatrix } from "./verify/write-matrix.ts";

const FOLDER = "counterexamples";
const STATES_MAX = 100_000_000;

const HELP = `Checks exhaustively what a small cluster can do: tries each fault, with one
reset, at every bus transaction of the shipped wake cycle, in every order, with
late wakes. It looks for two nodes that act at once, an older term after a
newer one, and a state from which no node acts again; each by itself, from
blank chips and from a running cluster. It prints the shortest failing
sequence, and writes it as a scenario for npm run simulate.

  npm run verify -- [options]

  --protocol NAME    "hardened" (default) or "article", the published one:
                     without a reset, and with punctual wakes
  --nodes N          2 (default) or 3
  --witness          adds a witness chip
  --only CLASS       searches this class of faults by itself (default: classes
                     in groups, any of which may strike); may be given more
                     than once
  --faults N         number of faults: 1 (default), or 2 for every pair
  --crashes N        number of additional resets, 0 to 2 (default 1; with
                     --faults 2: 0)
  --start WHERE      "blank" chips, or a "running" cluster with a takeover
                     behind it (default: both)
  --terms-apart N    terms further apart count as N apart, 2 to 8 (default 2)
  --thorough         also: worn-page with a reset, all classes with a witness
                     chip, all with terms four apart, and whether a node acts
                     again in classes outside the promise; about an hour on
                     two cores
  --states-max N     stops a search after N states (default 100,000,000)
  --scenarios DIR    folder for counterexamples (default ${FOLDER})
  --matrix [TABLE]   makes the failure matrix, into ${MATRIX}
                     (or --out FILE): all tables, or those named behind it:
                     article, hardened and witness have the single classes,
                     hardened-pairs and witness-pairs two faults at once;
                     with --only CLASS its rows alone
  --pair-states N    with --matrix: states explored for each pair (default
                     100,000)
  --classes          lists the classes of faults
  --json             prints one JSON object on stdout
  --help

Classes that no promise covers are searched too. They are marked "outside",
with what they would need. Ctrl-C ends the search and shows what was found so
far.

Exit code: 0 all is as promised; 1 a promise was broken, a search was stopped
early, or a search never met its law, its schedule or its fault (VACUOUS); 2
the command line was wrong; 130 interrupted.
`;

const FLAGS = {
  protocol: { type: "string" },
  nodes: { type: "string" },
  witness: { type: "boolean" },
  only: { type: "string", multiple: true },
  faults: { type: "string" },
  crashes: { type: "string" },
  start: { type: "string" },
  "terms-apart": { type: "string" },
  thorough: { type: "boolean" },
  "states-max": { type: "string" },
  scenarios: { type: "string" },
  matrix: { type: "boolean" },
  out: { type: "string" },
  "pair-states": { type: "string" },
  classes: { type: "boolean" },
  json: { type: "boolean" },
  help: { type: "boolean", short: "h" },
} as const;

const NOT_WITH_MATRIX = [
  "protocol",
  "nodes",
  "witness",
  "faults",
  "crashes",
  "start",
  "terms-apart",
  "thorough",
] as const;

/** `npm run verify`. @param argv what stands behind `--` @returns the exit code */
export const main = (argv: readonly string[]): Promise<number> =>
  runCommand(async () => {
    const { values, positionals } = parseFlags("verify", argv, FLAGS);
    if (values.help === true) {
      process.stdout.write(HELP);
      return 0;
    }
    // The words behind --matrix are names of tables.
    if (values.matrix !== true) refuseWords("verify", positionals);
    if (values.classes === true) {
      for (const name of FAULT_CLASS_NAMES)
        process.stdout.write(`${name.padEnd(18)} ${FAULT_CLASSES[name]}\n`);
      return 0;
    }
    const statesMax = wholeNumber(
      "--states-max",
      values["states-max"] ?? String(STATES_MAX),
      1,
      1_000_000_000,
    );
    const terminal = values.json === true ? terminalOf(process.stderr) : terminalOf(process.stdout);
    if (values.matrix === true) {
      for (const name of NOT_WITH_MATRIX)
        if (values[name] !== undefined)
          throw new UsageError(`--${name} does not go with --matrix, which chooses its own checks`);
      return await writeMatrix(values, positionals, search(statesMax, terminal));
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
    else {
      printEnd(terminal, replayed, left, seconds);
      const smaller = checks.filter((check) => isWithoutReset(check, values));
      if (smaller.length > 0)
        terminal.write(`Without a reset: ${smaller.map(checkName).join("; ")}. With one: -- --thorough\n`);
    }
    if (left.length > 0) return INTERRUPTED;
    return results.every(isAsPromised) ? 0 : 1;
  });
