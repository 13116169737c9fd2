/** One `MailContext` of each kind of incident, which tests vary one field at a time. */
import type { MailConfig } from "../../../../lambda/send_cluster_mail/core/mail/mail.ts";
import type {
  DigestContext,
  MailContext,
  WeeklyContext,
} from "../../../../lambda/send_cluster_mail/core/mail/mail-context.ts";
import {
  BACKEND_KINDS,
  type DigestEntry,
  type Facts,
  INCIDENT_KINDS,
  type IncidentKind,
  type MailKind,
} from "../../../../lib/contract/incidents.ts";

export const NOON_MS = Date.parse("2026-01-01T12:00:00.000Z");
const MINUTE_MS = 60_000;
export const HOUR_MS = 3_600_000;
export const DAY_MS = 24 * HOUR_MS;

export const mailConfig: MailConfig = {
  name: "ha2m",
  mailFrom: "ha2m@example.org",
  runbookUrl: "https://example.org/RUNBOOK.md",
  subjects: "changing",
  clusters: new Map([
    ["kitchen", { nodes: 2, sleepS: 900 }],
    ["shed", { nodes: 4, sleepS: 900 }],
  ]),
};

export const answering: MailConfig = {
  ...mailConfig,
  answer: {
    url: "https://abcdefgh.lambda-url.us-east-1.on.aws/",
    key: new TextEncoder().encode("an example of a key, no secret at all, 64 characters in length .."),
  },
};

type FactsOf = { readonly [Kind in IncidentKind]: Extract<Facts, { kind: Kind }> };

export const FACTS: FactsOf = {
  "node-dead": {
    kind: "node-dead",
    event: {
      type: "node_dead",
      node: 1,
      subject: 0,
      at: "2026-01-01T12:00:00.000Z",
      took_over: true,
      state: {
        primary: 1,
        suspects: [],
        dead: [0],
        never_admitted: [],
        last_seen: [{ node: 0, at: "2026-01-01T11:30:00.000Z" }],
      },
    },
  },
  "node-suspect": {
    kind: "node-suspect",
    reporter: 0,
    subject: 1,
    reportedAtMs: NOON_MS,
    sleepS: 900,
  },
  "node-unconnected": { kind: "node-unconnected", node: 0, reporter: 1, atMs: NOON_MS },
  "cluster-silent": {
    kind: "cluster-silent",
    heartbeats: [
      {
        node: 1,
        receivedAtMs: NOON_MS - 40 * MINUTE_MS,
        sleepS: 900,
        temperatureC: 4.0625,
        batteryMv: 5_010,
        term: 7,
      },
      {
        node: 0,
        receivedAtMs: NOON_MS - 2 * DAY_MS,
        sleepS: 900,
        temperatureC: -0.125,
        batteryMv: 4_870,
        term: 6,
      },
    ],
    dueMs: NOON_MS - 2.5 * MINUTE_MS,
  },
  "split-brain": {
    kind: "split-brain",
    nodes: [
      { node: 1, term: 7, atMs: NOON_MS },
      { node: 0, term: 6, atMs: NOON_MS - 5 * MINUTE_MS },
    ],
    sign: "older-term-after-newer",
  },
  "eeprom-unwritable": { kind: "eeprom-unwritable", chip: 1, reporter: 0 },
  "sensor-failing": { kind: "sensor-failing", node: 1, fault: "power-on-value", atMs: NOON_MS },
  "sensor-disagreeing": {
    kind: "sensor-disagreeing",
    nodes: [
      { node: 1, temperatureC: 9.8125, atMs: NOON_MS },
      { node: 0, temperatureC: 4.0625, atMs: NOON_MS - 15 * MINUTE_MS },
    ],
  },
  "clock-wrong": {
    kind: "clock-wrong",
    node: 1,
    said: "2000-01-01T03:20:00.000Z",
    receivedMs: NOON_MS,
  },
  "setup-fault": { kind: "setup-fault", node: 1, reporter: 0, problem: "duplicate-number", atMs: NOON_MS },
  "certificate-expiring": { kind: "certificate-expiring", node: 0, expiresMs: NOON_MS + 20 * DAY_MS },
  "battery-low": { kind: "battery-low", node: 1, batteryMv: 4_870, daysLeft: 9.4 },
  "backend-failing": {
    kind: "backend-failing",
    queues: [
      { name: "Ha2mPipeline-EventsErrorQueue", messages: 1 },
      { name: "Ha2mPipeline-SendClusterMailFailures", messages: 2 },
    ],
  },
  "mail-refused": {
    kind: "mail-refused",
    address: "them@example.net",
    why: "Email address is not verified. The following identities failed the check in region US-EAST-1: them@example.net",
  },
};

const SUBJECTS: Partial<Record<IncidentKind, number>> = {
  "node-suspect": 1,
  "eeprom-unwritable": 1,
  "sensor-failing": 1,
  "clock-wrong": 1,
  "battery-low": 1,
};

/** It started at noon; a FIRING mail goes out at once, a reminder after a day, a RESOLVED mail after two hours and a quarter. */
export function mailContext<Kind extends IncidentKind>(
  kind: Kind,
  mail: MailKind = "firing",
  changes: Partial<Omit<MailContext, "facts">> & { readonly facts?: FactsOf[Kind] } = {},
): MailContext {
  const untilMs = NOON_MS + 135 * MINUTE_MS;
  const nowMs = {
    firing: NOON_MS + 5_000,
    reminder: NOON_MS + DAY_MS,
    acknowledged: NOON_MS + 97 * MINUTE_MS,
    resolved: untilMs + 5_000,
  }[mail];
  return {
    id: {
      clusterId: BACKEND_KINDS.includes(kind) ? "*" : "kitchen",
      kind,
      subject: SUBJECTS[kind] ?? 0,
    },
    kind: mail,
    facts: FACTS[kind],
    to: ["me@example.org", "you@example.org"],
    channel: "any time",
    nowMs,
    claims: 1,
    priorUnconfirmed: false,
    episode: 1,
    thread: 1,
    sinceMs: NOON_MS,
    ...(mail === "resolved" ? { untilMs } : {}),
    ...(mail === "firing" || mail === "reminder" ? { nextReminderMs: nowMs + DAY_MS } : {}),
    ...(mail === "acknowledged" ? { acknowledgedMs: nowMs - 7 * MINUTE_MS, acknowledgedBy: "ann" } : {}),
    flaps: 0,
    missed: 0,
    flapping: false,
    reminders: mail === "reminder" ? 1 : 0,
    ...changes,
  };
}

/** Node 0 was admitted again, as node 1 tells. */
export const admission: FactsOf["node-dead"] = {
  kind: "node-dead",
  event: {
    ...FACTS["node-dead"].event,
    type: "node_admitted",
    at: "2026-01-01T14:15:00.000Z",
    took_over: false,
    state: { ...FACTS["node-dead"].event.state, dead: [] },
  },
};

/** An incident of each kind in the quarter of an hour from noon on; the first is over. */
export const digest = (changes: Partial<DigestContext> = {}): DigestContext => ({
  id: { clusterId: "*", kind: "digest", subject: NOON_MS / 1_000 },
  incidents: INCIDENT_KINDS.map(
    (kind, i): DigestEntry => ({
      cluster_id: BACKEND_KINDS.includes(kind) ? "*" : i % 2 === 0 ? "kitchen" : "shed",
      kind,
      subject: SUBJECTS[kind] ?? 0,
      episode: 1,
      state: i === 0 ? "resolved" : "firing",
      since_ms: NOON_MS + i * MINUTE_MS,
      ...(i === 0 ? { until_ms: NOON_MS + 10 * MINUTE_MS } : {}),
      facts: FACTS[kind],
    }),
  ),
  to: ["me@example.org"],
  channel: "any time",
  nowMs: NOON_MS + 16 * MINUTE_MS,
  claims: 1,
  priorUnconfirmed: false,
  ...changes,
});

/** The week before Monday, 5 January 2026: a death, and a suspicion that flaps. */
export function weekly(changes: Partial<WeeklyContext> = {}): WeeklyContext {
  const from_ms = Date.parse("2025-12-29T00:00:00Z");
  const until_ms = from_ms + 7 * DAY_MS;
  return {
    id: { clusterId: "*", kind: "weekly", subject: from_ms / 1_000 },
    report: {
      from_ms,
      until_ms,
      clusters: [
        {
          cluster_id: "kitchen",
          due: 672,
          stored: 669,
          temperatures_c: { lowest: 3.8125, mean: 4.9, highest: 6.3125 },
          failovers: 1,
          hourly_c: Array.from(
            { length: 168 },
            (_, hour) => 5 + Math.round(10 * Math.sin(hour / 9.5 - 1)) / 10,
          ),
          batteries: [
            { node: 0, mv: 4_870, days_left: 9.4 },
            { node: 1, mv: 5_210, days_left: null },
          ],
        },
      ],
      incidents: [
        {
          ...{ cluster_id: "kitchen", kind: "node-dead", subject: 0, firing: false },
          ...{ episodes_ever: 1, mails_ever: { "any time": 2 }, episodes: 1, mails: { "any time": 2 } },
        },
        {
          ...{ cluster_id: "kitchen", kind: "node-suspect", subject: 1, firing: true },
          ...{ episodes_ever: 11, mails_ever: { "any time": 7 }, episodes: 9, mails: { "any time": 3 } },
        },
      ],
    },
    to: ["me@example.org"],
    channel: "any time",
    nowMs: until_ms + 7 * HOUR_MS,
    claims: 1,
    priorUnconfirmed: false,
    ...changes,
  };
}
