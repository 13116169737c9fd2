/**
 * Incidents: what can be wrong with a cluster, what is told of it, and what the sweep says to `send_cluster_mail`.
 *
 * An incident is (cluster, kind, subject). Its item in the clusters table is written by `send_cluster_mail`, which alone
 * sends mails; `sweep_clusters` only signals what it sees.
 */
import * as z from "zod/mini";
import { ClusterState, EventType, instant, nodeId, SensorFault, SetupProblem } from "./messages.ts";
import { CLUSTER_ID } from "./topics.ts";
import { WeeklyReport } from "./weekly.ts";

/**
 * What a mail can be about, as in subjects, keys of the table and scenarios' expectations. RUNBOOK.md has a heading for
 * each.
 */
export const INCIDENT_KINDS = [
  "node-dead",
  "node-suspect",
  "node-unconnected",
  "cluster-silent",
  "split-brain",
  "eeprom-unwritable",
  "sensor-failing",
  "sensor-disagreeing",
  "clock-wrong",
  "setup-fault",
  "certificate-expiring",
  "battery-low",
  "backend-failing",
  "mail-refused",
] as const;
/** One of `INCIDENT_KINDS`: `node-dead`, `split-brain`, … */
export type IncidentKind = (typeof INCIDENT_KINDS)[number];

/** Kinds of which the subject is a node. */
export const NODE_KINDS: readonly IncidentKind[] = [
  "node-dead",
  "node-suspect",
  "node-unconnected",
  "setup-fault",
  "sensor-failing",
  "battery-low",
  "clock-wrong",
  "certificate-expiring",
];

/** Kinds that are about the backend itself, and have `BACKEND` for a cluster. */
export const BACKEND_KINDS: readonly IncidentKind[] = ["backend-failing", "mail-refused"];

/** What belongs to no one cluster: digests, and failures on the backend's own side. No cluster can have this name. */
export const BACKEND = "*";

/** As many chips as there can be nodes, and one more. */
export const SUBJECT_MAX = 8;

/**
 * Subject: a node; a chip (`eeprom-unwritable`, and `setup-fault` of a chip); a recipient's place (`mail-refused`); else 0. A digest is kept like an incident, under `BACKEND`; its subject is
 * its bin: the epoch second at which its quarter of an hour began.
 */
export interface IncidentId {
  readonly clusterId: string;
  readonly kind: IncidentKind | Bulletin;
  readonly subject: number;
}

/** Mails about no one incident, kept like incidents so that each is sent once. */
export const BULLETINS = ["digest", "weekly"] as const;
/** One of `BULLETINS`. A weekly report's subject is the epoch second at which its week began. */
export type Bulletin = (typeof BULLETINS)[number];

/** Whether it is a bulletin's. */
export const isBulletin = (kind: IncidentId["kind"]): kind is Bulletin =>
  BULLETINS.some((one) => one === kind);

/**
 * A reminder says again that the incident fires; `acknowledged` says to the others of a channel that one of its recipients
 * handles it.
 */
export const MAIL_KINDS = ["firing", "reminder", "acknowledged", "resolved"] as const;
/** One of `MAIL_KINDS`: what a mail says of its incident. */
export type MailKind = (typeof MAIL_KINDS)[number];

/** Openings of one such span that are too many for a mail each share a digest. Ms. */
export const DIGEST_BIN_MS = 15 * 60_000;
/** A digest is written so long after its bin ended: an invocation that put an incident into the bin has ended by then. Ms. */
export const DIGEST_DELAY_MS = 60_000;
/** More are not listed; they get mails of their own. 100 times the largest facts stay below Lambda's 256 KB an event. */
export const DIGEST_ENTRIES_MAX = 100;
/**
 * A certificate that ends within so long is told of, by mail and by `npm run doctor`: a new one has to be carried to its
 * node by hand. Ms: 30 days, as AWS IoT Device Defender's audit has it.
 */
export const CERTIFICATE_SOON_MS = 30 * 86_400_000;
/** Facts are kept with the incident, as JSON of so many characters at most. */
export const FACTS_LENGTH_MAX = 2_048;

const ms = z.int().check(z.gte(0));
/** Also before 1970: an item may hold what a clock said. */
const epochMs = z.int();
const few = <T extends z.ZodMiniType>(item: T) => z.array(item).check(z.maxLength(8));
const celsius = z.number();

const Heartbeat = z.strictObject({
  node: nodeId,
  receivedAtMs: ms,
  sleepS: z.int(),
  temperatureC: z.optional(celsius),
  batteryMv: z.int(),
  term: z.int(),
});

const facts = {
  "node-dead": z.strictObject({
    kind: z.literal("node-dead"),
    /** Of the newest report while it fired, or of the admission that ended it. */
    event: z.strictObject({
      type: EventType,
      /** The reporter. */
      node: nodeId,
      subject: nodeId,
      at: instant,
      /** What the reporter's clock said, where `at` is when the event was received instead. */
      said: z.optional(instant),
      took_over: z.boolean(),
      state: ClusterState,
    }),
  }),
  "node-suspect": z.strictObject({
    kind: z.literal("node-suspect"),
    reporter: nodeId,
    subject: nodeId,
    /** Of the reading that says so. The reporter has not seen the subject move for `SUSPECT_PERIODS` sleeps before it. */
    reportedAtMs: ms,
    sleepS: z.int(),
  }),
  "node-unconnected": z.strictObject({
    kind: z.literal("node-unconnected"),
    node: nodeId,
    /** Who has the role now, and publishes. */
    reporter: nodeId,
    atMs: ms,
  }),
  "setup-fault": z.strictObject({
    kind: z.literal("setup-fault"),
    /** Or the EEPROM, where `isOfChip(problem)`. */
    node: nodeId,
    /** Who found it. */
    reporter: nodeId,
    problem: SetupProblem,
    atMs: ms,
  }),
  "cluster-silent": z.strictObject({
    kind: z.literal("cluster-silent"),
    heartbeats: few(Heartbeat),
    /** When the next reading should have been here, at the latest. */
    dueMs: ms,
  }),
  "split-brain": z.strictObject({
    kind: z.literal("split-brain"),
    nodes: few(z.strictObject({ node: nodeId, term: z.int(), atMs: ms })),
    sign: z.enum(["same-term", "older-term-after-newer", "dead-node-publishes"]),
  }),
  "eeprom-unwritable": z.strictObject({
    kind: z.literal("eeprom-unwritable"),
    chip: z.int().check(z.gte(0), z.lte(8)),
    reporter: nodeId,
  }),
  "sensor-failing": z.strictObject({
    kind: z.literal("sensor-failing"),
    node: nodeId,
    fault: SensorFault,
    atMs: ms,
  }),
  "sensor-disagreeing": z.strictObject({
    kind: z.literal("sensor-disagreeing"),
    nodes: few(z.strictObject({ node: nodeId, temperatureC: celsius, atMs: ms })),
  }),
  "clock-wrong": z.strictObject({
    kind: z.literal("clock-wrong"),
    node: nodeId,
    /** The node's own time, as it stands in the reading. */
    said: z.string().check(z.maxLength(40)),
    receivedMs: ms,
  }),
  "certificate-expiring": z.strictObject({
    kind: z.literal("certificate-expiring"),
    node: nodeId,
    /** When the node's newest active certificate ends. */
    expiresMs: ms,
  }),
  "battery-low": z.strictObject({
    kind: z.literal("battery-low"),
    node: nodeId,
    batteryMv: z.int(),
    /** Until the regulator drops out, as far as the last days tell; null: they do not. */
    daysLeft: z.nullable(z.number()),
  }),
  "backend-failing": z.strictObject({
    kind: z.literal("backend-failing"),
    queues: z
      .array(z.strictObject({ name: z.string().check(z.maxLength(80)), messages: z.int() }))
      .check(z.maxLength(10)),
  }),
  "mail-refused": z.strictObject({
    kind: z.literal("mail-refused"),
    address: z.string().check(z.maxLength(320)),
    /** SES's own words. */
    why: z.string().check(z.maxLength(500)),
  }),
} satisfies Record<IncidentKind, z.ZodMiniType>;

/** What a mail needs to tell its story, kept with the incident: reminders and late mails are written without a look-up. */
export const Facts = z.discriminatedUnion("kind", [
  facts["node-dead"],
  facts["node-suspect"],
  facts["node-unconnected"],
  facts["setup-fault"],
  facts["cluster-silent"],
  facts["split-brain"],
  facts["eeprom-unwritable"],
  facts["sensor-failing"],
  facts["sensor-disagreeing"],
  facts["clock-wrong"],
  facts["certificate-expiring"],
  facts["battery-low"],
  facts["backend-failing"],
  facts["mail-refused"],
]);
/** What is known of an incident when its mail is written, by kind; parsed. */
export type Facts = z.infer<typeof Facts>;

const clusterOrBackend = z.union([z.string().check(z.regex(CLUSTER_ID)), z.literal(BACKEND)]);
const kind = z.enum(INCIDENT_KINDS);
const subject = z.int().check(z.gte(0), z.lte(SUBJECT_MAX));

/** One line of a digest: an episode, and how it stood when the digest was put together. */
export const DigestEntry = z.strictObject({
  cluster_id: clusterOrBackend,
  kind,
  subject,
  episode: z.int().check(z.gte(1)),
  state: z.enum(["firing", "resolved"]),
  since_ms: epochMs,
  until_ms: z.optional(epochMs),
  /** Its FIRING mail went out before: the digest tells of its end. */
  told: z.optional(z.literal(true)),
  /** It is over because its node left the configuration. */
  removed: z.optional(z.literal(true)),
  facts: Facts,
});
/** One incident in a digest; parsed. */
export type DigestEntry = z.infer<typeof DigestEntry>;

const signal = {
  source: z.literal("sweep"),
  /** When the sweep was due, epoch ms: *now* for what it says. */
  received_at: ms,
};
const about = { cluster_id: clusterOrBackend, kind, subject };
/** Where the sign stands among others of its incident: as an event's. */
const order = { term: z.int().check(z.gte(0)), at: instant };

/**
 * What `sweep_clusters` hands to `send_cluster_mail`, one JSON object an invocation; by `type`: an incident fires, or
 * is over, a mail of it is owed, a digest or the weekly report is due.
 */
export const SweepSignal = z.discriminatedUnion("type", [
  /** `storm`: this sweep sees too many openings for a mail each. */
  z.strictObject({
    ...signal,
    type: z.literal("firing"),
    ...about,
    ...order,
    facts: Facts,
    storm: z.optional(z.boolean()),
  }),
  z.strictObject({
    ...signal,
    type: z.literal("well"),
    ...about,
    ...order,
    facts: z.optional(Facts),
    /** This sweep sees many end that began together. */
    storm: z.optional(z.boolean()),
    /** It is over because its node or cluster left the configuration. */
    removed: z.optional(z.literal(true)),
  }),
  /**
   * A mail is due: a reminder, one that quiet hours or damping held back, or one whose attempt has crashed; or the digest
   * that was to tell of an episode is out.
   */
  z.strictObject({
    ...signal,
    type: z.literal("poll"),
    ...about,
    /** Terms have begun anew since: what is from before is older, whatever its term. */
    era_ms: z.optional(epochMs),
    digest: z.optional(
      z.discriminatedUnion("listed", [
        z.strictObject({
          listed: z.literal(true),
          bin: ms,
          episode: z.int(),
          since_ms: epochMs,
          /** It was listed as resolved. */
          over: z.boolean(),
          /** When, by channel. */
          told_at_ms: z.record(z.string(), ms),
          /** Whom, by channel; absent: all of it. Who came into it since was not told. */
          told_to: z.optional(z.record(z.string(), z.array(z.string()))),
        }),
        /** It was put together without it. */
        z.strictObject({ listed: z.literal(false), bin: ms }),
      ]),
    ),
  }),
  /** `bin`: the subject of the digest's id. */
  z.strictObject({
    ...signal,
    type: z.literal("digest"),
    bin: ms,
    incidents: z.array(DigestEntry).check(z.maxLength(DIGEST_ENTRIES_MAX)),
  }),
  z.strictObject({ ...signal, type: z.literal("weekly"), report: WeeklyReport }),
]);
/** A parsed signal of the sweep. */
export type SweepSignal = z.infer<typeof SweepSignal>;
/** What became of the digest that was to tell of an episode. */
export type DigestNews = NonNullable<(SweepSignal & { type: "poll" })["digest"]>;
