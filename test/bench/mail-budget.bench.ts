/** `npm run mails`: how many mails a year of faults brings, about what, and what was suppressed; HELP says more. */
import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { parseFlags, refuseWords, wholeNumber } from "../../simulator/cli/shared/arguments.ts";
import { INTERRUPTED, runCommand, untilInterrupted } from "../../simulator/cli/shared/run-command.ts";
import { days } from "../../simulator/engine/time.ts";
import { durationText } from "../../simulator/scenario/durations.ts";
import { FAULTS } from "../../simulator/scenario/faults.ts";
import { parseScenario } from "../../simulator/scenario/parse-scenario.ts";
import type { Scenario } from "../../simulator/scenario/scenario.ts";
import { playInProcess } from "./in-process.ts";

const FILE = fileURLToPath(new URL("a-year.yaml", import.meta.url));
const YEAR_DAYS = 365;
const HELP = `Plays a year of one cluster, with every fault at the rate seen in the field.
Counts the mails by kind, and the suppressed notifications by reason.

  npm run mails -- [--seed N]

  --seed N   seed of all chance (default 1)
  --help

It prints the rates of the faults; they are in test/bench/a-year.yaml. A run
takes a minute or two; Ctrl-C shows the counts so far.
`;
const STATES = ["firing", "reminder", "resolved", "digest"];
/** They come by the calendar, whatever goes wrong: counted apart. */
const REPORT = "weekly";

/** A line for each fault: how often it strikes, and how long it lasts. */
function faultLines({ steps }: Scenario): string[] {
  return steps.flatMap((step) => {
    if (step.kind !== "fault" || step.trigger.kind !== "chance") return [];
    const { times, per } = step.trigger;
    const yearly = Math.round(((times * days(YEAR_DAYS)) / per) * 100) / 100;
    const { kind } = step.fault;
    const lasts = step.lasts === undefined ? "" : `, for ${durationText(step.lasts)} each time`;
    return [
      `  ${kind.padEnd(18)}${String(yearly).padStart(6)} a year for each ${FAULTS[kind].target}${lasts}`,
    ];
  });
}

/** @returns the exit code */
async function budget(seed: number): Promise<number> {
  const scenario = parseScenario(readFileSync(FILE, "utf8"), FILE);
  const started = performance.now();
  const run = await playInProcess(scenario, "hardened", seed, untilInterrupted());
  const counts = new Map<string, number[]>();
  const incidentMails = run.mails.filter(({ kind }) => kind !== REPORT);
  for (const { incident, kind } of incidentMails) {
    const about = incident.replace(/#.*/, "");
    const row = counts.get(about) ?? STATES.map(() => 0);
    row[STATES.indexOf(kind)]! += 1;
    counts.set(about, row);
  }
  const count = (n: number): string => n.toLocaleString("en-US");
  const line = (about: string, cells: readonly (string | number)[]): string =>
    `  ${about.padEnd(18)}${cells.map((cell) => String(cell).padStart(10)).join("")}`;
  const suppressed = Object.entries(run.suppressed).map(([why, n]) => `${count(n)} ${why}`);
  const lines = [
    ...(run.days < YEAR_DAYS
      ? [`Interrupted after ${Math.floor(run.days)} of ${YEAR_DAYS} days; so far:`, ""]
      : []),
    `${scenario.name}, seed ${seed}: ${count(run.readings)} readings, ${run.failovers} takeovers`,
    "",
    "faults, by chance:",
    // A step for each node and chip, all alike.
    ...new Set(faultLines(scenario)),
    "",
    line("mails about", STATES),
    ...[...counts].map(([about, row]) => line(about, row)),
    line(
      "total",
      STATES.map((_, state) => [...counts.values()].reduce((sum, row) => sum + row[state]!, 0)),
    ),
    "",
    `  ${count(incidentMails.length)} mails, and ${count(run.mails.length - incidentMails.length)} weekly reports; suppressed: ${suppressed.join(", ") || "none"}`,
    `  the published design would have sent ${count(run.articleMails)}: one at each of the primary's wakes while a node is dead`,
    `  ${((performance.now() - started) / 1_000).toFixed(0)} s`,
  ];
  process.stdout.write(`${lines.join("\n")}\n`);
  return run.days < YEAR_DAYS ? INTERRUPTED : 0;
}

const SEED_MAX = 4_294_967_295;

process.exitCode = await runCommand(async () => {
  const flags = { seed: { type: "string" }, help: { type: "boolean", short: "h" } } as const;
  const { values, positionals } = parseFlags("mails", process.argv.slice(2), flags);
  refuseWords("mails", positionals);
  if (values.help !== true) return budget(wholeNumber("--seed", values.seed ?? "1", 0, SEED_MAX));
  process.stdout.write(HELP);
  return 0;
});
