/**
 * What crosses the wire, as one schema for each message: the types, the device's encoder, the function's parser and the
 * published JSON Schema all come from here. Field names are snake_case with the unit last; times are ISO 8601 UTC
 * with milliseconds, so that they sort as text.
 */
import * as z from "zod/mini";
import { CLUSTER_ID, NODES_MAX } from "./topics.ts";

/** `v` of every message; a message with another one is refused. */
export const MESSAGE_VERSION = 1;

/** Months and days of any year, and 29 February of leap years: Date.parse takes 30 February for 2 March. */
const DAY_PATTERN = [
  "\\d{4}-(0[13578]|1[02])-(0[1-9]|[12]\\d|3[01])",
  "\\d{4}-(0[469]|11)-(0[1-9]|[12]\\d|30)",
  "\\d{4}-02-(0[1-9]|1\\d|2[0-8])",
  "(\\d{2}(0[48]|[2468][048]|[13579][26])|([02468][048]|[13579][26])00)-02-29",
].join("|");
/**
 * ISO 8601 UTC with milliseconds, of a day that exists, the only form accepted: `2026-01-01T00:15:00.000Z`. A pattern
 * alone, so that the rules refuse what the functions would.
 */
export const INSTANT_PATTERN = `^(${DAY_PATTERN})T([01]\\d|2[0-3]):[0-5]\\d:[0-5]\\d\\.\\d{3}Z$`;
/**
 * An instant as text: ISO 8601, UTC, milliseconds: `2026-01-01T00:15:00.000Z`; a day that does not exist is refused.
 */
export const instant = z.string().check(z.regex(new RegExp(INSTANT_PATTERN)));

/** A node's number within its cluster, from 0 on. */
export const nodeId = z.int().check(z.gte(0), z.lt(NODES_MAX));
const count = z.int().check(z.gte(0), z.lte(4_294_967_295));

/** Measuring range of the DS18B20 (datasheet, "Features"), in °C. */
export const TEMPERATURE_MIN_C = -55;
/** Upper end of the same range, °C. */
export const TEMPERATURE_MAX_C = 125;

/** The AT24C256 has three address pins: so many on one bus. */
const EEPROMS_MAX = 8;
/** A set of things that are numbered from 0 on, as one number: bit k is thing k. */
const setOf = (most: number) => z.int().check(z.gte(0), z.lte(2 ** most - 1));

/** `rosie/reading/<cluster>/<node>`: one measurement by the acting primary. */
export const Reading = z.strictObject({
  v: z.literal(MESSAGE_VERSION),
  /** The node's clock when the conversion ended. */
  measured_at: instant,
  temperature_c: z.number().check(z.gte(TEMPERATURE_MIN_C), z.lte(TEMPERATURE_MAX_C)),
  /** Counts this node's messages since its cold start; a gap is a lost message. */
  seq: count,
  /** The claim under which the node acts; 0 under the article's protocol, which has none. */
  term: count,
  /** How long the node sleeps now: the cloud calls a cluster silent by this. */
  sleep_s: z.int().check(z.gte(1), z.lte(86_400)),
  battery_mv: z.int().check(z.gte(0), z.lte(20_000)),
  /** Bit k: EEPROM k did not keep what the node wrote to it at this wake. */
  unwritable_eeproms: setOf(EEPROMS_MAX),
  /** Bit j: node j is held to be alive, and has not been seen to move for more than `SUSPECT_PERIODS` sleeps. */
  suspects: setOf(NODES_MAX),
  /**
   * Bit k: something is wrong with how the board of node k, or EEPROM k, was set up, as the node sees it now; absent: it does
   * not say. It ends what `setup_fault` began, whichever node has the role by then.
   */
  setup_faults: z.optional(setOf(NODES_MAX)),
});
/** A parsed reading; units are in its fields' names. */
export type Reading = z.infer<typeof Reading>;

/** A node that is well moves once a sleep; one that two looks have missed is dead. Whoever is neither for so long, a person may look at. */
export const SUSPECT_PERIODS = 4;

/**
 * No reading for so many sleeps: the cluster is silent. As long as a takeover takes at most, in whole sleeps of 15 minutes:
 * while the role changes hands nobody publishes, and that is no incident.
 */
export const SILENCE_PERIODS = 4;

/** The cluster as the reporting node sees it, so that a mail can say what happened without a look-up. */
export const ClusterState = z.strictObject({
  primary: z.nullable(nodeId),
  suspects: z.array(nodeId).check(z.maxLength(NODES_MAX)),
  /** Expelled nodes, and those never admitted. */
  dead: z.array(nodeId).check(z.maxLength(NODES_MAX)),
  /** The part of `dead` that never took part: an empty seat, not a failure. */
  never_admitted: z.array(nodeId).check(z.maxLength(NODES_MAX)),
  /** When each other node was last seen to move, by the reporter's clock; null when it has not seen it since its own cold start. */
  last_seen: z.array(z.strictObject({ node: nodeId, at: z.nullable(instant) })).check(z.maxLength(NODES_MAX)),
});
/** A parsed state of the cluster, nodes by number. */
export type ClusterState = z.infer<typeof ClusterState>;

/**
 * - `node_dead`: the reporter holds `subject` to be dead. Repeated at every wake while it is so.
 * - `node_admitted`: `subject` is a member again.
 * - `node_unconnected`: `subject` is awake, and says in its record that it could not publish; the reporter publishes in its
 *   place. Once, until its record says so no more.
 * - `setup_fault`: a person got something wrong with the board of `subject`, or with the EEPROM of that number; `problem` says
 *   what. Once, until `setup_mended`.
 * - `sensor_failed`: `subject`, the reporter itself, gets no temperature from its sensor. Once, until it has measured again.
 */
export const EventType = z.enum([
  "node_dead",
  "node_admitted",
  "node_unconnected",
  "setup_fault",
  "setup_mended",
  "sensor_failed",
]);
/** One of the event types above. */
export type EventType = z.infer<typeof EventType>;

/** What a careful driver can tell of a DS18B20 that gives no temperature. */
export const SensorFault = z.enum(["absent", "crc", "all-zero", "power-on-value", "out-of-range"]);
/** One of these faults. */
export type SensorFault = z.infer<typeof SensorFault>;

/**
 * What a person can get wrong: with a board, two with one number, RTC memory that is lost in a sleep, another cluster's name;
 * with an EEPROM, one whose pages are not of 64 bytes, or one at an address where the cluster has none.
 */
export const SetupProblem = z.enum([
  "duplicate-number",
  "memory-lost",
  "other-cluster",
  "chip-type",
  "chip-address",
]);
/** One of these problems. */
export type SetupProblem = z.infer<typeof SetupProblem>;

/** Whether the subject is an EEPROM, numbered by its address from 50h on, and not a node. */
export const isOfChip = (problem: SetupProblem): boolean =>
  problem === "chip-type" || problem === "chip-address";

const eventFields = {
  v: z.literal(MESSAGE_VERSION),
  type: EventType,
  /** The node, or the EEPROM, that the event is about; the reporter is in the topic. */
  subject: nodeId,
  term: count,
  seq: count,
  /** The reporter's clock when it came to know. */
  at: instant,
  /** The reporter took the primary's role from `subject`. */
  took_over: z.boolean(),
  state: ClusterState,
  /** With `sensor_failed` only, and always. */
  fault: z.optional(SensorFault),
  /** With `setup_fault` and `setup_mended` only, and always. */
  problem: z.optional(SetupProblem),
};
const faultWhereItBelongs = z.refine<{
  readonly type: EventType;
  readonly fault?: SensorFault | undefined;
}>(({ type, fault }) => (type === "sensor_failed") === (fault !== undefined), {
  path: ["fault"],
  message: "belongs to sensor_failed, and to nothing else",
});
const problemWhereItBelongs = z.refine<{
  readonly type: EventType;
  readonly problem?: SetupProblem | undefined;
}>(({ type, problem }) => (type === "setup_fault" || type === "setup_mended") === (problem !== undefined), {
  path: ["problem"],
  message: "belongs to setup_fault and setup_mended, and to nothing else",
});

/** `rosie/event/<cluster>/<node>`: something about the cluster that a person may need to know. */
export const ClusterEvent = z.strictObject(eventFields).check(faultWhereItBelongs, problemWhereItBelongs);
/** A parsed event as a node publishes it. */
export type ClusterEvent = z.infer<typeof ClusterEvent>;

/** What the events rule hands to `send_cluster_mail`: the event, and what only the broker knows for certain. */
export const DeliveredEvent = z
  .strictObject({
    ...eventFields,
    /** Whatever the reporter's clock says: an event is not lost for it. When it was received is what counts then. */
    at: z.string().check(z.maxLength(40)),
    cluster_id: z.string().check(z.regex(CLUSTER_ID)),
    /** The reporter, from the topic. */
    node: nodeId,
    /** The rule's timestamp(), epoch ms: *now* for every decision, so that a replay and virtual time decide alike. */
    received_at: z.int().check(z.gte(0)),
    /** The message as it was sent, so that one that cannot be read is not lost. */
    original_base64: z.string(),
  })
  .check(faultWhereItBelongs, problemWhereItBelongs);
/** A parsed event as the rule delivers it. */
export type DeliveredEvent = z.infer<typeof DeliveredEvent>;
