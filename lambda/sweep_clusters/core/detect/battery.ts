/**
 * A pack that will be empty before long. Four NiMH cells lose a quarter of a volt from 90 % to 20 % of their charge, and
 * then fall (docs/battery-life.md): the voltage warns near the end, the trend before.
 */
import { at, type Finding } from "../finding.ts";
import type { BatterySample, ClusterView, Heartbeat } from "../view.ts";

/** 24 hours, in milliseconds. */
export const DAY_MS = 86_400_000;
/** Samples that are kept, one a day. */
export const SAMPLES_MAX = 14;

/** With so much above empty a fifth of the charge is left: two weeks of a primary. */
const LOW_ABOVE_MV = 280;
/** Above this a trend says nothing: a fresh pack falls as fast as one that is nearly empty. */
const TREND_ABOVE_MV = 400;
/** Recharged or exchanged: clear of everything that fires. */
const CLEAR_ABOVE_MV = 480;
/** A pack that has risen so much since yesterday is another one, or was charged: what was before says nothing of it. */
const CHARGED_MV = 100;
/** A pack falls by a few mV a day: what the same day's next reading exceeds by so much was a dip under load. */
const DIP_MV = 50;
const WARN_DAYS = 14;
const TREND_DAYS_MIN = 3;

/** Days until `emptyMv` by the straight line through the samples (least squares); null: too few, or it does not fall. */
export function daysLeft(samples: readonly BatterySample[], emptyMv: number): number | null {
  const first = samples[0];
  const last = samples.at(-1);
  if (first === undefined || last === undefined || last.day - first.day < TREND_DAYS_MIN) return null;
  const mean = (values: readonly number[]) => values.reduce((sum, value) => sum + value, 0) / values.length;
  const meanDay = mean(samples.map(({ day }) => day));
  const meanMv = mean(samples.map(({ mv }) => mv));
  const spread = samples.reduce((sum, { day }) => sum + (day - meanDay) ** 2, 0);
  const slope = samples.reduce((sum, { day, mv }) => sum + (day - meanDay) * (mv - meanMv), 0) / spread;
  if (slope >= 0) return null;
  const today = meanMv + slope * (last.day - meanDay);
  return Math.max(0, (today - emptyMv) / -slope);
}

/** The same, where the voltage is low enough for a straight line to tell: a fresh pack falls as fast. */
export const forecastDays = (samples: readonly BatterySample[], emptyMv: number): number | null =>
  (samples.at(-1)?.mv ?? 0) > emptyMv + TREND_ABOVE_MV ? null : daysLeft(samples, emptyMv);

/** The samples with today's, if today has none yet; undefined: nothing new. A dip is replaced by what follows it. */
export function sampled(
  samples: readonly BatterySample[],
  { batteryMv, receivedMs }: Heartbeat,
): readonly BatterySample[] | undefined {
  const day = Math.floor(receivedMs / DAY_MS);
  const newest = samples.at(-1);
  const isDip = newest?.day === day && batteryMv > newest.mv + DIP_MV;
  if (newest !== undefined && newest.day >= day && !isDip) return undefined;
  const kept = isDip ? samples.slice(0, -1) : samples;
  const last = kept.at(-1);
  const before = last !== undefined && batteryMv > last.mv + CHARGED_MV ? [] : kept;
  return [...before, { day, mv: batteryMv }].slice(-SAMPLES_MAX);
}

/** A node that says 0 mV does not measure its pack. Believed at the second reading: one may be a dip under load. */
export function batteries(
  { heartbeats, batteries: known }: ClusterView,
  emptyMv: number,
): readonly Finding[] {
  return heartbeats
    .filter(({ batteryMv }) => batteryMv > 0)
    .flatMap((heartbeat): Finding[] => {
      const { node, batteryMv, receivedMs } = heartbeat;
      const samples = known.get(node) ?? [];
      const left = daysLeft(sampled(samples, heartbeat) ?? samples, emptyMv);
      const about = { kind: "battery-low", subject: node, order: at(receivedMs) } as const;
      const low = batteryMv <= emptyMv + LOW_ABOVE_MV;
      const falling = left !== null && left < WARN_DAYS && batteryMv <= emptyMv + TREND_ABOVE_MV;
      // A straight line through a curve that bends down promises months where the voltage says weeks.
      if (low || falling)
        return [
          {
            ...about,
            fires: true,
            facts: { kind: "battery-low", node, batteryMv, daysLeft: falling ? left : null },
            evidence: { oldestMs: receivedMs, newestMs: receivedMs, says: "low" },
          },
        ];
      return [{ ...about, fires: false, ...(batteryMv < emptyMv + CLEAR_ABOVE_MV ? { stays: true } : {}) }];
    });
}
