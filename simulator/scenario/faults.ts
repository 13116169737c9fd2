/**
 * Every kind of fault that a run can have, as data: what it strikes, its parameters, and its rate.
 *
 * Most kinds are those of docs/FACTS.md, "Faults seen in the field"; the others are what the checker tries. A rate is a default for random runs: events a year
 * for each node, chip or cluster; an estimate where the field gives no figure.
 */
import * as z from "zod/mini";
import { DS18B20_MAX_C, DS18B20_MIN_C } from "../hardware/ds18b20.ts";
import { EEPROM_BYTES } from "../hardware/eeprom-image.ts";
import { EEPROM_PART_NAMES } from "../hardware/eeprom-parts.ts";

const NODES_MAX = 8;
const node = z.int().check(z.gte(0), z.lt(NODES_MAX));
const chip = node;
const share = z.number().check(z.gte(0), z.lte(1));
/** The value of each byte that is undefined; absent: random. */
const fill = z.optional(z.int().check(z.gte(0), z.lte(255)));
/** For how many seconds a node is held in reset before it boots; absent: 0. */
const held_s = z.optional(z.number().check(z.gte(0), z.lte(604_800)));

/** What a fault strikes. Its rate is for each of them. */
export type Target = "node" | "chip" | "cluster";

interface FaultKind<Schema> {
  readonly target: Target;
  /** What it is, for `--faults` and the timeline. */
  readonly about: string;
  /** Whether it lasts until it heals; any other fault happens in an instant. */
  readonly lasting: boolean;
  /** Events a year for each target. */
  readonly rate: number;
  readonly schema: Schema;
}

const onNode = <Shape extends z.core.$ZodLooseShape>(shape: Shape) => z.strictObject({ node, ...shape });
const onChip = <Shape extends z.core.$ZodLooseShape>(shape: Shape) => z.strictObject({ chip, ...shape });
const onCluster = <Shape extends z.core.$ZodLooseShape>(shape: Shape) => z.strictObject(shape);

const kind = <Schema>(
  target: Target,
  lasting: boolean,
  rate: number,
  about: string,
  schema: Schema,
): FaultKind<Schema> => ({ target, lasting, rate, about, schema });

const WAKES_A_YEAR = 35_040;

/**
 * The catalogue of faults, by name. The checker's classes that are the same have the same name
 * (`protocol/fault-names.ts`).
 */
export const FAULTS = {
  // Power
  "power-cut": kind(
    "node",
    true,
    12,
    "a node and its EEPROM lose power at once",
    onNode({
      /** Which bytes it leaves undefined if it comes during the chip's write cycle. */
      torn: z._default(z.enum(["addressed-bytes", "whole-page"]), "addressed-bytes"),
    }),
  ),
  "battery-low": kind(
    "node",
    false,
    2,
    "a node's pack has only this much charge left",
    onNode({ percent: z.number().check(z.gte(0), z.lte(100)) }),
  ),
  reset: kind(
    "node",
    false,
    12,
    "a node is reset at any point; its EEPROM keeps its power",
    onNode({ cause: z._default(z.enum(["pin", "brown-out", "watchdog", "soft"]), "pin"), held_s }),
  ),
  "stale-memory": kind(
    "node",
    false,
    0.2,
    "a node is reset, treats it as a wake from deep sleep, and has its memory of the last time it fell asleep",
    onNode({ held_s }),
  ),
  "memory-lost": kind(
    "node",
    true,
    0.2,
    "a node's RTC memory does not survive deep sleep: each wake is a cold start",
    onNode({}),
  ),
  // Firmware
  hang: kind("node", false, 2, "a node stays at its prompt, awake, from its next wake on", onNode({})),
  freeze: kind("node", false, 2, "a node stops at once, awake, and its pins keep their state", onNode({})),
  stall: kind(
    "node",
    true,
    12,
    "a node stops during a wake, its pins keep their state, and continues later",
    onNode({}),
  ),
  "never-wakes": kind("node", false, WAKES_A_YEAR / 2_700, "a node does not wake from its sleep", onNode({})),
  oversleep: kind(
    "node",
    false,
    12,
    "a node wakes late, once",
    onNode({ by_s: z.number().check(z.gt(0), z.lte(604_800)) }),
  ),
  "sleeps-on": kind("node", true, 2, "a node does not wake from its sleep until this is over", onNode({})),
  "early-wake": kind("node", false, 2, "the sleep that a node is in ends at once", onNode({})),
  "wake-together": kind(
    "node",
    false,
    50,
    "a node's next wake is at the same instant as another's",
    onNode({ with: node }),
  ),
  "timer-drift": kind(
    "node",
    true,
    1,
    "a node's sleep timer is wrong by this many percent; positive: it sleeps too long",
    onNode({ percent: z.number().check(z.gte(-20), z.lte(20)) }),
  ),
  "impatient-driver": kind(
    "node",
    true,
    0.2,
    "a node's firmware does not wait for the end of a chip's write cycle",
    onNode({}),
  ),
  "straddling-records": kind(
    "cluster",
    false,
    0,
    "the firmware of all nodes keeps its record across a page's end, and does not split the write",
    onCluster({ address: z.int().check(z.gte(0), z.lt(EEPROM_BYTES)) }),
  ),
  // Bus
  "sda-held": kind("cluster", true, 0.5, "something holds SDA low", onCluster({})),
  "scl-held": kind("cluster", true, 0.5, "something holds SCL low", onCluster({})),
  "pull-ups-lost": kind(
    "cluster",
    true,
    0.5,
    "the pull-ups come loose: nothing pulls the lines high",
    onCluster({ unlifted: z._default(z.enum(["stuck", "no-ack"]), "stuck") }),
  ),
  "wire-cut": kind(
    "node",
    true,
    1,
    "the bus is cut: a node and its own EEPROM on one side, all others on the other",
    onNode({}),
  ),
  "transfer-errors": kind(
    "cluster",
    true,
    0.5,
    "a share of all transfers on the bus fails, of reads and of writes; with one chip only, where one is named",
    onCluster({
      reads: z._default(share, 0.05),
      writes: z._default(share, 0),
      chip: z.optional(chip),
    }),
  ),
  "busy-line-stuck": kind("cluster", true, 1, "something holds the busy line high", onCluster({})),
  "busy-wire-cut": kind(
    "node",
    true,
    1,
    "a node neither sees nor drives the busy line: two masters may meet on the bus",
    onNode({}),
  ),
  // EEPROM
  "eeprom-dislodged": kind("chip", true, 1, "a chip comes loose and does not answer", onChip({ fill })),
  "eeprom-blank": kind("chip", false, 0.5, "a chip is replaced by a new one, all FFh", onChip({})),
  "eeprom-other-type": kind(
    "chip",
    false,
    0.1,
    "a chip is replaced by a new one of another type, with pages of another length",
    onChip({ part: z.enum(EEPROM_PART_NAMES) }),
  ),
  "eeprom-noise": kind("chip", false, 0.2, "a chip holds random bytes", onChip({ fill })),
  "page-rot": kind(
    "chip",
    false,
    0.1,
    "a page of a chip holds random bytes",
    onChip({ page: z.int().check(z.gte(0), z.lt(512)), fill }),
  ),
  "write-protected": kind("chip", true, 0.2, "WP is high: writes are ACKed and lost", onChip({})),
  "wrong-strap": kind(
    "chip",
    true,
    0.1,
    "a chip answers at another address: 50h + `as`",
    onChip({ as: chip }),
  ),
  "stuck-bit": kind(
    "chip",
    true,
    0.1,
    "a bit of a chip always reads the same value",
    onChip({
      address: z.int().check(z.gte(0), z.lt(EEPROM_BYTES)),
      bit: z.int().check(z.gte(0), z.lte(7)),
      reads: z.union([z.literal(0), z.literal(1)]),
    }),
  ),
  "worn-page": kind(
    "chip",
    false,
    0.05,
    "a page is worn out: writes are ACKed and change nothing",
    onChip({ page: z.int().check(z.gte(0), z.lt(512)) }),
  ),
  "slow-write-cycle": kind(
    "chip",
    true,
    0.2,
    "a chip's write cycle takes longer than any datasheet says",
    onChip({ ms: z.number().check(z.gte(1), z.lte(100)) }),
  ),
  // Network
  "wifi-outage": kind(
    "cluster",
    true,
    12,
    "the access point is gone; only for one node, if one is named",
    onCluster({ node: z.optional(node) }),
  ),
  "broadband-outage": kind(
    "cluster",
    true,
    6,
    "Wi-Fi works, but there is no internet behind it",
    onCluster({}),
  ),
  "slow-join": kind(
    "node",
    true,
    6,
    "a node takes this long to join Wi-Fi",
    onNode({ seconds: z.number().check(z.gt(0), z.lte(60)) }),
  ),
  "joins-fail": kind(
    "node",
    true,
    2,
    "a share of a node's joins fails, although the access point is there",
    onNode({ share: z._default(share, 0.2) }),
  ),
  "tls-failure": kind("node", true, 6, "a node has no memory for the TLS handshake", onNode({})),
  "certificate-expired": kind("node", true, 0.1, "the broker refuses a node's certificate", onNode({})),
  "puback-lost": kind(
    "node",
    false,
    50,
    "the cloud accepts a node's next messages, but the PUBACKs are lost",
    onNode({ times: z._default(z.int().check(z.gte(1), z.lte(1_000)), 1) }),
  ),
  "time-server-silent": kind("cluster", true, 2, "no answer from the time server", onCluster({})),
  // Sensor
  "sensor-absent": kind("node", true, 1, "a node's DS18B20 is loose: every byte reads FFh", onNode({})),
  "sensor-crc": kind(
    "node",
    true,
    4,
    "a share of a node's sensor reads has wrong bits",
    onNode({ share: z._default(share, 0.05) }),
  ),
  "sensor-85": kind(
    "node",
    true,
    1,
    "a node's sensor is reset before each conversion ends: 85.0 °C",
    onNode({}),
  ),
  "sensor-127": kind("node", true, 0.5, "a node's sensor shows 127.94 °C", onNode({})),
  "sensor-zero": kind("node", true, 0.5, "a node's sensor shows nine zero bytes", onNode({})),
  "sensor-stuck": kind(
    "node",
    true,
    0.5,
    "a node's sensor always shows the same temperature",
    onNode({ celsius: z.number().check(z.gte(DS18B20_MIN_C), z.lte(DS18B20_MAX_C)) }),
  ),
} as const;

/** Name of a fault: `power-cut`, `eeprom-dislodged`, … */
export type FaultName = keyof typeof FAULTS;
/** All of them, in the order of the catalogue. */
export const FAULT_NAMES = Object.keys(FAULTS) as FaultName[];

/** A schema without parameters gives a record that allows no key at all, not even `kind`. */
type ParametersOf<Output> = Output extends Readonly<Record<string, never>> ? unknown : Output;
/** One fault with its parameters: `{ kind: "power-cut", node: 0, torn: "whole-page" }`. */
export type Fault = {
  [Name in FaultName]: { readonly kind: Name } & Readonly<
    ParametersOf<z.output<(typeof FAULTS)[Name]["schema"]>>
  >;
}[FaultName];
/** A fault of that kind, with its parameters. */
export type FaultOf<Name extends FaultName> = Extract<Fault, { readonly kind: Name }>;

/** The fault in a few words: its kind and parameters, as a trace shows it. */
export const faultText = ({ kind, ...parameters }: Fault): string =>
  [kind, ...Object.entries(parameters).map(([name, value]) => `${name}=${value}`)].join(" ");
