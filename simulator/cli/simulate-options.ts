/** The command line of `npm run simulate`, parsed once into precise types. */
import { readFileSync } from "node:fs";
import { basename } from "node:path";
import { nearest } from "../../lib/nearest.ts";
import {
  parseTemperatureCsv,
  TemperatureCsvError,
  type TemperatureLog,
} from "../hardware/temperature-csv.ts";
import { SCENARIOS } from "../scenario/library.ts";
import type { Scenario } from "../scenario/scenario.ts";
import { decimalNumber, oneOf, type parseFlags, UsageError, wholeNumber } from "./arguments.ts";

export const HELP = `Plays a scenario: virtual nodes in virtual time, against a cloud on this machine that is built from the
synthesized template.

  npm run simulate -- [options]

  --scenario NAME      which story (default ${SCENARIOS[0]!.name})
  --list               the scenarios, a line each
  --seed N             the chance in it; the same seed gives the same trace (default 1)
  --days D             how long (default: the scenario's own)
  --temperatures CSV   replay a log with the header timestamp,temperature_c; the run starts at its first row
  --trace FILE         write the event trace, one line an event
  --uplink KIND        how messages reach the cloud: "mqtt", the device SDK over mutual TLS (default), or "memory",
                       straight to the rules; the trace is the same
  --connect WHEN       open the nodes' TLS connections anew at every "wake", or once a "boot" (default; a handshake
                       costs 50 ms of real time, and none of it is virtual)
  --json               one JSON object on stdout, and nothing else there
  --keep               leave the cloud running afterwards, to look at mails and tables; Ctrl-C ends it
  --help

Exit code: 0 all expectations held, 1 one was broken, 2 the command line was wrong.
`;

export const FLAGS = {
  scenario: { type: "string" },
  list: { type: "boolean" },
  seed: { type: "string" },
  days: { type: "string" },
  temperatures: { type: "string" },
  trace: { type: "string" },
  uplink: { type: "string" },
  connect: { type: "string" },
  json: { type: "boolean" },
  keep: { type: "boolean" },
  help: { type: "boolean", short: "h" },
} as const;

const SEED_MAX = 4_294_967_295;
const DAYS_MAX = 3_660;

export interface Options {
  readonly scenario: Scenario;
  readonly seed: number;
  readonly days: number;
  readonly temperatures: { readonly file: string; readonly log: TemperatureLog } | undefined;
  readonly traceFile: string | undefined;
  readonly uplink: "mqtt" | "memory";
  readonly connectEveryWake: boolean;
  readonly json: boolean;
  readonly keep: boolean;
}

/** @throws UsageError */
export function readOptions(values: ReturnType<typeof parseFlags<typeof FLAGS>>["values"]): Options {
  const scenario = findScenario(values.scenario ?? SCENARIOS[0]!.name);
  return {
    scenario,
    seed: wholeNumber("--seed", values.seed ?? "1", 0, SEED_MAX),
    days: decimalNumber("--days", values.days ?? String(scenario.daysDefault), scenario.daysMin, DAYS_MAX),
    temperatures: values.temperatures === undefined ? undefined : readTemperatures(values.temperatures),
    traceFile: values.trace,
    uplink: oneOf("--uplink", values.uplink ?? "mqtt", ["mqtt", "memory"]),
    connectEveryWake: oneOf("--connect", values.connect ?? "boot", ["boot", "wake"]) === "wake",
    json: values.json ?? false,
    keep: values.keep ?? false,
  };
}

function findScenario(name: string): Scenario {
  const found = SCENARIOS.find((scenario) => scenario.name === name);
  if (found !== undefined) return found;
  const names = SCENARIOS.map((scenario) => scenario.name);
  const near = nearest(name, names);
  const hint = near === undefined ? `There are: ${names.join(", ")}.` : `Did you mean "${near}"?`;
  throw new UsageError(`The scenario "${name}" is unknown. ${hint} See: npm run simulate -- --list`);
}

function readTemperatures(path: string): { file: string; log: TemperatureLog } {
  try {
    return { file: basename(path), log: parseTemperatureCsv(readFileSync(path, "utf8"), path) };
  } catch (error) {
    if (error instanceof TemperatureCsvError) throw new UsageError(error.message);
    throw new UsageError(
      `--temperatures: cannot read ${path}: ${error instanceof Error ? error.message : error}`,
    );
  }
}
