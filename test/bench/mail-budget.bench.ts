/**
 * The mails of a year (`a-year.yaml`) by what they are about, what was suppressed and why, and what the article's rule would
 * have come to in the same year: `npm run mails`, or `npm run mails -- SEED`.
 */
import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { parseScenario } from "../../simulator/scenario/parse-scenario.ts";
import { playInProcess } from "./in-process.ts";

const FILE = fileURLToPath(new URL("a-year.yaml", import.meta.url));
const STATES = ["firing", "reminder", "resolved", "digest"];

async function main(seed: number): Promise<void> {
  const scenario = parseScenario(readFileSync(FILE, "utf8"), FILE);
  const started = performance.now();
  const run = await playInProcess(scenario, "hardened", seed);
  const counts = new Map<string, number[]>();
  for (const { incident, kind } of run.mails) {
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
    `${scenario.name}, seed ${seed}: ${count(run.readings)} readings, ${run.failovers} takeovers`,
    "",
    line("mails about", STATES),
    ...[...counts].map(([about, row]) => line(about, row)),
    line(
      "in all",
      STATES.map((_, state) => [...counts.values()].reduce((sum, row) => sum + row[state]!, 0)),
    ),
    "",
    `  ${count(run.mails.length)} mails; suppressed: ${suppressed.join(", ") || "none"}`,
    `  ${count(run.articleMails)} by the article's rule: one at every wake of the primary while a node is dead`,
    `  ${((performance.now() - started) / 1_000).toFixed(0)} s`,
  ];
  process.stdout.write(`${lines.join("\n")}\n`);
}

void main(Number(process.argv[2] ?? 1));
