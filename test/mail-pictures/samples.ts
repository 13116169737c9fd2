/** A mail of each kind, as the shipped renderer makes it, for docs/mails and for whoever looks at all of them. */
import {
  type Mail,
  renderDigest,
  renderMail,
  renderWeekly,
} from "../../lambda/send_cluster_mail/core/mail/mail.ts";
import type { Surroundings } from "../../lambda/send_cluster_mail/core/mail/surroundings.ts";
import { renderTest } from "../../lambda/send_cluster_mail/core/mail/test-mail.ts";
import {
  BACKEND_KINDS,
  INCIDENT_KINDS,
  type IncidentKind,
  type MailKind,
} from "../../lib/contract/incidents.ts";
import {
  answering,
  digest,
  FACTS,
  mailContext,
  NOON_MS,
  weekly,
} from "../lambda/send_cluster_mail/support/mail-contexts.ts";

const MINUTE_MS = 60_000;
const ZONE = "Europe/Berlin";

/** Who publishes in the samples, where it is not node 1. */
const PUBLISHING: Partial<Record<IncidentKind, readonly number[]>> = {
  "node-suspect": [0],
  "eeprom-unwritable": [0],
  "sensor-failing": [0],
  "setup-fault": [0],
  "split-brain": [1, 0],
};

/** A refrigerator's day: its compressor, its door at meals, a node's half an hour of death before the mail. */
function surroundings(kind: IncidentKind, state: MailKind, nowMs: number): Surroundings {
  const silentMs = kind === "cluster-silent" && state !== "resolved" ? 65 * MINUTE_MS : 0;
  const readings = Array.from({ length: 96 }, (_, i) => {
    const hour = i / 4;
    const meals = [7.5, 12.6, 19].map(
      (at) => 2.4 * Math.exp(-Math.max(0, hour - at) * 1.4) * Number(hour >= at),
    );
    return {
      atMs: nowMs - (95.7 - i) * 15 * MINUTE_MS,
      temperatureC: 4.1 + 0.5 * Math.sin(hour * 4.2) + meals.reduce((sum, rise) => sum + rise, 0),
    };
  }).filter(
    ({ atMs }) => atMs < nowMs - silentMs && !(kind === "node-dead" && Math.abs(nowMs - 5e6 - atMs) < 2e6),
  );
  const last = readings.at(-1)!;
  return {
    heard: (PUBLISHING[kind] ?? [1]).map((node) => ({
      ...{ node, receivedMs: last.atMs, sleepS: 900, temperatureC: last.temperatureC },
    })),
    firing: kind === "node-dead" ? [FACTS["battery-low"]] : [],
    readings,
  };
}

function sample(kind: IncidentKind, state: MailKind): Mail {
  const context = mailContext(kind, state, { timeZone: ZONE });
  const around = BACKEND_KINDS.includes(kind)
    ? {}
    : { surroundings: surroundings(kind, state, context.nowMs) };
  return renderMail({ ...context, ...around }, answering);
}

/** Mails by file name: each kind as it begins, one reminder and one end, and those that are about no one incident. */
export const documented = (): ReadonlyMap<string, Mail> =>
  new Map([
    ...INCIDENT_KINDS.map((kind) => [kind, sample(kind, "firing")] as const),
    ["reminder", sample("node-dead", "reminder")],
    ["acknowledged", sample("node-dead", "acknowledged")],
    ["resolved", sample("cluster-silent", "resolved")],
    ["weekly", renderWeekly(weekly({ timeZone: ZONE }), answering)],
    ["digest", renderDigest(digest({ timeZone: ZONE }), answering)],
    ["test", renderTest("you@example.org", NOON_MS, answering)],
  ]);

/** Every kind in every state besides, and what a mail can say of itself. */
export const everything = (): ReadonlyMap<string, Mail> =>
  new Map([
    ...documented(),
    ...INCIDENT_KINDS.flatMap((kind) =>
      (["reminder", "acknowledged", "resolved"] as const).map(
        (state) => [`${kind}-${state}`, sample(kind, state)] as const,
      ),
    ),
    [
      "notices",
      renderMail(
        mailContext("node-dead", "firing", {
          ...{
            claims: 2,
            priorUnconfirmed: true,
            heldBackSinceMs: NOON_MS,
            flaps: 3,
            missed: 2,
            flapping: true,
          },
          id: { clusterId: "attic-with-a-name-of-32-letters", kind: "node-dead", subject: 0 },
        }),
        answering,
      ),
    ],
  ]);
