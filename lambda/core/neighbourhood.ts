/** What else is known of an incident's cluster when its mails are decided: other incidents, who was heard, a mute. */
import type { Facts, IncidentId } from "../../lib/contract/incidents.ts";

/** Another incident of the cluster, its latest episode. Epoch ms. */
export interface Neighbour {
  readonly kind: IncidentId["kind"];
  readonly subject: number;
  readonly openedMs: number;
  /** Absent: it fires. */
  readonly closedMs?: number;
  /** Of a death: when it was reported, by the reporter's own clock, right or wrong. */
  readonly saidMs?: number;
  /** Of any kind: that of the signal that opened the episode; 0: it had none. Absent: not known. */
  readonly term?: number;
}

/** A node's newest reading. */
export interface Heard {
  readonly node: number;
  /** Epoch ms. */
  readonly receivedMs: number;
  readonly sleepS: number;
  /** When it was measured, by the node's own clock, right or wrong; absent: it is no time. */
  readonly saidMs?: number;
  /** The term that it was published under; 0: its protocol has none. */
  readonly term?: number;
}

/** Maintenance: from one instant to another (epoch ms) the cluster's mails are put off. */
export interface Mute {
  readonly fromMs: number;
  readonly untilMs: number;
}

/** The cluster around an incident, as one Query found it. */
export interface Neighbourhood {
  readonly others: readonly Neighbour[];
  readonly heard: readonly Heard[];
  readonly mute?: Mute;
}

/** Nothing else is known. */
export const ALONE: Neighbourhood = { others: [], heard: [] };

/**
 * Why an incident's mails are put off.
 * - `split-brain`: two nodes act, and what each of them says of the other is part of that.
 * - `in-doubt`: a node is reported dead and publishes; the next sweeps tell which of the two holds.
 * - `muted`: a person is at work on the cluster.
 */
export type Hold = "split-brain" | "in-doubt" | "muted";

const HOUR_MS = 3_600_000;
/** Once the split is over, its nodes need so long to agree on who is there. */
const AFTER_SPLIT_MS = HOUR_MS;
/** A takeover comes after two missed looks: a node that was heard later than this is no node that has stopped. */
const FRESH_PERIODS = 1.5;
/** Nor does a takeover come later than this after the last reading, unless a clock is wrong. */
const TAKEOVER_PERIODS_MAX = 6;
/** Longer than two sweeps, which find a split, can be apart: then the death is told, whatever else is the matter. */
const DOUBT_MAX_MS = 2 * HOUR_MS;

const CAUSED_BY_SPLIT: readonly IncidentId["kind"][] = ["node-dead", "node-suspect", "eeprom-unwritable"];

/** When a death was reported, by the reporter's own clock; undefined: these are no facts of a death. */
export const saidMsIn = (facts: Facts | { readonly kind: "digest" | "weekly" }): number | undefined =>
  facts.kind === "node-dead" ? Date.parse(facts.event.said ?? facts.event.at) : undefined;

/** @param episode the incident's latest @returns undefined: its mails go out */
export function holdOf(
  episode: Omit<Neighbour, "closedMs">,
  { others, heard, mute }: Neighbourhood,
  nowMs: number,
): Hold | undefined {
  const { kind, openedMs } = episode;
  if (mute !== undefined && mute.fromMs <= nowMs && nowMs < mute.untilMs) return "muted";
  if (!CAUSED_BY_SPLIT.includes(kind)) return undefined;
  const split = others.find((other) => other.kind === "split-brain");
  const isSplit =
    split !== undefined &&
    (split.closedMs === undefined || (nowMs < split.closedMs + AFTER_SPLIT_MS && openedMs < split.closedMs));
  if (isSplit) return "split-brain";
  const deaths = others.filter(({ kind: one, closedMs }) => one === "node-dead" && closedMs === undefined);
  const doubted = [...(kind === "node-dead" ? [episode] : []), ...deaths].some((death) =>
    isDoubted(death, heard, nowMs),
  );
  return doubted ? "in-doubt" : undefined;
}

const isDoubted = (
  { subject, openedMs, saidMs, term = Number.POSITIVE_INFINITY }: Omit<Neighbour, "kind">,
  heard: readonly Heard[],
  nowMs: number,
): boolean =>
  nowMs < openedMs + DOUBT_MAX_MS &&
  heard.some(
    (last) =>
      last.node === subject &&
      // Under the death's term or a later one it publishes as a member again: that is no split.
      !(last.term !== undefined && last.term > 0 && last.term >= term) &&
      nowMs < last.receivedMs + FRESH_PERIODS * last.sleepS * 1_000 &&
      !isTakeoverByClocks(last, saidMs),
  );

/**
 * Whether the nodes' own clocks have a silence before the report as long as before a takeover. Messages that were kept back
 * arrive together, and so do those of nodes whose time is accelerated.
 */
function isTakeoverByClocks({ saidMs, sleepS }: Heard, reportedMs = Number.NaN): boolean {
  const periods = (reportedMs - (saidMs ?? Number.NaN)) / (sleepS * 1_000);
  return FRESH_PERIODS <= periods && periods <= TAKEOVER_PERIODS_MAX;
}

/** As many others make company: what ends together is told together. */
const COMPANY = 2;

/**
 * Whether an incident that ends is one of many that began within the same hour, and end within one: one cause, one mail.
 * @param openedMs when it began
 */
export const endsInCompany = (openedMs: number, others: readonly Neighbour[], nowMs: number): boolean =>
  others.filter(
    (other) =>
      Math.abs(other.openedMs - openedMs) < HOUR_MS &&
      (other.closedMs === undefined || nowMs - other.closedMs < HOUR_MS),
  ).length >= COMPANY;
