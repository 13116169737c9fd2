import {
  brokenBy,
  type Expectation,
  expectationText,
  METRICS,
  type Metric,
  type RunResult,
} from "../../../simulator/scenario/expectations.ts";

const result = (
  changes: Partial<RunResult> = {},
  metrics: Partial<Record<Metric, number>> = {},
): RunResult => ({
  metrics: {
    ...(Object.fromEntries(Object.keys(METRICS).map((name) => [name, 0])) as Record<Metric, number>),
    ...metrics,
  },
  failovers: [],
  mails: [],
  primaries: [0],
  sleepS: 900,
  ...changes,
});
const range = (metric: Metric, min: number, max: number): Expectation => ({
  kind: "metric",
  metric,
  min,
  max,
});
const mail = (kind: string, node: number) => ({ kind, incident: `node-dead#${node}`, afterS: 0 });
const anyTime = (text: string) => ({ mail: text, sent: undefined });

describe("in words", () => {
  test.each<[Expectation, string]>([
    [range("readings lost", 0, 0), "readings lost: 0"],
    [range("readings stored", 150, Infinity), "readings stored: at least 150"],
    [range("resets", 0, 3), "resets: at most 3"],
    [range("resets", 2, 3), "resets: 2 to 3"],
    [range("longest gap", 0, 90), "longest gap: at most 90 s"],
    [range("longest gap", 3_000, 3_000), "longest gap: 50 min"],
    [range("longest gap", 12_600, 172_800), "longest gap: 3.5 h to 2 days"],
    [{ kind: "failovers", list: [] }, "failovers: none"],
    [
      {
        kind: "failovers",
        list: [
          { from: 0, to: 1, cycles: 3 },
          { from: 1, to: 0, cycles: undefined },
        ],
      },
      "failovers: 0 to 1 within 3 cycles, 1 to 0",
    ],
    [{ kind: "mails", list: Array(2).fill(anyTime("firing a#0")) }, "mails: firing a#0 2 times"],
    [
      { kind: "mails", list: [{ mail: "firing a#0", sent: { fromS: 3_600, toS: 90_060 } }] },
      "mails: firing a#0 from 1h to 1d 1h 1m",
    ],
    [{ kind: "primary at the end", nodes: [] }, "primary at the end: none"],
    [{ kind: "primary at the end", nodes: [0, 2] }, "primary at the end: 0, 2"],
  ])("%j -> %s", (expectation, text) => {
    expect(expectationText(expectation)).toBe(text);
  });
});

describe("metrics", () => {
  test.each<[number, number, number, string | undefined]>([
    [5, 5, 5, undefined],
    [4, 5, 7, "4"],
    [5, 5, 7, undefined],
    [7, 5, 7, undefined],
    [8, 5, 7, "8"],
    [1_000_000, 5, Infinity, undefined],
  ])("%d of %d to %d -> %p", (found, min, max, broken) => {
    expect(brokenBy(range("resets", min, max), result({}, { resets: found }))).toBe(broken);
  });

  test("a gap that is too long -> in words", () => {
    expect(brokenBy(range("longest gap", 0, 3_000), result({}, { "longest gap": 7_260 }))).toBe("2 h");
  });
});

describe("takeovers", () => {
  const list = (...takeovers: [number, number, number?][]): Expectation => ({
    kind: "failovers",
    list: takeovers.map(([from, to, cycles]) => ({ from, to, cycles })),
  });
  const took = (from: number, to: number, afterS: number) => ({ from, to, afterS });

  test.each<[string, Expectation, RunResult["failovers"], string | undefined]>([
    ["the same, in time", list([0, 1, 3]), [took(0, 1, 2_700)], undefined],
    ["the same, no time given", list([0, 1]), [took(0, 1, 1e9)], undefined],
    ["the same, too late", list([0, 1, 3]), [took(0, 1, 3_150)], "0 to 1 after 3.5 cycles"],
    [
      "the second of two too late",
      list([0, 1], [1, 0, 1]),
      [took(0, 1, 1), took(1, 0, 1_800)],
      "1 to 0 after 2 cycles",
    ],
    ["another", list([0, 1]), [took(1, 0, 1)], "1 to 0"],
    ["none", list([0, 1]), [], "none"],
    ["one more", list([0, 1]), [took(0, 1, 1), took(1, 0, 1)], "0 to 1, 1 to 0"],
    ["the other order", list([0, 1], [1, 0]), [took(1, 0, 1), took(0, 1, 1)], "1 to 0, 0 to 1"],
    ["none, as expected", list(), [], undefined],
  ])("%s -> judged", (_, expectation, failovers, broken) => {
    expect(brokenBy(expectation, result({ failovers }))).toBe(broken);
  });
});

describe("mails", () => {
  const expected: Expectation = {
    kind: "mails",
    list: ["firing node-dead#0", "resolved node-dead#0"].map(anyTime),
  };
  test.each<[string, RunResult["mails"], string | undefined]>([
    ["the same", [mail("firing", 0), mail("resolved", 0)], undefined],
    ["the other order", [mail("resolved", 0), mail("firing", 0)], "resolved node-dead#0, firing node-dead#0"],
    ["of another node", [mail("firing", 1), mail("resolved", 1)], "firing node-dead#1, resolved node-dead#1"],
    ["at every wake", Array(96).fill(mail("firing", 0)), "firing node-dead#0 96 times"],
    ["none", [], "none"],
  ])("%s -> judged", (_, mails, broken) => {
    expect(brokenBy(expected, result({ mails }))).toBe(broken);
  });

  test.each([
    [3_599, "firing node-dead#0 at 59m 59s"],
    [3_600, undefined],
    [7_200, undefined],
    [7_201, "firing node-dead#0 at 2h 1s"],
  ])("from 1 h to 2 h expected, found at %p s -> %p", (afterS, broken) => {
    const list = [{ mail: "firing node-dead#0", sent: { fromS: 3_600, toS: 7_200 } }];
    expect(brokenBy({ kind: "mails", list }, result({ mails: [{ ...mail("firing", 0), afterS }] }))).toBe(
      broken,
    );
  });

  test("a digest -> goes by that name, whatever its number", () => {
    const weekly = { kind: "weekly", incident: "weekly#1772409600", afterS: 0 };
    const mails = [{ kind: "digest", incident: "digest#1772409600", afterS: 0 }, weekly];
    expect(brokenBy({ kind: "mails", list: [anyTime("digest")] }, result({ mails }))).toBeUndefined();
  });
});

test.each<[number[], number[], string | undefined]>([
  [[0], [0], undefined],
  [[], [], undefined],
  [[0, 1], [0, 1], undefined],
  [[1], [0], "0"],
  [[0], [0, 1], "0, 1"],
  [[0], [], "none"],
])("primary at the end: %j expected, %j found -> %p", (nodes, primaries, broken) => {
  expect(brokenBy({ kind: "primary at the end", nodes }, result({ primaries }))).toBe(broken);
});
