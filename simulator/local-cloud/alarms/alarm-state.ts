/**
 * The state of an alarm, from its data by the minute.
 *
 * The window slides, as by default: at each full minute, the last N periods count. Those with data are compared; those
 * without are what `TreatMissingData` says ("How alarm state is evaluated when data is missing").
 *
 * Not emulated: CloudWatch looks some periods further back where data is missing, and takes data that is minutes late.
 * Deviation: a period without data that began before the cloud's start does not breach; AWS begins with
 * INSUFFICIENT_DATA and counts that period as missing.
 */
import type { AlarmDefinition, Statistic } from "./alarm-definition.ts";

/** The states that occur here; `INSUFFICIENT_DATA` does not. */
export type AlarmStateValue = "OK" | "ALARM";

/** A change of an alarm's state, and its reason. */
export interface StateChange {
  readonly from: AlarmStateValue;
  readonly to: AlarmStateValue;
  readonly reason: string;
}

/** The data of a minute that begins at `fromMs`. */
interface Minute {
  readonly fromMs: number;
  samples: number;
  sum: number;
  min: number;
  max: number;
}

const MINUTE_MS = 60_000;
/** The start of the minute that contains `ms`; both in epoch milliseconds. */
export const minuteOf = (ms: number): number => Math.floor(ms / MINUTE_MS) * MINUTE_MS;
/** The start of the minute after that; both in epoch milliseconds. */
export const nextMinute = (ms: number): number => minuteOf(ms) + MINUTE_MS;

const VALUE_OF: Readonly<Record<Statistic, (of: Omit<Minute, "fromMs">) => number>> = {
  Average: ({ sum, samples }) => sum / samples,
  Maximum: ({ max }) => max,
  Minimum: ({ min }) => min,
  SampleCount: ({ samples }) => samples,
  Sum: ({ sum }) => sum,
};

/** One alarm's data and state over time. */
export class AlarmState {
  readonly definition: AlarmDefinition;
  readonly #startMs: number;
  /** Minutes with data, in order of time. */
  #minutes: Minute[] = [];
  #value: AlarmStateValue = "OK";

  /** @param startMs when the cloud started, in epoch milliseconds */
  constructor(definition: AlarmDefinition, startMs: number) {
    this.definition = definition;
    this.#startMs = startMs;
  }

  get value(): AlarmStateValue {
    return this.#value;
  }

  /** Takes a datum. @param atMs its time in epoch milliseconds; data come nearly in order of time */
  add(value: number, atMs: number): void {
    const fromMs = minuteOf(atMs);
    const minute = this.#minutes.find((one) => one.fromMs === fromMs);
    if (minute === undefined) {
      this.#minutes.push({ fromMs, samples: 1, sum: value, min: value, max: value });
      return;
    }
    minute.samples += 1;
    minute.sum += value;
    minute.min = Math.min(minute.min, value);
    minute.max = Math.max(minute.max, value);
  }

  /** Evaluates at a full minute, in epoch milliseconds. @returns undefined: the state has not changed */
  evaluate(nowMs: number): StateChange | undefined {
    const { periods, periodMs, datapoints } = this.definition;
    this.#minutes = this.#minutes.filter(({ fromMs }) => fromMs >= nowMs - periods * periodMs);
    const values = Array.from({ length: periods }, (_, i) => this.#valueOf(nowMs - (i + 1) * periodMs));
    const breaching = values.map((value, i) => this.#breaches(value, nowMs - (i + 1) * periodMs));
    const certain = breaching.filter((one) => one === true).length;
    const possible = breaching.filter((one) => one !== false).length;
    const to = certain >= datapoints ? "ALARM" : possible < datapoints ? "OK" : this.#value;
    const from = this.#value;
    if (to === from) return undefined;
    this.#value = to;
    return { from, to, reason: this.#reason(values, to) };
  }

  /** When the state may change next without new data, in epoch milliseconds; undefined: it cannot. */
  nextChange(nowMs: number): number | undefined {
    const { periods, periodMs, missing } = this.definition;
    const counted = Array.from({ length: periods + 1 }, (_, i) => i * periodMs);
    // A datum counts from the end of its minute on; a period without data from when it lies after the start.
    const edges = this.#minutes.map(({ fromMs }) => fromMs + MINUTE_MS);
    if (missing === "breaching") edges.push(nextMinute(this.#startMs - 1));
    const later = edges.flatMap((edge) => counted.map((ms) => edge + ms)).filter((ms) => ms > nowMs);
    return later.length === 0 ? undefined : Math.min(...later);
  }

  #valueOf(fromMs: number): number | undefined {
    const { periodMs, statistic } = this.definition;
    const inside = this.#minutes.filter((one) => one.fromMs >= fromMs && one.fromMs < fromMs + periodMs);
    if (inside.length === 0) return undefined;
    return VALUE_OF[statistic]({
      samples: inside.reduce((all, { samples }) => all + samples, 0),
      sum: inside.reduce((all, { sum }) => all + sum, 0),
      min: Math.min(...inside.map(({ min }) => min)),
      max: Math.max(...inside.map(({ max }) => max)),
    });
  }

  /** Whether a period breaches; undefined: it does not count. */
  #breaches(value: number | undefined, fromMs: number): boolean | undefined {
    const { comparison, threshold, missing } = this.definition;
    if (value !== undefined) return comparison.breaches(value, threshold);
    if (missing === "ignore") return undefined;
    return missing === "breaching" && fromMs >= this.#startMs;
  }

  /** The reason of a change, in CloudWatch's words. */
  #reason(values: readonly (number | undefined)[], to: AlarmStateValue): string {
    const { periods, datapoints, threshold, comparison, missing } = this.definition;
    const known = values.filter((value) => value !== undefined);
    if (known.length === 0)
      return `Threshold Crossed: no datapoints were received for ${periods} ${periods === 1 ? "period" : "periods"}, treated as ${missing}`;
    const compared = `${to === "OK" ? "not " : ""}${comparison.words} the threshold (${threshold})`;
    return `Threshold Crossed: ${datapoints} out of the last ${periods} datapoints [${known.join(", ")}] ${known.length === 1 ? "was" : "were"} ${compared}`;
  }
}
