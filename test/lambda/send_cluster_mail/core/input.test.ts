import { parseInput } from "../../../../lambda/send_cluster_mail/core/input.ts";
import { death, NOON_MS, recovery, SWEEP_MS, state } from "../support/fixtures.ts";
import { FACTS } from "../support/mail-contexts.ts";

const about = { cluster_id: "kitchen", kind: "cluster-silent", subject: 0 };
const swept = { source: "sweep", received_at: NOON_MS, ...about };
const order = { term: 0, at: "2026-01-01T11:37:30.000Z" };
const orderMs = Date.parse(order.at);

describe("an event", () => {
  test("node_dead -> node-dead fires, as of the reporter's clock, with what the mail needs of it", () => {
    expect(parseInput(death({ term: 3 }), SWEEP_MS)).toEqual({
      id: { clusterId: "kitchen", kind: "node-dead", subject: 0 },
      signal: {
        signal: "fires",
        order: { term: 3, atMs: NOON_MS },
        nowMs: NOON_MS + 5_000,
        facts: FACTS["node-dead"],
        emptySeat: false,
      },
      storm: false,
      nodes: [0, 1],
    });
  });

  test("node_dead of a seat that was never taken -> an empty seat", () => {
    const { signal } = parseInput(death({ state: { ...state, never_admitted: [0] } }), SWEEP_MS);
    expect(signal).toMatchObject({ signal: "fires", emptySeat: true });
  });

  test("node_admitted -> node-dead is well", () => {
    expect(parseInput(recovery(), SWEEP_MS)).toMatchObject({
      id: { kind: "node-dead" },
      signal: { signal: "well" },
    });
  });

  test("sensor_failed -> sensor-failing fires, whatever the term: its recovery is a reading", () => {
    const { id, signal } = parseInput(death({ type: "sensor_failed", fault: "crc", term: 9 }), SWEEP_MS);
    expect(id).toEqual({ clusterId: "kitchen", kind: "sensor-failing", subject: 0 });
    expect(signal).toMatchObject({
      signal: "fires",
      order: { term: 0, atMs: NOON_MS },
      facts: { kind: "sensor-failing", node: 0, fault: "crc", atMs: NOON_MS },
    });
  });
});

test("node_unconnected -> node-unconnected fires, whatever the term, and says who publishes instead", () => {
  const { id, signal } = parseInput(
    death({ type: "node_unconnected", subject: 1, node: 0, term: 12 }),
    SWEEP_MS,
  );
  expect(id).toEqual({ clusterId: "kitchen", kind: "node-unconnected", subject: 1 });
  expect(signal).toMatchObject({
    signal: "fires",
    order: { term: 0, atMs: NOON_MS },
    facts: { kind: "node-unconnected", node: 1, reporter: 0, atMs: NOON_MS },
  });
});

test.each([
  ["setup_fault", "fires"],
  ["setup_mended", "well"],
] as const)("%s -> setup-fault %s, whatever the term, and says what is wrong", (type, expected) => {
  const event = death({ type, subject: 1, node: 0, term: 12, problem: "other-cluster" });
  const { id, signal } = parseInput(event, SWEEP_MS);
  expect(id).toEqual({ clusterId: "kitchen", kind: "setup-fault", subject: 1 });
  expect(signal).toMatchObject({
    signal: expected,
    order: { term: 0, atMs: NOON_MS },
    facts: { kind: "setup-fault", node: 1, reporter: 0, problem: "other-cluster", atMs: NOON_MS },
  });
});

test.each([
  ["other-cluster", [5, 0]],
  ["chip-address", [0]],
] as const)("%s of number 5 -> speaks of the nodes %j", (problem, nodes) => {
  const event = death({ type: "setup_fault", subject: 5, node: 0, problem });
  expect(parseInput(event, SWEEP_MS).nodes).toEqual(nodes);
});

test.each([
  ["as it was received", new Date(NOON_MS).toISOString(), {}],
  ["years before it was received", "2020-02-02T02:02:02.000Z", { said: "2020-02-02T02:02:02.000Z" }],
  ["no time", "soon", {}],
])("a death, by the reporter's clock %s -> what it said is kept where it is another time", (_, at, kept) => {
  const { signal } = parseInput({ ...death(), at }, SWEEP_MS);
  const { facts } = signal as { facts: { event: { said?: string } } };
  expect("said" in facts.event ? { said: facts.event.said } : {}).toEqual(kept);
});

test("a problem where none belongs, or none where one does -> unreadable", () => {
  expect(() => parseInput(death({ problem: "memory-lost" }), SWEEP_MS)).toThrow(/problem/);
  expect(() => parseInput(death({ type: "setup_fault" }), SWEEP_MS)).toThrow(/problem/);
});

describe("a signal of the sweep", () => {
  test.each<[string, object, object]>([
    [
      "firing",
      { ...swept, ...order, type: "firing", facts: FACTS["cluster-silent"], storm: true },
      {
        signal: {
          signal: "fires",
          order: { term: 0, atMs: orderMs },
          nowMs: NOON_MS,
          facts: FACTS["cluster-silent"],
        },
        storm: true,
      },
    ],
    [
      "well",
      { ...swept, ...order, type: "well" },
      { signal: { signal: "well", order: { term: 0, atMs: orderMs }, nowMs: NOON_MS }, storm: false },
    ],
    ["poll", { ...swept, type: "poll" }, { signal: { signal: "poll" } }],
    [
      "poll, with a new era of terms",
      { ...swept, type: "poll", era_ms: orderMs },
      { signal: { signal: "poll", eraMs: orderMs } },
    ],
    [
      "poll, with news of a digest",
      { ...swept, type: "poll", digest: { listed: false, bin: 900 } },
      { signal: { signal: "poll", digest: { listed: false, bin: 900 } } },
    ],
  ])("%s -> its signal", (_, given, expected) => {
    expect(parseInput(given, SWEEP_MS)).toMatchObject({
      id: { clusterId: "kitchen", kind: "cluster-silent", subject: 0 },
      nodes: [],
      ...expected,
    });
  });

  test("digest -> kept under the backend, by its bin", () => {
    const given = { source: "sweep", received_at: NOON_MS, type: "digest", bin: 900, incidents: [] };
    expect(parseInput(given, SWEEP_MS)).toEqual({
      id: { clusterId: "*", kind: "digest", subject: 900 },
      signal: { signal: "digest", nowMs: NOON_MS, entries: [], opensUntilMs: NOON_MS + SWEEP_MS },
      storm: false,
      nodes: [],
    });
  });

  test.each<[string, object, string]>([
    ["another kind of incident", { ...swept, type: "poll", kind: "node-wet" }, "kind: expected"],
    ["firing without facts", { ...swept, ...order, type: "firing" }, "facts"],
    ["a cluster id with a line break", { ...swept, type: "poll", cluster_id: "a\r\nBcc: b" }, "cluster_id"],
    ["an unknown field", { ...swept, type: "poll", surprise: 1 }, "surprise"],
  ])("%s -> refused by name", (_, given, words) => {
    const attempt = () => parseInput(given, SWEEP_MS);
    expect(attempt).toThrow(expect.objectContaining({ name: "EventUnreadable", code: "MAIL-002" }));
    expect(attempt).toThrow(words);
  });
});
