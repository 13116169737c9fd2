import { after, type Instant, minutes, START } from "../../../simulator/engine/time.ts";
import type { NodeEvent } from "../../../simulator/node/node-event.ts";
import type { Change, Decision } from "../../../simulator/protocol/effects.ts";
import type { Metric } from "../../../simulator/scenario/expectations.ts";
import { compareReadings, Score } from "../../../simulator/scenario/score.ts";

const EPOCH_MS = Date.UTC(2026, 0, 1);
const TERM = 7;
const at = (minute: number): Instant => after(START, minutes(minute));

const simple = (
  minute: number,
  node: number,
  kind: "acting" | "stopped-acting" | "hung" | "frozen" | "never-wakes" | "powered-on" | "powered-off",
) => ({ at: at(minute), node, kind }) as const;
const reset = (minute: number, node: number, cause: "watchdog" | "brown-out" | "pin" | "soft") =>
  ({ at: at(minute), node, kind: "reset", cause }) as const;

/** A reading as it was at that minute, unless told otherwise. */
const payloadOf = (minute: number, changes: { measuredAt?: number; celsius?: number; seq?: number } = {}) =>
  JSON.stringify({
    measured_at: new Date(EPOCH_MS + (changes.measuredAt ?? minute) * 60_000).toISOString(),
    temperature_c: changes.celsius ?? 21,
    seq: changes.seq ?? minute,
  });
const delivered = (minute: number, node: number, payload = payloadOf(minute)) =>
  ({ at: at(minute), node, kind: "delivered", channel: "reading", payload }) as const;
const event = (minute: number, node: number, kind: "delivered" | "published") =>
  ({ at: at(minute), node, kind, channel: "event", payload: "{}" }) as const;
const published = (minute: number, node: number, payload = payloadOf(minute)) =>
  ({ at: at(minute), node, kind: "published", channel: "reading", payload }) as const;
const failed = (
  minute: number,
  node: number,
  channel: "reading" | "event" = "reading",
  payload = payloadOf(minute),
) => ({ at: at(minute), node, kind: "publish-failed", channel, payload, why: "" }) as const;

const decided = (minute: number, node: number, ...changes: Change[]): NodeEvent => {
  const decision: Decision = {
    role: "primary",
    why: "checked",
    term: TERM,
    formatted: false,
    changes,
    unwritable: [],
    counts: [],
  };
  return { at: at(minute), node, kind: "decided", decision };
};
const expelled = (minute: number, by: number, node: number) =>
  decided(minute, by, { kind: "expelled", node });
const tookOver = (minute: number, node: number, from: number) =>
  decided(minute, node, { kind: "expelled", node: from }, { kind: "took-over", node: from });

const scoreOf = (events: readonly NodeEvent[], temperature: (at: Instant) => number = () => 21): Score => {
  const score = new Score({ epochMs: EPOCH_MS, temperature, periodS: 900 });
  for (const event of events) score.note(event);
  return score;
};
/** All that the cloud took is stored. */
const metricsOf = (score: Score, end = at(17)): Record<Metric, number> =>
  score.metrics({ stored: score.published.length, mails: [], queued: 0 }, end);

describe("readings that were due", () => {
  test.each<[string, NodeEvent[], number, number]>([
    ["delivered, and PUBACK", [delivered(1, 0), published(1, 0)], 1, 1],
    ["no connection", [{ at: at(1), node: 0, kind: "connect-failed", why: "" }], 1, 0],
    ["no temperature", [{ at: at(1), node: 0, kind: "sensor-failed", why: "" }], 1, 0],
    ["neither delivered nor PUBACK", [failed(1, 0)], 1, 0],
    ["delivered, and no PUBACK", [delivered(1, 0), failed(1, 0)], 1, 1],
    ["delivered, and the node died before PUBACK", [delivered(1, 0), simple(1, 0, "powered-off")], 1, 1],
    ["a time that was not told", [{ at: at(1), node: 0, kind: "clock-unset" }], 0, 0],
    ["an event", [event(1, 0, "delivered"), event(1, 0, "published")], 0, 0],
    ["an event without PUBACK", [failed(1, 0, "event")], 0, 0],
  ])("%s -> due and taken so often", (_, events, due, taken) => {
    const score = scoreOf(events);
    expect(score.published).toHaveLength(taken);
    expect(metricsOf(score)).toMatchObject({ "readings due": due, "readings lost": due - taken });
  });

  test.each([
    ["no reading is wanted for two hours", [delivered(1, 0), delivered(121, 0)], 122, 9],
    ["a takeover", [delivered(1, 0), delivered(27, 1)], 28, 3],
    ["none comes any more", [delivered(1, 0)], 121, 8],
  ] as const)("%s -> one is due for each period since the first", (_, events, end, due) => {
    const metrics = metricsOf(scoreOf(events), at(end));
    expect(metrics).toMatchObject({ "readings due": due, "readings lost": due - events.length });
  });

  test("taken by the cloud and not stored -> lost", () => {
    const score = scoreOf([delivered(1, 0), delivered(16, 0)]);
    expect(score.metrics({ stored: 1, mails: [], queued: 1 }, at(20))).toMatchObject({
      "readings due": 2,
      "readings stored": 1,
      "readings lost": 1,
      "error queue": 1,
    });
  });
});

describe("readings duplicated", () => {
  test("sent again because PUBACK was lost -> counted once as taken, once as a duplicate", () => {
    const score = scoreOf([delivered(1, 0), delivered(2, 0, payloadOf(1)), published(2, 0, payloadOf(1))]);
    expect(score.published).toHaveLength(1);
    expect(metricsOf(score)).toMatchObject({
      "readings due": 1,
      "readings lost": 0,
      "readings duplicated": 1,
    });
  });

  test("the same from another node -> not a duplicate", () => {
    expect(metricsOf(scoreOf([delivered(1, 0), delivered(1, 1, payloadOf(1))]))["readings duplicated"]).toBe(
      0,
    );
  });

  test("an event that comes twice -> none", () => {
    const twice = scoreOf([event(1, 0, "delivered"), event(1, 0, "delivered")]);
    expect(metricsOf(twice)["readings duplicated"]).toBe(0);
  });
});

describe("readings held against the truth", () => {
  test.each([
    [0, 0],
    [0.99, 0],
    [-0.99, 0],
    [1.01, 1],
    [-1.01, 1],
    [-13_000_000, 1],
  ])("measured_at %p minutes off -> mistimed %p", (off, mistimed) => {
    const score = scoreOf([delivered(60, 0, payloadOf(60, { measuredAt: 60 + off }))]);
    expect(metricsOf(score)["readings mistimed"]).toBe(mistimed);
  });

  test.each([
    [21.5, 0],
    [20.5, 0],
    [21.51, 1],
    [20.49, 1],
    [85, 1],
  ])("%p °C where it is 21 -> untrue %p", (celsius, untrue) => {
    expect(metricsOf(scoreOf([delivered(1, 0, payloadOf(1, { celsius }))]))["readings untrue"]).toBe(untrue);
  });

  test("the temperature jumps between measuring and publishing -> still true", () => {
    const jumps = (when: Instant) => (when < at(1) ? 21 : 30);
    expect(metricsOf(scoreOf([delivered(1, 0)], jumps))["readings untrue"]).toBe(0);
    expect(metricsOf(scoreOf([delivered(2, 0)], jumps))["readings untrue"]).toBe(1);
  });
});

describe("longest gap", () => {
  const gap = (end: number, ...readings: NodeEvent[]) => metricsOf(scoreOf(readings), at(end))["longest gap"];

  test("none at all -> 0", () => {
    expect(gap(500)).toBe(0);
  });

  test("before the first reading -> does not count", () => {
    expect(gap(45, delivered(30, 0), delivered(45, 0))).toBe(900);
  });

  test("between two, whoever sends them -> the longest in seconds", () => {
    expect(gap(80, delivered(0, 0), delivered(15, 0), delivered(65, 1), delivered(80, 1))).toBe(3_000);
  });

  test("from the last one to the end of the run -> counts", () => {
    expect(gap(120, delivered(0, 0), delivered(15, 0))).toBe(6_300);
  });

  test("a duplicate in between -> does not end it", () => {
    expect(gap(60, delivered(0, 0), delivered(30, 0, payloadOf(0)), delivered(60, 0))).toBe(3_600);
  });
});

describe("how many hold the role at once", () => {
  test("two that act and have not stopped -> 2, also once one of them has", () => {
    const score = scoreOf([simple(0, 0, "acting"), simple(5, 1, "acting"), simple(6, 0, "stopped-acting")]);
    expect(score.maxConcurrentPrimaries).toBe(2);
    expect(score.primaries).toEqual([1]);
  });

  test.each<[string, NodeEvent]>([
    ["finds that it is not", simple(1, 0, "stopped-acting")],
    ["hangs", simple(1, 0, "hung")],
    ["freezes", simple(1, 0, "frozen")],
    ["never wakes", simple(1, 0, "never-wakes")],
    ["is switched off", simple(1, 0, "powered-off")],
    ["runs out of charge", { at: at(1), node: 0, kind: "battery-flat" }],
    ["is reset", reset(1, 0, "watchdog")],
  ])("one that acts %s, then another acts -> 1", (_, end) => {
    const score = scoreOf([simple(0, 0, "acting"), end, simple(2, 1, "acting")]);
    expect(metricsOf(score)["primaries at once"]).toBe(1);
    expect(score.primaries).toEqual([1]);
  });

  test("one that acts at every wake -> 1; none -> 0", () => {
    expect(scoreOf([simple(0, 0, "acting"), simple(15, 0, "acting")]).maxConcurrentPrimaries).toBe(1);
    expect(scoreOf([]).maxConcurrentPrimaries).toBe(0);
    expect(scoreOf([]).primaries).toEqual([]);
  });

  test("primaries at the end -> by number, whoever came first", () => {
    expect(scoreOf([simple(0, 3, "acting"), simple(1, 1, "acting")]).primaries).toEqual([1, 3]);
  });
});

describe("who uses the role, and under which term", () => {
  const acts = (minute: number, node: number, term: number): NodeEvent => {
    const event = decided(minute, node) as NodeEvent & { kind: "decided" };
    return { ...event, decision: { ...event.decision, term } };
  };
  const asleep = (minute: number, node: number): NodeEvent => ({ at: at(minute), node, kind: "asleep" });

  test("both before one is asleep again -> 2 at once; one after another -> 1", () => {
    expect(metricsOf(scoreOf([acts(0, 0, 1), acts(0.1, 1, 2)]))["acting at once"]).toBe(2);
    expect(metricsOf(scoreOf([acts(0, 0, 1), asleep(0.1, 0), acts(0.1, 1, 2)]))["acting at once"]).toBe(1);
  });

  test.each([
    ["its own again, or a higher one", [acts(0, 0, 1), acts(15, 0, 1), acts(20, 1, 2)], 0],
    ["that of another", [acts(0, 0, 1), acts(15, 1, 1)], 1],
    ["one below that of another", [acts(0, 0, 3), acts(15, 1, 2), acts(30, 1, 2)], 2],
    ["none, in a protocol without", [acts(0, 0, 0), acts(15, 1, 0)], 0],
  ])("acts under %s", (_, events, stale) => {
    expect(metricsOf(scoreOf(events))["stale acts"]).toBe(stale);
  });
});

describe("failovers", () => {
  test("a takeover -> who, when, and the outage from the last reading to the new primary's first", () => {
    const score = scoreOf([delivered(45, 0), tookOver(88, 1, 0), delivered(89, 1), delivered(104, 1)]);
    expect(score.failovers).toEqual([
      { at: at(88), from: 0, to: 1, term: TERM, since: at(45), outageS: 44 * 60 },
    ]);
    expect(metricsOf(score).failovers).toBe(1);
  });

  test("no reading since -> the outage is open", () => {
    expect(scoreOf([delivered(45, 0), tookOver(88, 1, 0)]).failovers).toMatchObject([{ outageS: null }]);
  });

  test("no reading before it -> counted from the start of the run", () => {
    expect(scoreOf([tookOver(88, 1, 0), delivered(90, 1)]).failovers).toMatchObject([
      { since: START, outageS: 90 * 60 },
    ]);
  });

  test("the old primary speaks once more -> does not end the outage of the new one", () => {
    const score = scoreOf([delivered(45, 0), tookOver(88, 1, 0), delivered(89, 0)]);
    expect(score.failovers).toMatchObject([{ outageS: null }]);
  });

  test("there and back -> two, each with its own outage", () => {
    const score = scoreOf([
      delivered(0, 0),
      tookOver(40, 1, 0),
      delivered(41, 1),
      tookOver(100, 0, 1),
      delivered(102, 0),
    ]);
    expect(score.failovers.map(({ from, to, outageS }) => [from, to, outageS])).toEqual([
      [0, 1, 41 * 60],
      [1, 0, 61 * 60],
    ]);
  });

  test("suspected, cleared, expelled, corrected -> no failover", () => {
    const kinds = ["suspected", "cleared", "expelled", "primary-corrected"] as const;
    expect(scoreOf([decided(1, 1, ...kinds.map((kind) => ({ kind, node: 0 })))]).failovers).toEqual([]);
  });
});

describe("expelled", () => {
  const counted = (...events: NodeEvent[]) => {
    const { expelled, "wrongly expelled": wrongly } = metricsOf(scoreOf(events));
    return { expelled, wrongly };
  };

  test("a node that has power and whose firmware runs -> wrongly", () => {
    expect(counted(simple(0, 0, "powered-on"), expelled(30, 1, 0))).toEqual({ expelled: 1, wrongly: 1 });
  });

  test("a node that never had power -> not wrongly", () => {
    expect(counted(expelled(30, 1, 0))).toEqual({ expelled: 1, wrongly: 0 });
  });

  test.each(["hung", "frozen", "never-wakes", "powered-off"] as const)(
    "a node that is %s -> rightly",
    (state) => {
      expect(counted(simple(0, 0, "powered-on"), simple(1, 0, state), expelled(30, 1, 0))).toEqual({
        expelled: 1,
        wrongly: 0,
      });
    },
  );

  test.each<[string, NodeEvent]>([
    ["reset", reset(2, 0, "pin")],
    ["switched on again", simple(2, 0, "powered-on")],
    [
      "freed by a person who typed reset_node",
      { at: at(2), node: 0, kind: "reset-node", subject: 0, outcome: { done: true, unwritable: [] } },
    ],
  ])("a node that hung and was %s -> it runs again, so wrongly", (_, again) => {
    const events = [simple(0, 0, "powered-on"), simple(1, 0, "hung"), again, expelled(30, 1, 0)];
    expect(counted(...events)).toEqual({ expelled: 1, wrongly: 1 });
  });
});

test("resets -> the watchdog's and brown-outs are counted, a person's are not", () => {
  const causes = ["watchdog", "brown-out", "brown-out", "pin", "soft"] as const;
  expect(metricsOf(scoreOf(causes.map((cause) => reset(1, 0, cause)))).resets).toBe(3);
});

test("mails and queued messages -> by kind, as the cloud counted them", () => {
  const mails = ["firing", "resolved", "firing", "test"].map((kind) => ({ kind }));
  expect(scoreOf([]).metrics({ stored: 0, mails, queued: 4 }, at(1))).toMatchObject({
    "firing mails": 2,
    "resolved mails": 1,
    "error queue": 4,
  });
});

describe("mails by the article's rule", () => {
  const told = (minute: number, node: number, type: string, subject: number, neverAdmitted: number[] = []) =>
    ({
      ...event(minute, node, "delivered"),
      payload: JSON.stringify({ type, subject, state: { never_admitted: neverAdmitted } }),
    }) as const;

  test.each<[string, NodeEvent[], number]>([
    ["nobody is dead", [delivered(0, 0), delivered(15, 0)], 0],
    [
      "a node is dead for two wakes, told once",
      [delivered(0, 0), told(15, 0, "node_dead", 1), delivered(15, 0), delivered(30, 0)],
      2,
    ],
    ["told at each", [15, 30].flatMap((at) => [told(at, 0, "node_dead", 1), delivered(at, 0)]), 2],
    [
      "it is admitted again",
      [
        ...[told(15, 0, "node_dead", 1), delivered(15, 0)],
        ...[told(30, 0, "node_admitted", 1), delivered(30, 0), delivered(45, 0)],
      ],
      1,
    ],
    [
      "two of three are dead",
      [told(15, 0, "node_dead", 1), told(15, 0, "node_dead", 2), delivered(15, 0)],
      2,
    ],
    [
      "each of two holds the other to be dead",
      [told(15, 0, "node_dead", 1), delivered(15, 0), told(20, 1, "node_dead", 0), delivered(20, 1)],
      2,
    ],
    ["the same reading comes twice", [told(15, 0, "node_dead", 1), delivered(15, 0), delivered(15, 0)], 1],
    ["a seat that was never taken", [told(15, 0, "node_dead", 1, [1]), delivered(15, 0)], 0],
    ["a sensor fails", [told(15, 0, "sensor_failed", 0), delivered(15, 0)], 0],
  ])("%s -> counted at each of the primary's wakes", (_, events, mails) => {
    expect(scoreOf(events).articleMails).toBe(mails);
  });
});

describe("compareReadings", () => {
  const sent = {
    v: 1,
    measured_at: "2026-01-01T00:00:00.000Z",
    temperature_c: 21.5,
    seq: 0,
    term: 0,
    sleep_s: 900,
    battery_mv: 5_000,
    unwritable_eeproms: 0,
    suspects: 0,
  };
  const readings = [{ node: 0, payload: JSON.stringify(sent) }];
  const { v: _, ...fields } = sent;
  const stored = (changes: Record<string, unknown>, key = "2026-01-01T00:00:00.000Z#0") =>
    new Map([[key, { cluster_id: "kitchen", node: 0, ...fields, ...changes }]]);

  test("every field as it was sent, and more beside -> stored", () => {
    expect(compareReadings(readings, stored({ received_at: 1 }))).toBe(1);
  });

  test.each<[string, ReadonlyMap<string, Record<string, unknown>>]>([
    ["nothing there", new Map()],
    ["another temperature", stored({ temperature_c: 121.5 })],
    ["a number as text", stored({ seq: "0" })],
    ["a field missing", stored({ battery_mv: undefined })],
    ["another node's", stored({ node: 1 })],
    ["under another key", stored({}, "2026-01-01T00:00:00.000Z#1")],
  ])("%s -> not stored", (_case, table) => {
    expect(compareReadings(readings, table)).toBe(0);
  });
});
