/** The command line of `npm run simulate`, parsed once into precise types. */
import { readFileSync } from "node:fs";
import { NODES_MAX, NODES_MIN } from "../../../lib/contract/topics.ts";
import { days, inSeconds, type Micros } from "../../engine/time.ts";
import type { ChaosOptions } from "../../local-cloud/chaos.ts";
import type { Scenario } from "../../scenario/scenario.ts";
import {
  decimalNumber,
  oneOf,
  type parseFlags,
  shellWord,
  UsageError,
  wholeNumber,
} from "../shared/arguments.ts";
import { callersPath } from "../shared/callers-path.ts";
import { CHAOS_HELP, parseChaos } from "../shared/chaos-flag.ts";
import { type ChosenProtocol, chosenProtocol } from "../shared/protocol-choice.ts";
import { DEFAULT_ARTICLE_SCENARIO, DEFAULT_SCENARIO, findScenario } from "../shared/scenario-files.ts";
import { type ReadLog, readTemperatureLog, TemperatureCsvError } from "../temperatures/read-log.ts";
import { TimeZone } from "../temperatures/time-zone.ts";
import type { Whereabouts } from "./deployed/backend.ts";

const SEED_MAX = 4_294_967_295;
/** Longest run. */
export const DAYS_MAX = 3_660;

/** What `npm run simulate -- --help` prints. */
export const HELP = `Plays a scenario: virtual nodes, in virtual time, with a cloud on this
machine that is built from the synthesized template.

  npm run simulate -- [options]

  --scenario NAME|FILE  a name from --list (default ${DEFAULT_SCENARIO}), or your file:
                        its name has a "/" in it or ends in .yaml.
                        docs/scenarios.md says how to write one
  --list                lists the scenarios; with --json as JSON
  --faults              lists the kinds of fault, with their parameters and
                        rates; with --json as JSON
  --nodes N             number of nodes, ${NODES_MIN} to ${NODES_MAX} (default: the scenario's)
  --protocol NAME       "hardened" (default, if the scenario has an answer for
                        it) or "article", the published one; "article" without
                        --scenario plays ${DEFAULT_ARTICLE_SCENARIO}
  --seed N              seed of all chance, 0 to ${SEED_MAX} (default 1); the
                        same seed gives the same trace
  --days D              length of the run, up to ${DAYS_MAX} days, and no shorter than
                        the story (default: the scenario's)
  --temperatures CSV    replays a temperature log: a header, then rows with a
                        time and a temperature, separated by comma, semicolon
                        or tab. The run starts at its first row
  --column NAME         with --temperatures: the temperature's column (default:
                        the one named so)
  --unit U              with --temperatures: "c" or "f" (default: as the
                        column's name says, else c)
  --zone NAME           with --temperatures: time zone of times without an
                        offset, such as Europe/Berlin (default UTC)
  --suspicions          also shows each single miss of another node, which
                        happens to healthy nodes now and then
  --trace FILE          writes the event trace, one line an event
  --uplink KIND         how messages reach the cloud: "mqtt", the device SDK
                        over mutual TLS (default), or "memory", directly to
                        the rules; the trace is the same
  --connect WHEN        nodes open a TLS connection at every "wake", or once a
                        "boot" (default). A handshake takes 50 ms of real time
                        and no virtual time
  --chaos KIND=RATE,…   random failures of the cloud, from --seed, such as
                        function-crash=0.1,late=0.2. At the end the failures
                        stop, and messages left in queues are replayed:
${CHAOS_HELP("                        ")}  --target WHERE        "local" (default), or "aws": the same nodes with a
                        deployed backend, in real time. Its stored readings
                        and its mails are not shown here
  --speed S             with aws: 1x (default), another factor such as 60x, or
                        max. Messages cost the same at any speed
  --cluster NAME        with aws: the cluster (default: the first configured)
  --endpoint HOST:PORT  with aws: another endpoint than npm run provision
                        fetched
  --outputs FILE        with aws: the file of cdk deploy --outputs-file
                        (default cdk-outputs.json)
  --devices DIR         with aws: keys and certificates (default
                        .ha2m/devices/CLUSTER)
  --json                prints one JSON object on stdout, and nothing else
  --keep                keeps the cloud running afterwards, to look at mails
                        and tables; Ctrl-C ends it
  --help

Exit code: 0 all expectations held, 1 one was broken, 2 the command line or a
file was wrong.
`;

/** The flags of `npm run simulate`. */
export const FLAGS = {
  scenario: { type: "string" },
  list: { type: "boolean" },
  faults: { type: "boolean" },
  nodes: { type: "string" },
  protocol: { type: "string" },
  seed: { type: "string" },
  days: { type: "string" },
  temperatures: { type: "string" },
  column: { type: "string" },
  unit: { type: "string" },
  zone: { type: "string" },
  suspicions: { type: "boolean" },
  trace: { type: "string" },
  uplink: { type: "string" },
  connect: { type: "string" },
  chaos: { type: "string" },
  target: { type: "string" },
  speed: { type: "string" },
  cluster: { type: "string" },
  endpoint: { type: "string" },
  outputs: { type: "string" },
  devices: { type: "string" },
  json: { type: "boolean" },
  keep: { type: "boolean" },
  help: { type: "boolean", short: "h" },
} as const;

/** What a run was asked for, parsed. */
export interface Options {
  readonly scenario: Scenario;
  readonly protocol: ChosenProtocol;
  readonly seed: number;
  readonly duration: Micros;
  /** `file` as the caller can find it. */
  readonly temperatures: ({ readonly file: string } & ReadLog) | undefined;
  /** The timeline says of each single miss. */
  readonly suspicions: boolean;
  readonly traceFile: string | undefined;
  readonly uplink: "mqtt" | "memory";
  readonly connectEveryWake: boolean;
  readonly json: boolean;
  readonly keep: boolean;
  /** Undefined: nothing goes wrong in the cloud by itself. */
  readonly chaos: ChaosOptions | undefined;
  /** Undefined: the local cloud. */
  readonly deployed: Deployed | undefined;
  /** The options given that play the same story again, each with a space after it. */
  readonly again: string;
}

/** A run against a deployed backend. */
export interface Deployed extends Whereabouts {
  /** Virtual seconds in a real one; Infinity: as fast as it goes. */
  readonly speed: number;
  /** @default the first of the configuration */
  readonly cluster: string | undefined;
}

/** The flags as they were given, not yet parsed. */
export type Values = ReturnType<typeof parseFlags<typeof FLAGS>>["values"];

/** @throws UsageError, or ScenarioError where the scenario's file is wrong. */
export function readOptions(values: Values): Options {
  const nodes =
    values.nodes === undefined ? undefined : wholeNumber("--nodes", values.nodes, NODES_MIN, NODES_MAX);
  const scenario = findScenario(values.scenario ?? storyOf(values.protocol), nodes, "simulate");
  const deployed = readDeployed(values);
  const seed = wholeNumber("--seed", values.seed ?? "1", 0, SEED_MAX);
  const duration = values.days === undefined ? scenario.duration : readDays(values.days, scenario);
  return {
    scenario,
    protocol: chosenProtocol(scenario, values.protocol),
    seed,
    duration,
    temperatures: readTemperatures(values, duration),
    suspicions: values.suspicions ?? false,
    traceFile: values.trace === undefined ? undefined : callersPath("simulate", values.trace),
    uplink: oneOf("--uplink", values.uplink ?? "mqtt", ["mqtt", "memory"]),
    connectEveryWake:
      oneOf("--connect", values.connect ?? (deployed?.speed === 1 ? "wake" : "boot"), ["boot", "wake"]) ===
      "wake",
    json: values.json ?? false,
    keep: values.keep ?? false,
    chaos: values.chaos === undefined ? undefined : parseChaos(values.chaos, seed),
    deployed,
    again: again(values),
  };
}

const storyOf = (protocol: string | undefined): string =>
  protocol === "article" ? DEFAULT_ARTICLE_SCENARIO : DEFAULT_SCENARIO;

const OF_DEPLOYED = ["speed", "cluster", "endpoint", "outputs", "devices"] as const;
const OF_LOCAL = ["uplink", "keep", "chaos"] as const;
const SPEED_MAX = 100_000;

function readDeployed(values: Values): Deployed | undefined {
  const target = oneOf("--target", values.target ?? "local", ["local", "aws"]);
  const others: readonly (keyof Values)[] = target === "local" ? OF_DEPLOYED : OF_LOCAL;
  const stray = others.find((flag) => values[flag] !== undefined);
  if (stray !== undefined) throw new UsageError(`--${stray} does not go with --target ${target}.`);
  if (target === "local") return undefined;
  const { cluster, endpoint, outputs, devices } = values;
  return { speed: readSpeed(values.speed ?? "1x"), cluster, endpoint, outputs, devices };
}

/** @throws UsageError */
export function readSpeed(text: string): number {
  if (text === "max") return Number.POSITIVE_INFINITY;
  const speed = Number(/^(\d{1,6})x$/.exec(text)?.[1]);
  if (speed >= 1 && speed <= SPEED_MAX) return speed;
  throw new UsageError(
    `--speed takes 1x, 60x or another whole number up to ${SPEED_MAX}x, or max, not "${text}".`,
  );
}

/** To a hundredth: nobody types all digits of a third of a day. */
function readDays(text: string, { shortest }: Scenario): Micros {
  const min = Math.max(0.01, Math.ceil((inSeconds(shortest) / 86_400) * 100) / 100);
  return days(decimalNumber("--days", text, min, DAYS_MAX));
}

const OF_LOG = ["column", "unit", "zone"] as const;
/** Times of messages end there. */
const YEAR_10000_MS = Date.UTC(10_000, 0);

function readTemperatures(values: Values, duration: Micros): Options["temperatures"] {
  const { temperatures, column, unit, zone } = values;
  if (temperatures === undefined) {
    const stray = OF_LOG.find((flag) => values[flag] !== undefined);
    if (stray !== undefined) throw new UsageError(`--${stray} needs --temperatures.`);
    return undefined;
  }
  const file = callersPath("simulate", temperatures);
  const options = {
    column,
    unit: unit === undefined ? undefined : oneOf("--unit", unit.toLowerCase(), ["c", "f"]),
    zone: zone === undefined ? undefined : readZone(zone),
    ownZone: Intl.DateTimeFormat().resolvedOptions().timeZone,
  };
  const read = readLogFile(file, options);
  if (read.log.startMs + inSeconds(duration) * 1_000 < YEAR_10000_MS) return { file, ...read };
  throw new UsageError(
    `--temperatures: ${file} begins ${new Date(read.log.startMs).toISOString().slice(0, 10)}: the run would end after the year 9999, the last one that a message can contain.`,
  );
}

function readLogFile(file: string, options: Parameters<typeof readTemperatureLog>[2]): ReadLog {
  try {
    return readTemperatureLog(readFileSync(file), file, options);
  } catch (error) {
    if (error instanceof TemperatureCsvError) throw new UsageError(error.message);
    throw new UsageError(
      `--temperatures: cannot read ${file}: ${error instanceof Error ? error.message : error}`,
    );
  }
}

function readZone(name: string): TimeZone {
  try {
    return new TimeZone(name);
  } catch {
    throw new UsageError(`--zone takes a name of the tz database, such as Europe/Berlin, not "${name}".`);
  }
}

/** `--uplink` and `--connect` are left out: the trace is the same with each. */
const DECIDING = [
  "scenario",
  "nodes",
  "protocol",
  "days",
  "temperatures",
  ...OF_LOG,
  "seed",
  "chaos",
] as const;

const again = (values: Values): string =>
  DECIDING.flatMap((flag) => {
    const value = values[flag];
    return value === undefined ? [] : [`--${flag} ${shellWord(value)} `];
  }).join("");
