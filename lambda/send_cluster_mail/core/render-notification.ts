/** A claimed notification as a mail: gathers the `MailContext`, all that its words depend on. */
import { channelOf } from "../../core/channels.ts";
import type { DueNotification } from "../../core/due-notification.ts";
import { escalatesAtMs } from "../../core/escalation.ts";
import type { Firing, Resolved } from "../../core/incident.ts";
import { ALONE, type Neighbourhood } from "../../core/neighbourhood.ts";
import { PATIENCE_MS, waitsUntilMs } from "../../core/patience.ts";
import type { ChannelPolicy, Policy } from "../../core/policy.ts";
import { isQuiet } from "../../core/quiet-hours.ts";
import { nextReminderMs, remindersMaxOf } from "../../core/reminders.ts";
import type { Config } from "./config.ts";
import { type Mail, type MailConfig, renderDigest, renderMail, renderWeekly } from "./mail/mail.ts";
import type { Addressed } from "./mail/mail-context.ts";
import type { Surroundings } from "./mail/surroundings.ts";

/**
 * @param nowMs the clock at which it is sent
 * @param answerKey undefined: the mail has no links to answer
 * @param surroundings how its cluster stands; undefined: nobody was asked
 * @param neighbourhood what it was decided in
 */
export function renderNotification(
  incident: Firing | Resolved,
  notification: DueNotification,
  channel: ChannelPolicy,
  config: Config,
  nowMs: number,
  answerKey: Uint8Array | undefined,
  surroundings?: Surroundings,
  neighbourhood: Neighbourhood = ALONE,
): Mail {
  const addressed = {
    ...addressedTo(incident, channel, notification, nowMs, config.policy),
    ...mutedOf(incident.id.clusterId, neighbourhood, nowMs),
  };
  const mailConfig: MailConfig = {
    ...config,
    ...(config.answering === undefined || answerKey === undefined
      ? {}
      : { answer: { url: config.answering.url, key: answerKey } }),
  };
  const { id, facts, recovery } = incident;
  if (facts.kind === "weekly") return renderWeekly({ ...addressed, id, report: facts.report }, mailConfig);
  if (facts.kind === "digest")
    return renderDigest({ ...addressed, id, incidents: facts.entries }, mailConfig);
  const { about, kind, flapping, reminders, missed } = notification;
  const known = kind === "resolved" ? (recovery ?? facts) : facts;
  const next = nextReminderOf(incident, notification, nowMs, config);
  return renderMail(
    {
      ...addressed,
      id,
      kind,
      facts: notification.facts ?? known,
      episode: about.number,
      thread: about.thread,
      sinceMs: about.sinceMs,
      ...(about.untilMs === undefined ? {} : { untilMs: about.untilMs }),
      flaps: incident.flaps,
      flapping,
      reminders,
      missed,
      ...(incident.acknowledgedMs === undefined || about.number !== incident.episode.number
        ? {}
        : {
            acknowledgedMs: incident.acknowledgedMs,
            ...(incident.acknowledgedBy === undefined ? {} : { acknowledgedBy: incident.acknowledgedBy }),
          }),
      ...(channel.afterMs === undefined || kind !== "firing" || incident.acknowledgedMs !== undefined
        ? {}
        : { unansweredMs: channel.afterMs }),
      ...(about.removed === undefined ? {} : { removed: about.removed }),
      ...(kind === "firing" && patientUntilMs(incident, channel, notification, config.policy) !== undefined
        ? { waitedMs: PATIENCE_MS }
        : {}),
      ...(notification.only === undefined ? {} : { only: notification.only }),
      ...(next === undefined ? {} : { nextReminderMs: next }),
      ...(surroundings === undefined ? {} : { surroundings }),
    },
    mailConfig,
  );
}

/** Until when FIRING of the mail's episode had to wait; undefined: it did not, or it is told by now. */
function patientUntilMs(
  incident: Firing | Resolved,
  channel: ChannelPolicy,
  { about }: DueNotification,
  { swept, channels }: Policy,
): number | undefined {
  if (!swept || about.number !== incident.episode.number) return undefined;
  return waitsUntilMs(incident, channelOf(incident, channel, channels).told);
}

/** Since when the mail has been due, but for quiet hours. Epoch ms. */
function dueSinceMs(
  incident: Firing | Resolved,
  channel: ChannelPolicy,
  notification: DueNotification,
  policy: Policy,
): number {
  const { about, kind, only, acknowledgedMs } = notification;
  const { openedMs, closedMs = Number.POSITIVE_INFINITY } = about;
  if (acknowledgedMs !== undefined) return acknowledgedMs;
  if (kind === "resolved" && only === undefined) return about.closedMs ?? openedMs;
  const escalatedMs =
    channel.afterMs === undefined ? undefined : escalatesAtMs(incident, channel, policy.channels);
  const waitedMs = patientUntilMs(incident, channel, notification, policy);
  return escalatedMs ?? (waitedMs === undefined ? openedMs : Math.min(waitedMs, closedMs));
}

/** For so long after a mute mails say that there was one, ms. */
const MUTE_SAID_MS = 86_400_000;

function mutedOf(
  clusterId: string,
  { mute, others }: Neighbourhood,
  nowMs: number,
): Pick<Addressed, "muted"> {
  if (mute === undefined || nowMs < mute.untilMs || nowMs >= mute.untilMs + MUTE_SAID_MS) return {};
  const settled = others.filter(
    ({ openedMs, closedMs }) => openedMs >= mute.fromMs && closedMs !== undefined && closedMs < mute.untilMs,
  );
  return { muted: { cluster: clusterId, ...mute, settled: settled.length } };
}

function addressedTo(
  incident: Firing | Resolved,
  channel: ChannelPolicy,
  notification: DueNotification,
  nowMs: number,
  policy: Policy,
): Addressed {
  const sinceMs = dueSinceMs(incident, channel, notification, policy);
  const heldBack =
    channel.quiet !== undefined && notification.kind !== "reminder" && isQuiet(channel.quiet, sinceMs);
  return {
    to: notification.to,
    channel: channel.id,
    ...(channel.timeZone === undefined ? {} : { timeZone: channel.timeZone }),
    nowMs,
    claims: notification.claims + 1,
    priorUnconfirmed: notification.priorUnconfirmed,
    ...(heldBack ? { heldBackSinceMs: sinceMs } : {}),
  };
}

function nextReminderOf(
  incident: Firing | Resolved,
  { kind, reminders, about }: DueNotification,
  nowMs: number,
  { policy }: Config,
): number | undefined {
  const over = kind === "resolved" || about.untilMs !== undefined || !policy.swept;
  const max = remindersMaxOf(incident.id.kind, policy.remindersMax);
  if (over || incident.acknowledgedMs !== undefined) return undefined;
  const due = nextReminderMs({ atMs: nowMs, reminders }, max);
  return due === undefined ? undefined : Math.max(due, incident.snoozedUntilMs ?? 0);
}
