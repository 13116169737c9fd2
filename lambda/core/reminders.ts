/** When reminders of an incident that still fires come. */
import type { IncidentId } from "../../lib/contract/incidents.ts";

const HOUR_MS = 3_600_000;
const REMINDER_FIRST_MS = 24 * HOUR_MS;
const REMINDER_GAP_MAX_MS = 7 * 24 * HOUR_MS;

/** From a FIRING mail or the reminder before to the next: 24 h, then doubling to a week. Ms. */
export const reminderGapMs = (reminders: number): number =>
  Math.min(REMINDER_FIRST_MS * 2 ** reminders, REMINDER_GAP_MAX_MS);

/**
 * Kinds without reminders. A node that could not publish has left the role, and nobody can see that it could publish again
 * before it takes the role the next time, weeks later perhaps: reminders would tell of what may have been mended long ago.
 */
const UNREMINDED: readonly IncidentId["kind"][] = ["node-unconnected"];

/** How many reminders an episode of this kind may get. @param remindersMax of the configuration */
export const remindersMaxOf = (kind: IncidentId["kind"], remindersMax: number): number =>
  UNREMINDED.includes(kind) ? 0 : remindersMax;

/** When a mail that was told at `atMs` is followed by a reminder; undefined: never. */
export const nextReminderMs = (
  { atMs, reminders }: { readonly atMs: number; readonly reminders: number },
  remindersMax: number,
): number | undefined => (reminders < remindersMax ? atMs + reminderGapMs(reminders) : undefined);

/** The latest time, epoch ms, at which the FIRING mail before so many reminders can have been told. */
export const firingToldByMs = ({
  atMs,
  reminders,
}: {
  readonly atMs: number;
  readonly reminders: number;
}): number =>
  Array.from({ length: reminders }, (_, i) => reminderGapMs(i)).reduce((latest, gap) => latest - gap, atMs);
