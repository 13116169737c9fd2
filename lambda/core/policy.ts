/** What the people who are told want: the configuration's part that decides about mails. */
import type { QuietHours } from "./quiet-hours.ts";

/** Openings of so long a time are counted against `stormLimit`. Ms. */
export const STORM_WINDOW_MS = 3_600_000;

/** `changing`: a subject says how its incident stands. `constant`: all mails of a thread have one. */
export const SUBJECTS = ["changing", "constant"] as const;
/** One of `SUBJECTS`. */
export type Subjects = (typeof SUBJECTS)[number];

/** Recipients that are told at the same times: one mail goes to all of them. */
export interface ChannelPolicy {
  /** The same as long as the quiet hours are: what the channel was told is kept under it. */
  readonly id: string;
  readonly to: readonly string[];
  readonly quiet?: QuietHours;
  /** In which mails name their times, an IANA name. Absent: UTC. */
  readonly timeZone?: string;
  /**
   * Told only of an incident that still fires, unanswered, so many ms after the others were told (escalation.ts). Such a
   * channel gets no digests and no reports. Absent: told at once.
   */
  readonly afterMs?: number;
}

/** The channels that are told at once. Digests are made for them alone. */
export const toldAtOnce = (all: readonly ChannelPolicy[]): readonly ChannelPolicy[] =>
  all.filter(({ afterMs }) => afterMs === undefined);

/** How many mails an incident may cause, and to whom. */
export interface Policy {
  readonly channels: readonly ChannelPolicy[];
  /** Reminders for one episode. */
  readonly remindersMax: number;
  /** Incidents opened within an hour that are told one by one. */
  readonly stormLimit: number;
  /** The sweep looks after its mails: it sends what is due later. */
  readonly swept: boolean;
}

/**
 * For what no sweep looks after, a cluster that is not in the configuration: nothing is put off, because nobody would
 * come back to it. An escalation goes out with the next event after its time.
 */
export const unswept = (policy: Policy): Policy => ({
  ...policy,
  channels: policy.channels.map(({ quiet: _, ...channel }) => channel),
  stormLimit: Number.POSITIVE_INFINITY,
  swept: false,
});
