/** From what happens to a bill: hand-counted cases, and the figures that the README gives. */
import * as fc from "fast-check";
import { billOf, dollars, PRICES } from "../../../simulator/cost/bill.ts";
import {
  type Month,
  monthOf,
  NOTHING_STANDING,
  type Traffic,
  usageOf,
} from "../../../simulator/cost/usage.ts";

/** The story of two days as it was counted against the local cloud, request by request. */
const COUNTED: Traffic = {
  connects: 189,
  readings: 189,
  events: 2,
  signals: 0,
  mails: 2,
  recipients: 1,
  sweeps: 193,
  clustersPerSweep: 1,
  hourlySweeps: 49,
  batterySamples: 3,
  queues: 4,
  busEvents: 0,
  notices: 0,
  noticeMails: 0,
  basicIngest: false,
};
const MONTH: Month = {
  clusters: 1,
  nodes: 2,
  readingsPerDay: 96,
  failoversPerMonth: 1,
  mailsPerMonth: 2,
  recipients: 1,
  sweepMinutes: 15,
  queues: 4,
  eventBus: false,
  notified: false,
  noticeMails: 0,
  alarmed: 1,
  clustersPerDeployment: 80,
  basicIngest: false,
};

test("two days as they were counted -> the requests that the local cloud took", () => {
  expect(usageOf(COUNTED)).toMatchObject({
    messages: 380,
    rulesTriggered: 191,
    actions: 380,
    // 378 PutItems by the rule; per mail a PutItem and an UpdateItem; 3 samples.
    writeUnits: 385,
    // 193 Queries of half a unit by the sweeps, two more each by 49 of them, 2 consistent ones by the sender, and what each
    // of 2 mails says of its cluster.
    readUnits: 154.5,
    lambdaRequests: 195,
    schedulerInvocations: 193,
    // 49 sweeps that count what waits in each of the four queues.
    queueRequests: 196,
    mails: 2,
  });
});

test("Basic Ingest -> the readings are no messages, and nothing else changes", () => {
  const broker = usageOf(COUNTED);
  expect(usageOf({ ...COUNTED, basicIngest: true })).toEqual({ ...broker, messages: broker.messages - 189 });
});

test("a month of one cluster -> 2,920 readings, and a sweep each quarter of an hour", () => {
  expect(monthOf(MONTH)).toMatchObject({ connects: 2_920, readings: 2_920, events: 2, signals: 0, mails: 2 });
  expect(monthOf(MONTH).sweeps).toBeCloseTo(2_920);
});

test("more mails than events -> the others are the sweep's signals", () => {
  expect(monthOf({ ...MONTH, mailsPerMonth: 7 })).toMatchObject({ events: 2, signals: 5, mails: 7 });
});

test("more clusters than a deployment holds -> as many deployments, each with its sweeps", () => {
  const { sweeps, clustersPerSweep } = monthOf({ ...MONTH, clusters: 200 });
  expect(sweeps).toBeCloseTo(3 * 2_920);
  expect(clustersPerSweep).toBeCloseTo(200 / 3);
});

test("a month of one cluster -> the lines of the README, in dollars", () => {
  const bill = billOf(usageOf(monthOf(MONTH), { ...NOTHING_STANDING, readingsKept: 365 * 96 }));
  const usd = (metered: string) => dollars(bill.lines.find((line) => line.metered === metered)!.usd);
  expect(
    Object.fromEntries(
      ["connectionMinutes", "messages", "rulesTriggered", "actions", "writeUnits", "mails"].map((name) => [
        name,
        usd(name),
      ]),
    ),
  ).toEqual({
    connectionMinutes: "$0.00023",
    messages: "$0.0058",
    rulesTriggered: "$0.00044",
    actions: "$0.00088",
    writeUnits: "$0.0037",
    mails: "$0.00032",
  });
  expect(bill.usd).toBeGreaterThan(0.02);
  expect(bill.usd).toBeLessThan(0.04);
});

test("the published design, a mail at every wake of a month -> the 46 cents that it cost", () => {
  const lines = billOf(usageOf({ ...COUNTED, mails: 2_880 })).lines;
  expect(dollars(lines.find(({ metered }) => metered === "mails")!.usd)).toBe("$0.46");
});

test("every price -> on the bill once, above nothing, with a source", () => {
  const lines = billOf(usageOf(COUNTED)).lines.map(({ metered }) => metered);
  expect(lines.toSorted()).toEqual(Object.keys(PRICES.prices).toSorted());
  for (const { usd, per, source } of Object.values(PRICES.prices)) {
    expect(usd).toBeGreaterThan(0);
    expect(per).toBeGreaterThan(0);
    expect(source).toMatch(/^https:\/\/aws\.amazon\.com\//);
  }
});

test("the sum -> that of the lines, and twice the traffic costs twice as much", () => {
  const count = fc.integer({ min: 0, max: 1_000_000 });
  fc.assert(
    fc.property(count, count, count, (readings, mails, sweeps) => {
      // Signals enough for the mails: what is not mailed costs a write as well.
      const traffic = { ...COUNTED, readings, mails, signals: mails, sweeps };
      const { events, signals, connects, hourlySweeps, batterySamples } = traffic;
      const twice = {
        ...traffic,
        readings: 2 * readings,
        mails: 2 * mails,
        sweeps: 2 * sweeps,
        events: 2 * events,
        signals: 2 * signals,
        connects: 2 * connects,
        hourlySweeps: 2 * hourlySweeps,
        batterySamples: 2 * batterySamples,
      };
      const bill = billOf(usageOf(traffic));
      expect(bill.usd).toBeCloseTo(bill.lines.reduce((sum, { usd }) => sum + usd, 0));
      expect(billOf(usageOf(twice)).usd).toBeCloseTo(2 * bill.usd);
    }),
  );
});

describe("what is always free -> as much of it as is used", () => {
  const standing = (alarms: number, metrics: number, dashboards: number) =>
    billOf(usageOf(monthOf(MONTH), { ...NOTHING_STANDING, alarms, metrics, dashboards }));

  test("alarms, metrics and dashboards beyond it, and within", () => {
    expect(standing(24, 12, 4)).toMatchObject({
      standingUsd: expect.closeTo(2.4 + 3.6 + 12),
      standingFreeUsd: expect.closeTo(1 + 3 + 9),
    });
    const home = standing(10, 2, 0);
    expect(home.standingUsd).toBeCloseTo(1.6);
    expect(home.standingUsd - home.standingFreeUsd).toBe(0);
  });

  test("a month of one cluster -> connections, messages, writes, reads and mails are left to pay", () => {
    const { usd, freeUsd, lines } = standing(10, 1, 0);
    const left = lines.filter((line) => line.usd - line.freeUsd > 0).map(({ metered }) => metered);
    expect(left.toSorted()).toEqual([
      "actions",
      "connectionMinutes",
      "mails",
      "messages",
      "readUnits",
      "rulesTriggered",
      "writeUnits",
    ]);
    expect(usd - freeUsd).toBeLessThan(0.02);
  });
});

test.each([
  [10_000, 3_000],
  [10_001, 3_000.1],
  [250_000, 3_000 + 24_000],
  [1_000_000, 3_000 + 24_000 + 37_500],
  [2_000_000, 3_000 + 24_000 + 37_500 + 20_000],
])("%d metrics -> %d dollars, each tier's part at its own price", (metrics, usd) => {
  const { lines } = billOf(usageOf(monthOf(MONTH), { ...NOTHING_STANDING, metrics }));
  expect(lines.find(({ metered }) => metered === "metrics")?.usd).toBeCloseTo(usd);
});

test("notices of mails by a bus and SNS -> an event a decision, a publish a mail, and a mail to each who is mailed", () => {
  const told = { ...MONTH, clusters: 3, eventBus: true, notified: true, noticeMails: 2, mailsPerMonth: 7 };
  const usage = usageOf(monthOf(told));
  // 21 mails, and an alarm with its end; that goes to one address.
  expect(usage).toMatchObject({ busEvents: 21, notices: 23, noticeMails: 2 * 21 + 2 });
  expect(usageOf(monthOf(MONTH))).toMatchObject({ busEvents: 0, notices: 2, noticeMails: 2 });
});

test.each([
  [0, "$0"],
  [0.000_234, "$0.00023"],
  [0.0029, "$0.0029"],
  [0.04, "$0.040"],
  [0.0996, "$0.10"],
  [0.46, "$0.46"],
  [12.345, "$12.35"],
  [12_345.6, "$12,345.60"],
])("%d dollars -> %s", (usd, text) => expect(dollars(usd)).toBe(text));
