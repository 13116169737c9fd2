/** What `npm run simulate` can play: `--list` the scenarios, `--faults` what can happen in them. */
import { inSeconds } from "../../engine/time.ts";
import { type Parameter, parametersOf } from "../../scenario/fault-parameters.ts";
import { FAULT_NAMES, FAULTS, type FaultName } from "../../scenario/faults.ts";
import type { Scenario } from "../../scenario/scenario.ts";
import { hanging } from "../shared/hanging-indent.ts";
import type { Terminal } from "../shared/terminal.ts";

const NAME_WIDTH = 21;
const DAY_S = 86_400;

/** A line for each scenario, and one for each protocol that fails in it. */
export function printScenarios(terminal: Terminal, scenarios: readonly Scenario[]): void {
  for (const { name, line, protocols } of scenarios) {
    terminal.write(hanging(terminal, column(name), line, "bold"));
    for (const [protocol, { fails }] of protocols)
      if (fails !== undefined) terminal.write(hanging(terminal, column(""), `✗ ${protocol} fails: ${fails}`));
  }
}

/** What `--list --json` prints. */
export const scenariosReport = (scenarios: readonly Scenario[]) =>
  scenarios.map(({ name, line, cluster, duration, protocols }) => ({
    name,
    line,
    nodes: cluster.nodes,
    days: inSeconds(duration) / DAY_S,
    protocols: [...protocols].map(([protocol, { fails }]) => ({ name: protocol, fails: fails ?? null })),
  }));

/** What each fault strikes, what it is, its parameters and its default rate. */
export function printFaults(terminal: Terminal): void {
  for (const kind of FAULT_NAMES) {
    const { target, lasting, rate, about } = FAULTS[kind];
    const lasts = lasting ? "lasts until it heals" : "happens at one instant";
    const often = rate === 0 ? "never by chance" : `${yearly(rate)} a year for each ${target}`;
    terminal.write(hanging(terminal, column(kind), about, "bold"));
    terminal.write(hanging(terminal, column(""), `${lasts}; ${often}`));
    for (const parameter of parametersOf(kind))
      terminal.write(hanging(terminal, column(""), `  ${parameterText(parameter)}`));
  }
  terminal.write(
    hanging(
      terminal,
      "\n",
      "Random runs use these rates. docs/scenarios.md says how a scenario uses faults.",
    ),
  );
}

/** What `--faults --json` prints. */
export const faultsReport = () =>
  FAULT_NAMES.map((name: FaultName) => {
    const { target, lasting, rate, about } = FAULTS[name];
    const parameters = parametersOf(name).map((parameter) => ({
      name: parameter.name,
      takes: parameter.takes,
      required: parameter.required,
      default: parameter.standard ?? null,
    }));
    return { name, target, about, lasting, rate_per_year: yearly(rate), parameters };
  });

const column = (text: string): string => `${text} `.padEnd(NAME_WIDTH);
const yearly = (rate: number): number => Math.round(rate * 100) / 100;

function parameterText({ name, takes, required, standard }: Parameter): string {
  const absent = standard === undefined ? "" : `, default ${standard}`;
  return `${name}: ${takes}${absent}${required || standard !== undefined ? "" : " (optional)"}`;
}
