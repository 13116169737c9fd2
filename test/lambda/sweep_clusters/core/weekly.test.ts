/** The weekly report: when it is put together, and of what. */
import type { Firing, Incident } from "../../../../lambda/core/incident.ts";
import { observe } from "../../../../lambda/core/observe.ts";
import type { Readings, StoredReading } from "../../../../lambda/sweep_clusters/core/ports.ts";
import { WeekTally, weeklySignals, weekToReport } from "../../../../lambda/sweep_clusters/core/weekly.ts";
import type { IncidentId, SweepSignal } from "../../../../lib/contract/incidents.ts";
import type { WeeklyReport } from "../../../../lib/contract/weekly.ts";
import { FACTS } from "../../send_cluster_mail/support/mail-contexts.ts";
import { view } from "./detect/views.ts";

const MONDAY_MS = Date.parse("2026-03-09T00:00:00Z");
const WEEK_MS = 7 * 86_400_000;
const HOUR_MS = 3_600_000;
const DUE_MS = MONDAY_MS + 7 * HOUR_MS;
const FROM_MS = MONDAY_MS - WEEK_MS;

const reading = (
  hour: number,
  temperatureC: number,
  changes: Partial<StoredReading> = {},
): StoredReading => ({
  node: 0,
  term: 1,
  measuredMs: FROM_MS + hour * HOUR_MS,
  temperatureC,
  ...changes,
});

const readingsOf = (...given: readonly StoredReading[]): Readings => ({
  count: async () => 0,
  async *pages() {
    yield given.slice(0, 1);
    yield given.slice(1);
  },
});

const config = {
  clusters: new Map([["kitchen", { nodes: 2, sleepS: 900 }]]),
  weekly: true,
  batteryEmptyMv: 4_600,
};
const policy = { channels: [{ id: "any-time", to: [] }], remindersMax: 5, stormLimit: 5, swept: true };
const SAMPLES = [
  { day: 20_514, mv: 4_900 },
  { day: 20_517, mv: 4_870 },
  { day: 20_520, mv: 4_840 },
];
const sweepAt = (nowMs: number, backend: readonly Incident[] = [], incidents: readonly Incident[] = []) => ({
  clusters: [{ ...view(), incidents, batteries: new Map([[0, SAMPLES]]) }],
  backend,
  policy,
  nowMs,
});

const incident = (id: IncidentId, number: number, changes: Partial<Firing> = {}): Firing => ({
  state: "firing",
  id,
  rev: 1,
  episode: { number, thread: 1, sinceMs: FROM_MS, openedMs: FROM_MS + HOUR_MS },
  since: { term: 0, atMs: FROM_MS },
  changedMs: FROM_MS,
  flaps: 0,
  facts: FACTS["node-dead"],
  channels: { "any-time": { through: number, mails: 4 } },
  ...changes,
});

/** The report as it is stored, once its signal was taken; told to the channel or not. */
function stored(signals: readonly SweepSignal[], told: boolean): Firing {
  const [signal] = signals;
  if (signal?.type !== "weekly") throw new Error("no report");
  const { report, received_at: nowMs } = signal;
  const id: IncidentId = { clusterId: "*", kind: "weekly", subject: report.from_ms / 1_000 };
  const surroundings = { channels: policy.channels, storm: false, clockMs: nowMs };
  const { next } = observe(id, undefined, { signal: "weekly", nowMs, report }, surroundings);
  if (next?.state !== "firing") throw new Error("not stored");
  const about = next.episode;
  const mail = { kind: "firing", about, flapping: false, reminders: 0, atMs: nowMs } as const;
  return told ? { ...next, channels: { "any-time": { through: 1, told: mail } } } : next;
}

const reportIn = ([signal]: readonly SweepSignal[]): WeeklyReport | undefined =>
  signal?.type === "weekly" ? signal.report : undefined;

const WARM = readingsOf(reading(1, 20), reading(1.25, 21.26), reading(100, 19.5, { node: 1, term: 2 }));

test.each([
  [MONDAY_MS + 7 * HOUR_MS - 1, undefined],
  [MONDAY_MS + 7 * HOUR_MS, FROM_MS],
  [MONDAY_MS + 31 * HOUR_MS - 1, FROM_MS],
  [MONDAY_MS + 31 * HOUR_MS, undefined],
  [MONDAY_MS + 6 * 24 * HOUR_MS, undefined],
])("at %d -> the week from %p", (nowMs, fromMs) => {
  expect(weekToReport(nowMs, [])?.fromMs).toBe(fromMs);
  expect(new Date(FROM_MS).getUTCDay()).toBe(1);
});

test("a cluster's first week -> due from its first reading on; lowest, mean, highest; a takeover; a battery's days", async () => {
  const signals = await weeklySignals({ config, readings: WARM }, sweepAt(DUE_MS));
  expect(reportIn(signals)).toMatchObject({ from_ms: FROM_MS, until_ms: MONDAY_MS, incidents: [] });
  const [week] = reportIn(signals)!.clusters;
  expect(week).toMatchObject({
    cluster_id: "kitchen",
    due: 4 * 167,
    stored: 3,
    temperatures_c: { lowest: 19.5, mean: 20.3, highest: 21.26 },
    failovers: 1,
    batteries: [{ node: 0, mv: 4_840, days_left: 24 }],
  });
  expect([week!.hourly_c[0], week!.hourly_c[1], week!.hourly_c[100]]).toEqual([null, 20.6, 19.5]);
  expect(week!.hourly_c).toHaveLength(168);
});

test("two nodes that both publish -> one failover, whatever the older one goes on to say", () => {
  const tally = new WeekTally(FROM_MS);
  for (const [hour, node, term] of [
    [1, 0, 4],
    [2, 1, 5],
    [3, 0, 4],
    [4, 1, 5],
    [5, 0, 6],
  ] as const)
    tally.add(reading(hour, 20, { node, term }));
  expect(tally.result(view(), { nodes: 2, sleepS: 900 }, 4_600, false)).toMatchObject({
    failovers: 2,
    due: 672,
  });
});

test("chips swapped for new ones, then a takeover -> counted, although terms began at 1 again; in a split nothing begins anew", () => {
  const failoversOf = (...read: readonly (readonly [hour: number, node: number, term: number])[]) => {
    const tally = new WeekTally(FROM_MS);
    for (const [hour, node, term] of read) tally.add(reading(hour, 20, { node, term }));
    return tally.result(view(), { nodes: 2, sleepS: 900 }, 4_600, false).failovers;
  };
  expect(failoversOf([1, 0, 33], [2, 0, 1], [3.5, 0, 1], [5, 1, 2], [6, 0, 3])).toBe(2);
  expect(failoversOf([1, 0, 7], [2, 1, 8], [2.1, 0, 7], [2.9, 1, 8], [3.2, 0, 7], [3.9, 1, 8])).toBe(1);
});

test("a pack that is far from empty -> no forecast: a straight line would promise months", async () => {
  const sweep = sweepAt(DUE_MS);
  const fresh = [0, 3, 6].map((day) => ({ day, mv: 5_300 - day * 10 }));
  const clusters = sweep.clusters.map((cluster) => ({ ...cluster, batteries: new Map([[0, fresh]]) }));
  const signals = await weeklySignals({ config, readings: WARM }, { ...sweep, clusters });
  expect(reportIn(signals)?.clusters[0]?.batteries).toEqual([{ node: 0, mv: 5_240, days_left: null }]);
});

test("nothing was ever read, and there was no report before -> none", async () => {
  expect(await weeklySignals({ config, readings: readingsOf() }, sweepAt(DUE_MS))).toEqual([]);
});

test("a silent week after a report -> a report of no reading, all of them due", async () => {
  const before = stored(await weeklySignals({ config, readings: WARM }, sweepAt(DUE_MS)), true);
  const next = await weeklySignals({ config, readings: readingsOf() }, sweepAt(DUE_MS + WEEK_MS, [before]));
  expect(reportIn(next)?.clusters[0]).toMatchObject({ stored: 0, due: 672, temperatures_c: null });
});

test("stored and told -> not put together again; stored and not told -> owed, as it was stored", async () => {
  const signals = await weeklySignals({ config, readings: WARM }, sweepAt(DUE_MS));
  const later = DUE_MS + HOUR_MS;
  const dependencies = { config, readings: readingsOf() };
  expect(await weeklySignals(dependencies, sweepAt(later, [stored(signals, true)]))).toEqual([]);
  const owed = await weeklySignals(dependencies, sweepAt(later + 3 * 24 * HOUR_MS, [stored(signals, false)]));
  expect(reportIn(owed)).toEqual(reportIn(signals));
});

test("turned off, or no readings to be read -> none", async () => {
  const off = { config: { ...config, weekly: false }, readings: WARM };
  expect(await weeklySignals(off, sweepAt(DUE_MS))).toEqual([]);
  expect(await weeklySignals({ config }, sweepAt(DUE_MS))).toEqual([]);
});

test("readings that cannot be read -> thrown, for the next sweep to try again", async () => {
  const readings: Readings = {
    count: async () => 0,
    // biome-ignore lint/correctness/useYield: it fails before its first page
    async *pages() {
      throw new Error("no answer");
    },
  };
  await expect(weeklySignals({ config, readings }, sweepAt(DUE_MS))).rejects.toThrow("no answer");
});

describe("incidents of the week", () => {
  const id = { clusterId: "kitchen", kind: "node-dead", subject: 0 } as const;
  const weekOf = async (backend: readonly Incident[], incidents: readonly Incident[], nowMs = DUE_MS) =>
    weeklySignals({ config, readings: WARM }, sweepAt(nowMs, backend, incidents));

  test("known since this week -> all of its episodes and mails", async () => {
    expect(reportIn(await weekOf([], [incident(id, 3)]))?.incidents).toEqual([
      {
        cluster_id: "kitchen",
        kind: "node-dead",
        subject: 0,
        firing: true,
        episodes_ever: 3,
        mails_ever: { "any-time": 4 },
        episodes: 3,
        mails: { "any-time": 4 },
      },
    ]);
  });

  test("in the report before already -> what has come since", async () => {
    const before = stored(await weekOf([], [incident(id, 3)]), true);
    const now = incident(id, 12, { channels: { "any-time": { through: 12, mails: 7 } } });
    const next = reportIn(await weekOf([before], [now], DUE_MS + WEEK_MS));
    expect(next?.incidents).toMatchObject([{ episodes: 9, mails: { "any-time": 3 }, episodes_ever: 12 }]);
  });

  test("older than the first report -> none of this week", async () => {
    const old = incident(id, 5, {
      episode: { number: 5, thread: 5, sinceMs: 0, openedMs: FROM_MS - HOUR_MS },
    });
    expect(reportIn(await weekOf([], [old]))?.incidents).toMatchObject([{ episodes: 0, firing: true }]);
  });
});
