/** Reads `cluster:` and `temperatures:` of a scenario file. */
import { NODES_MAX, NODES_MIN } from "../../../lib/contract/topics.ts";
import { days, millis, seconds } from "../../engine/time.ts";
import { DS18B20_MAX_C, DS18B20_MIN_C } from "../../hardware/ds18b20.ts";
import type { PullUps, Unlifted } from "../../hardware/i2c-lines.ts";
import { COUNTER_MAX } from "../../protocol/article/map.ts";
import { FIRMWARES, type FirmwareVersion } from "../../protocol/hardened/versions.ts";
import type { Readmission } from "../../protocol/protocol.ts";
import { PERIOD_S } from "../../protocol/timing.ts";
import type { ClusterSetup } from "../scenario.ts";
import type { Problems } from "../scenario-error.ts";
import {
  duration,
  fieldsOf,
  number,
  oneForEach,
  optional,
  type Reader,
  shown,
  wholeNumber,
  word,
} from "./fields.ts";
import type { Seats } from "./node-numbers.ts";
import type { Tree } from "./yaml-tree.ts";

const KEYS = [
  "nodes",
  "start",
  "counters",
  "eeprom_power",
  "witness",
  "pull_ups",
  "unpowered",
  "watchdog",
  "readmission",
  "sleeps",
  "firmware",
  "drift",
  "charge",
] as const;
type Key = (typeof KEYS)[number];

/** Most chips: an AT24C256 has three address pins. */
const CHIPS_MAX = 8;

const readNodes = wholeNumber(NODES_MIN, NODES_MAX);
const readStart = word<ClusterSetup["start"]>(["running", "blank"]);
const readEepromPower = word<ClusterSetup["eepromPower"]>(["shared", "own"]);
const readWitness = word<"none" | "fitted">(["none", "fitted"]);
const readPullUps = word<PullUps>(["external", "internal", "missing"]);
const readUnpowered = word<Unlifted>(["stuck", "no-ack"]);
const readWatchdog = duration(millis(1), days(1));
const READMISSIONS_MAX = 1_000;
/** Largest `forget_wakes`: a year of wakes every minute. */
const FORGET_WAKES_MAX = 525_600;
const readReadmission: Reader<Readmission> = (problems, tree, name) => {
  const fields = fieldsOf(problems, tree, name, ["most", "forget_wakes"], ["most", "forget_wakes"]);
  const most = fields?.most && wholeNumber(0, READMISSIONS_MAX)(problems, fields.most, "most");
  const forgetWakes =
    fields?.forget_wakes && wholeNumber(1, FORGET_WAKES_MAX)(problems, fields.forget_wakes, "forget_wakes");
  return most === undefined || forgetWakes === undefined ? undefined : { most, forgetWakes };
};
const readCounter = wholeNumber(0, COUNTER_MAX);
/** A node's sleep has to be longer than a settle sleep and a wake. */
const readSleep = duration(seconds(240), days(1));
const readFirmware = word<FirmwareVersion>(FIRMWARES);
/** Percent; the range of the fault `timer-drift`. */
const readDrift = number(-20, 20);
const readCharge = number(0, 100);

/** The values of nodes that the caller adds to those of the file. */
const ADDED = { counters: 1, drift: 0, charge: 100 } as const;

/**
 * The cluster, and the number of its nodes, which is known even if the rest is wrong.
 * @param nodes how many to play with, in place of the file's
 */
export function readCluster(
  problems: Problems,
  tree: Tree,
  nodes: number | undefined,
): { readonly seats: Seats; readonly setup: ClusterSetup | undefined } | undefined {
  const fields = fieldsOf(problems, tree, "cluster", KEYS, ["nodes"]);
  const written = fields?.nodes && readNodes(problems, fields.nodes, "nodes");
  if (fields === undefined || written === undefined) return undefined;
  const played = nodes ?? written;
  const witness = optional(problems, fields.witness, "witness", readWitness, "none") === "fitted";
  const chips = played + (witness ? 1 : 0);
  if (chips > CHIPS_MAX)
    problems.add(tree.line, `${played} nodes leave no address for the witness; use at most ${CHIPS_MAX - 1}`);
  return {
    seats: { nodes: played, chips, witness, fewerThanWritten: played < written },
    setup: readSetup(problems, fields, { written, played, witness }),
  };
}

function readSetup(
  problems: Problems,
  fields: Readonly<Partial<Record<Key, Tree>>>,
  { written, played, witness }: { written: number; played: number; witness: boolean },
): ClusterSetup | undefined {
  const of = <Value, Absent>(key: Key, read: Reader<Value>, absent: Absent) =>
    optional(problems, fields[key], key, read, absent);
  const forEach = (key: keyof typeof ADDED, read: Reader<number>) =>
    of(key, resized(written, played, read, ADDED[key]), undefined);
  const start = of("start", readStart, "running" as const);
  const eepromPower = of("eeprom_power", readEepromPower, "shared" as const);
  const pullUps = of("pull_ups", readPullUps, "external" as const);
  const unpowered = of("unpowered", readUnpowered, "stuck" as const);
  const sleeps = of("sleeps", resized(written, played, readSleep, seconds(PERIOD_S)), undefined);
  const firmware = of(
    "firmware",
    resized<FirmwareVersion>(written, played, readFirmware, "current"),
    undefined,
  );
  const lists = {
    counters: forEach("counters", readCounter),
    drift: forEach("drift", readDrift),
    charge: forEach("charge", readCharge),
  };
  const watchdog = of("watchdog", readWatchdog, undefined);
  const readmission = of("readmission", readReadmission, undefined);
  if (start === "blank" && fields.counters !== undefined)
    problems.add(
      fields.counters.line,
      "counters need a running cluster; leave them out, or write start: running",
    );
  if (start === undefined || eepromPower === undefined) return undefined;
  if (pullUps === undefined || unpowered === undefined) return undefined;
  return {
    nodes: played,
    start,
    eepromPower,
    witness,
    pullUps,
    unpowered,
    watchdog,
    readmission,
    ...(sleeps === undefined ? {} : { sleeps }),
    ...(firmware === undefined ? {} : { firmware }),
    ...lists,
  };
}

/** Reads a list with an item for each node of the file, and cuts or fills it to the nodes that are played. */
const resized =
  <Item>(written: number, played: number, read: Reader<Item>, added: Item): Reader<readonly Item[]> =>
  (problems, tree, name) => {
    const list = oneForEach(written, read)(problems, tree, name);
    return list === undefined ? undefined : Array.from({ length: played }, (_, node) => list[node] ?? added);
  };

/** Reads `temperatures:`: a room, or constant. */
export function readTemperatures(problems: Problems, tree: Tree) {
  if (tree.kind === "scalar" && tree.value === "room") return { kind: "room" } as const;
  if (tree.kind !== "map")
    return problems.add(tree.line, `temperatures takes room or { constant: 21.5 }, not ${shown(tree)}`);
  const constant = fieldsOf(problems, tree, "temperatures", ["constant"], ["constant"])?.constant;
  const celsius = constant && number(DS18B20_MIN_C, DS18B20_MAX_C)(problems, constant, "constant");
  return celsius === undefined ? undefined : ({ kind: "constant", celsius } as const);
}
