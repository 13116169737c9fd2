import { after, type Instant, minutes, START } from "../../../simulator/engine/time.ts";
import type { NodeEvent } from "../../../simulator/node/virtual-node.ts";
import type { Change, Decision } from "../../../simulator/protocol/effects.ts";
import { compareReadings, Score } from "../../../simulator/scenario/score.ts";

const at = (minute: number): Instant => after(START, minutes(minute));

const simple = (minute: number, node: number, kind: "acting" | "stopped-acting" | "hung" | "powered-off") =>
  ({ at: at(minute), node, kind }) as const;
const published = (minute: number, node: number, channel: "reading" | "event" = "reading") =>
  ({ at: at(minute), node, kind: "published", channel, payload: "{}" }) as const;
const decided = (minute: number, node: number, ...changes: Change[]): NodeEvent => {
  const decision: Decision = {
    role: "primary",
    why: "checked",
    formatted: false,
    changes,
    unwritable: [],
    counts: [],
  };
  return { at: at(minute), node, kind: "decided", decision };
};
const tookOver = (minute: number, node: number, from: number) =>
  decided(minute, node, { kind: "expelled", node: from }, { kind: "took-over", node: from });

const scoreOf = (...events: NodeEvent[]): Score => {
  const score = new Score();
  for (const event of events) score.note(event);
  return score;
};

describe("readings that were due", () => {
  test.each<[string, NodeEvent, Partial<Score>]>([
    ["published", published(1, 0), { expected: 1 }],
    ["no connection", { ...at0("connect-failed"), why: "" }, { expected: 1, connectFailures: 1 }],
    ["no temperature", { ...at0("sensor-failed"), why: "" }, { expected: 1, sensorFailures: 1 }],
    [
      "no PUBACK",
      { ...at0("publish-failed"), channel: "reading", payload: "{}" },
      { expected: 1, publishFailures: 1 },
    ],
    [
      "an event without PUBACK",
      { ...at0("publish-failed"), channel: "event", payload: "{}" },
      { expected: 0, publishFailures: 1 },
    ],
    ["an event", published(1, 0, "event"), { expected: 0, eventsPublished: 1 }],
  ])("%s -> counted as what it is", (_, event, counts) => {
    expect(scoreOf(event)).toMatchObject(counts);
    expect(scoreOf(event).published).toHaveLength(
      event.kind === "published" && counts.expected === 1 ? 1 : 0,
    );
  });
});

function at0<Kind extends string>(kind: Kind) {
  return { at: START, node: 0, kind } as const;
}

describe("how many hold the role at once", () => {
  test("two that act and have not stopped -> 2, also once one of them has", () => {
    expect(
      scoreOf(simple(0, 0, "acting"), simple(5, 1, "acting"), simple(6, 0, "stopped-acting"))
        .maxConcurrentPrimaries,
    ).toBe(2);
  });

  test.each(["stopped-acting", "hung", "powered-off"] as const)("%s, then another acts -> 1", (end) => {
    expect(scoreOf(simple(0, 0, "acting"), simple(1, 0, end), simple(2, 1, "acting"))).toMatchObject({
      maxConcurrentPrimaries: 1,
    });
  });

  test("one that acts at every wake -> 1; none -> 0", () => {
    expect(scoreOf(simple(0, 0, "acting"), simple(15, 0, "acting")).maxConcurrentPrimaries).toBe(1);
    expect(scoreOf().maxConcurrentPrimaries).toBe(0);
  });
});

describe("failovers", () => {
  test("a takeover -> who, when, and the outage from the last reading to the new primary's first", () => {
    const score = scoreOf(published(45, 0), tookOver(88, 1, 0), published(89, 1), published(104, 1));
    expect(score.failovers).toEqual([
      { at: at(88), from: 0, to: 1, term: 0, since: at(45), outageS: 44 * 60 },
    ]);
  });

  test("no reading since -> the outage is open", () => {
    expect(scoreOf(published(45, 0), tookOver(88, 1, 0)).failovers).toMatchObject([{ outageS: null }]);
  });

  test("the old primary speaks once more -> does not end the outage of the new one", () => {
    const score = scoreOf(published(45, 0), tookOver(88, 1, 0), published(89, 0));
    expect(score.failovers).toMatchObject([{ outageS: null }]);
  });

  test("there and back -> two, each with its own outage", () => {
    const score = scoreOf(
      published(0, 0),
      tookOver(40, 1, 0),
      published(41, 1),
      tookOver(100, 0, 1),
      published(102, 0),
    );
    expect(score.failovers.map(({ from, to, outageS }) => [from, to, outageS])).toEqual([
      [0, 1, 41 * 60],
      [1, 0, 61 * 60],
    ]);
  });

  test("suspected, cleared, expelled -> no failover", () => {
    const changes = (["suspected", "cleared", "expelled"] as const).map((kind) => ({ kind, node: 0 }));
    expect(scoreOf(decided(1, 1, ...changes)).failovers).toEqual([]);
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
