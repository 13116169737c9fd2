/** What cannot import `simulator/protocol/timing.ts`, and has to agree with it. */
import { readFileSync } from "node:fs";
import { join } from "node:path";
import {
  BESIDE_PERIODS,
  LONE_PERIODS,
  SETTLE_MS,
} from "../../lambda/sweep_clusters/core/detect/split-brain.ts";
import { ABSENT_PERIODS } from "../../lambda/sweep_clusters/core/memory.ts";
import { SILENCE_PERIODS } from "../../lib/contract/messages.ts";
import { actsWithinS } from "../../simulator/protocol/hardened/bounds.ts";
import { HARDENED } from "../../simulator/protocol/hardened/hardened.ts";
import {
  assertTiming,
  brokenInequalities,
  DRIFT_SHARE,
  MISSES,
  PERIOD_S,
  SETTLE_S,
  TIMING,
  type Timing,
  WATCHDOG_S,
} from "../../simulator/protocol/timing.ts";

const root = join(__dirname, "..", "..");

test("the sweep's settle time -> the protocol's", () => {
  expect(SETTLE_MS).toBe(SETTLE_S * 1_000);
});

test("two publish within so many periods that one cannot have taken over -> less than the misses it takes", () => {
  expect(BESIDE_PERIODS).toBeLessThan(MISSES);
});

test("one publishes alone until a split counts as healed -> for longer than a takeover takes", () => {
  expect(LONE_PERIODS * PERIOD_S).toBeGreaterThan(actsWithinS(TIMING));
});

test("a cluster is silent -> after the longest takeover, in whole sleeps", () => {
  expect(SILENCE_PERIODS).toBe(Math.ceil(actsWithinS(TIMING) / PERIOD_S));
});

test("nobody is heard -> noted so early that a node which publishes is heard before a split counts as healed", () => {
  const slowestWakeS = PERIOD_S * (1 + DRIFT_SHARE) + WATCHDOG_S;
  expect((LONE_PERIODS - ABSENT_PERIODS) * PERIOD_S).toBeGreaterThan(slowestWakeS);
});

test("the clusters of cdk.json -> sleep for the period", () => {
  const { context } = JSON.parse(readFileSync(join(root, "cdk.json"), "utf8"));
  const sleeps = Object.values<{ sleep_s: number }>(context.ha2m.clusters).map(({ sleep_s }) => sleep_s);
  expect(new Set(sleeps)).toEqual(new Set([PERIOD_S]));
});

test("the hardened protocol's watchdog -> the longest wake of its timing", () => {
  expect([HARDENED.watchdogS, TIMING.awakeS]).toEqual([WATCHDOG_S, WATCHDOG_S]);
});

test("the figures in docs/failure-matrix.md -> those of the timing", () => {
  const matrix = readFileSync(join(root, "docs", "failure-matrix.md"), "utf8");
  expect(matrix).toContain(
    `With sleeps of ${PERIOD_S} s that are at most 5 % too long, a settle sleep of ${SETTLE_S} s and wakes of at most ${WATCHDOG_S} s`,
  );
  expect(matrix).toContain(`${Math.round(actsWithinS(TIMING)).toLocaleString("en")} s`);
});

test.each<[string, Partial<Timing>, RegExp]>([
  ["a watchdog as long as a fast settle sleep", { awakeS: 114 }, /^a settle sleep, however short/],
  ["a period of three minutes", { periodS: 180 }, /^a settle sleep and a wake are over before/],
  ["timers wrong by a third", { driftShare: 1 / 3 }, /^a slow node wakes at least once/],
])("%s -> the inequality that it breaks", (_, change, expected) => {
  const timing = { ...TIMING, ...change };
  expect(brokenInequalities(timing)).toContainEqual(expect.stringMatching(expected));
  expect(() => assertTiming(timing)).toThrow(/protocol\/timing\.ts/);
});

test("the shipped timing -> breaks none", () => {
  expect(brokenInequalities(TIMING)).toEqual([]);
});
