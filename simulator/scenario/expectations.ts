/** What a scenario expects of a run, and whether a run meets it. */
import { seconds } from "../engine/time.ts";
import { durationText } from "./durations.ts";

/** By metric: what it counts. `longest gap` is in seconds, all others are counts. */
export const METRICS = {
  "readings due": "one for each of the cluster's periods since its first reading",
  "readings stored": "in the table exactly as published",
  "readings lost": "due and not stored",
  "readings duplicated": "accepted by the cloud more than once",
  "readings mistimed": "stored with a time more than a minute wrong",
  "readings untrue": "stored with a temperature more than half a degree wrong",
  "longest gap": "the longest time without a reading, from the first one to the end of the run",
  failovers: "a node took the primary's role from another",
  expelled: "a node was marked dead",
  "wrongly expelled": "a node was marked dead although it had power and its firmware ran",
  "primaries at once": "the largest number of nodes that held the primary's role at a time",
  "acting at once":
    "the largest number of nodes that used the role at a time, from the decision to the end of the wake",
  "stale acts": "a node acted under another's term, or under one that is over",
  "firing mails": "mails that say that something is wrong",
  "resolved mails": "mails that say it is over",
  "reminder mails": "mails that say that it still lasts",
  "error queue": "messages in the error queues and the function's failure queue",
  resets: "watchdog and brown-out resets",
} as const;
/** Name of a metric, as in a scenario file: `readings lost`, `longest gap`, … */
export type Metric = keyof typeof METRICS;

/** Whether a metric is in seconds, and not a count. */
export const isDuration = (metric: Metric): boolean => metric === "longest gap";

/** A takeover in a run. */
export interface ObservedFailover {
  readonly from: number;
  readonly to: number;
  /** Seconds from the last reading before it to the takeover. */
  readonly afterS: number;
}

/** The results of a run that expectations are about. */
export interface RunResult {
  readonly metrics: Readonly<Record<Metric, number>>;
  readonly failovers: readonly ObservedFailover[];
  /** `afterS`: seconds from the start of the run. */
  readonly mails: readonly { readonly kind: string; readonly incident: string; readonly afterS: number }[];
  /** Nodes that hold the primary's role at the end. */
  readonly primaries: readonly number[];
  /** The configured sleep between two wakes, in seconds: one cycle. */
  readonly sleepS: number;
}

/** A mail that a run has to send. */
export interface ExpectedMail {
  /** The mail, in the form of `mailText`. */
  readonly mail: string;
  /** When it is sent, in seconds from the start, both bounds included; undefined: at any time. */
  readonly sent: { readonly fromS: number; readonly toS: number } | undefined;
}

/** An expectation, which must hold at the end of a run. */
export type Expectation =
  /** From `min` to `max`, both included; `max` may be Infinity. */
  | { readonly kind: "metric"; readonly metric: Metric; readonly min: number; readonly max: number }
  /** All takeovers in order. `cycles`: most sleeps between the last reading before it and the takeover. */
  | {
      readonly kind: "failovers";
      readonly list: readonly {
        readonly from: number;
        readonly to: number;
        readonly cycles: number | undefined;
      }[];
    }
  /** All mails about incidents, in order: weekly reports come by the calendar, and are left out. */
  | { readonly kind: "mails"; readonly list: readonly ExpectedMail[] }
  /** The nodes that are primary at the end. */
  | { readonly kind: "primary at the end"; readonly nodes: readonly number[] };

/** `firing node-dead#0`: a mail in a scenario file; for a digest, whose number is only a time, `digest`. */
export const mailText = ({ kind, incident }: { readonly kind: string; readonly incident: string }): string =>
  kind === "digest" ? kind : `${kind} ${incident}`;

/** The items as a list; repetitions in a row become `x 3 times`. */
export function listed(items: readonly string[]): string {
  const runs: { item: string; times: number }[] = [];
  for (const item of items) {
    const last = runs.at(-1);
    if (last?.item === item) last.times += 1;
    else runs.push({ item, times: 1 });
  }
  return runs.length === 0
    ? "none"
    : runs.map(({ item, times }) => (times === 1 ? item : `${item} ${times} times`)).join(", ");
}

/** A number of seconds in words: `90 s`, `45 min`, `3.5 h`, `2 days`. */
function spanText(seconds: number): string {
  if (seconds < 120) return `${Math.round(seconds)} s`;
  if (seconds < 7_200) return `${Math.round(seconds / 60)} min`;
  if (seconds < 172_800) return `${Math.round(seconds / 360) / 10} h`;
  return `${Math.round(seconds / 8_640) / 10} days`;
}

const valueText = (metric: Metric, value: number): string =>
  isDuration(metric) ? spanText(value) : String(value);

function rangeText(metric: Metric, min: number, max: number): string {
  if (min === max) return valueText(metric, min);
  if (max === Number.POSITIVE_INFINITY) return `at least ${valueText(metric, min)}`;
  if (min === 0) return `at most ${valueText(metric, max)}`;
  return `${valueText(metric, min)} to ${valueText(metric, max)}`;
}

const failoverText = ({ from, to }: { from: number; to: number }): string => `${from} to ${to}`;

/** `2d 1h 30m`: a time of the run, to the second. */
const timeText = (second: number): string => durationText(seconds(Math.round(second)));

const expectedMailText = ({ mail, sent }: ExpectedMail): string =>
  sent === undefined ? mail : `${mail} from ${timeText(sent.fromS)} to ${timeText(sent.toS)}`;

/** The expectation in words. */
export function expectationText(expectation: Expectation): string {
  switch (expectation.kind) {
    case "metric":
      return `${expectation.metric}: ${rangeText(expectation.metric, expectation.min, expectation.max)}`;
    case "failovers": {
      const within = ({ cycles }: { cycles: number | undefined }) =>
        cycles === undefined ? "" : ` within ${cycles} cycles`;
      return `failovers: ${listed(expectation.list.map((each) => failoverText(each) + within(each)))}`;
    }
    case "mails":
      return `mails: ${listed(expectation.list.map(expectedMailText))}`;
    case "primary at the end":
      return `primary at the end: ${expectation.nodes.join(", ") || "none"}`;
  }
}

/** What a run had in place of the expected; undefined: the expectation holds. */
export function brokenBy(expectation: Expectation, result: RunResult): string | undefined {
  switch (expectation.kind) {
    case "metric": {
      const found = result.metrics[expectation.metric];
      const holds = found >= expectation.min && found <= expectation.max;
      return holds ? undefined : valueText(expectation.metric, found);
    }
    case "failovers":
      return brokenFailovers(expectation.list, result);
    case "mails":
      return brokenMails(expectation.list, result.mails);
    case "primary at the end": {
      const found = result.primaries.join(", ");
      return found === expectation.nodes.join(", ") ? undefined : found || "none";
    }
  }
}

function brokenMails(expected: readonly ExpectedMail[], mails: RunResult["mails"]): string | undefined {
  const told = mails.filter(({ kind }) => kind !== "weekly");
  const found = listed(told.map(mailText));
  if (found !== listed(expected.map(({ mail }) => mail))) return found;
  const astray = told.find(({ afterS }, index) => {
    const sent = expected[index]?.sent;
    return sent !== undefined && (afterS < sent.fromS || afterS > sent.toS);
  });
  return astray === undefined ? undefined : `${mailText(astray)} at ${timeText(astray.afterS)}`;
}

function brokenFailovers(
  expected: (Expectation & { kind: "failovers" })["list"],
  { failovers, sleepS }: RunResult,
): string | undefined {
  const found = listed(failovers.map(failoverText));
  if (found !== listed(expected.map(failoverText))) return found;
  const late = failovers.find(({ afterS }, index) => {
    const cycles = expected[index]?.cycles;
    return cycles !== undefined && afterS > cycles * sleepS;
  });
  return late === undefined
    ? undefined
    : `${failoverText(late)} after ${Math.round((10 * late.afterS) / sleepS) / 10} cycles`;
}
