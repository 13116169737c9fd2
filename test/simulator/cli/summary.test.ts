import {
  failoverReport,
  judge,
  printSummary,
  type Report,
  resultOf,
  total,
} from "../../../simulator/cli/summary.ts";
import { after, minutes, START } from "../../../simulator/engine/time.ts";
import { haveOcado } from "../../../simulator/scenario/have-ocado.ts";
import { recordingTerminal } from "./recording-terminal.ts";

const mail = (kind: string, at: string) => ({
  at,
  to: ["you@example.org"],
  kind,
  incident: "node-dead#0",
  subject: `[ha2m] ${kind.toUpperCase()} kitchen`,
});

const story: Omit<Report, "expectations"> = {
  scenario: "have-ocado",
  seed: 1,
  protocol: "article",
  nodes: 2,
  simulated_s: 108_000,
  readings: { expected: 117, published: 117, stored: 117, lost: 0 },
  failovers: [{ at: "2026-03-02T03:35:00.000Z", from: 0, to: 1, term: 0, outage_s: 3_000 }],
  mails: [mail("firing", "2026-03-02T03:35:00.000Z"), mail("resolved", "2026-03-03T04:20:00.000Z")],
  suppressed: 99,
  suppressed_by_reason: { "never-admitted": 2, "already-told": 97 },
  queued: {},
  max_concurrent_primaries: 1,
  temperatures: null,
  trace_sha256: "abc",
  first_mail_s: 1.23,
  wall_s: 4.56,
};

function summaryOf(changes: Partial<Report>, next: readonly string[] = []): string {
  const { terminal, printed } = recordingTerminal();
  printSummary(terminal, { ...story, expectations: [], ...changes }, next);
  return printed();
}

test("the article's story -> this summary", () => {
  const expectations = judge(haveOcado.expectations, resultOf(story));
  expect(summaryOf({ expectations }, ["npm run simulate -- --keep"])).toBe(`
Summary
  readings    117 due, 117 stored, 0 lost
  takeover    Mon 03:35  node 0 to node 1; 50 min from its last reading to the next
  mails       2
              Mon 03:35  [ha2m] FIRING kitchen
              Tue 04:20  [ha2m] RESOLVED kitchen
  suppressed  99 notifications (2 never-admitted, 97 already-told); the article mailed each of them
  took        first mail after 1.2 s, 4.6 s in all for 1.25 days
  trace       abc (the same for the same seed)

  held    every reading that was due is stored, none is lost
  held    failovers: 0 to 1
  held    mails: firing node-dead#0, resolved node-dead#0
  held    at most one node holds the primary's role at any time
  held    no message ended in an error queue

Where to look next
  npm run simulate -- --keep
`);
});

describe("what went wrong -> said", () => {
  const broken = (changes: Partial<Report>): (string | null)[] =>
    judge(haveOcado.expectations, resultOf({ ...story, ...changes }))
      .filter(({ held }) => !held)
      .map(({ found }) => found);

  test.each<[string, Partial<Report>, string[]]>([
    [
      "a reading lost",
      { readings: { expected: 117, published: 117, stored: 116, lost: 1 } },
      ["116 of 117 stored, 1 lost"],
    ],
    [
      "no reading was due",
      { readings: { expected: 0, published: 0, stored: 0, lost: 0 } },
      ["0 of 0 stored, 0 lost"],
    ],
    ["no failover", { failovers: [] }, ["none"]],
    ["a mail at every wake", { mails: Array(96).fill(story.mails[0]) }, ["firing node-dead#0 96 times"]],
    ["no mail", { mails: [] }, ["none"]],
    ["two at once", { max_concurrent_primaries: 2 }, ["2 at once"]],
    ["nobody ever", { max_concurrent_primaries: 0 }, ["0 at once"]],
    ["messages queued", { queued: { readings: 2, mail: 1 } }, ["3 did"]],
  ])("%s -> the expectation is broken, with what was found", (_, changes, found) => {
    expect(broken(changes)).toEqual(found);
  });

  test("a broken expectation -> BROKEN, and what was found instead", () => {
    const expectations = [{ text: "mails: one", held: false, found: "none" }];
    expect(summaryOf({ expectations })).toContain("  BROKEN  mails: one; found: none\n");
  });

  test("queues that hold messages -> how many, in which", () => {
    expect(summaryOf({ queued: { readings: 2 } })).toContain("  error queue 2 messages (2 readings)\n");
    expect(summaryOf({})).not.toContain("error queue");
  });

  test("a takeover without a reading since -> says so", () => {
    const failovers = [{ ...story.failovers[0]!, outage_s: null }];
    expect(summaryOf({ failovers })).toContain("node 0 to node 1; no reading since\n");
  });

  test("more mails than one wants to read -> the first ten, and how many more", () => {
    const text = summaryOf({ mails: Array(96).fill(story.mails[0]) });
    expect(text.match(/FIRING/g)).toHaveLength(10);
    expect(text).toContain("and 86 more\n");
  });

  test("no mail, nothing suppressed -> no time of a first mail, no reasons", () => {
    const text = summaryOf({ mails: [], first_mail_s: null, suppressed: 0, suppressed_by_reason: {} });
    expect(text).toContain("  suppressed  0 notifications; ");
    expect(text).toContain("  took        4.6 s in all");
  });
});

test("a replayed log -> its rows, its gaps, and where it ended", () => {
  const temperatures = {
    file: "office.csv",
    rows: 480,
    from: "2026-01-05 00:00",
    to: "2026-01-05 09:59",
    gaps: [{ from: "2026-01-05 03:19", to: "2026-01-05 05:20" }],
    held_from: "2026-01-05 09:59",
  };
  const text = summaryOf({ temperatures });
  expect(text).toContain("  replayed    office.csv: 480 rows, 2026-01-05 00:00 to 2026-01-05 09:59\n");
  expect(text).toContain("gap 2026-01-05 03:19 to 2026-01-05 05:20: the last value was held\n");
  expect(text).toContain("the log ends at 2026-01-05 09:59: its last value was held from there\n");
});

test("failovers -> wall clock, whole seconds, and null while the outage lasts", () => {
  const at = after(START, minutes(10));
  const failover = { at, from: 0, to: 1, term: 0, since: START };
  expect(
    failoverReport(
      [
        { ...failover, outageS: 61.6 },
        { ...failover, outageS: null },
      ],
      Date.UTC(2026, 2, 2),
    ).map((one) => [one.at, one.outage_s]),
  ).toEqual([
    ["2026-03-02T00:10:00.000Z", 62],
    ["2026-03-02T00:10:00.000Z", null],
  ]);
});

test("total -> the sum; of nothing, 0", () => {
  expect([total({ a: 1, b: 2 }), total({})]).toEqual([3, 0]);
});
