import type { NextStep } from "../../../../simulator/cli/simulate/heading.ts";
import { printSummary, type Report, total } from "../../../../simulator/cli/simulate/summary.ts";
import { recordingTerminal } from "../recording-terminal.ts";

const mail = (kind: string, at: string) => ({
  at,
  to: ["you@example.org"],
  kind,
  incident: "node-dead#0",
  thread: null,
  subject: `[ha2m] ${kind.toUpperCase()} kitchen`,
});

const story: Report = {
  scenario: "have-ocado",
  seed: 1,
  protocol: "article",
  fails: null,
  nodes: 2,
  simulated_s: 108_000,
  completed: true,
  readings: { expected: 117, published: 117, stored: 117, lost: 0 },
  failovers: [{ at: "2026-03-02T03:35:00.000Z", from: 0, to: 1, term: 0, outage_s: 3_000 }],
  mails: [mail("firing", "2026-03-02T03:35:00.000Z"), mail("resolved", "2026-03-03T04:20:00.000Z")],
  alarms: [],
  article_mails: 1_097,
  suppressed: 99,
  suppressed_by_reason: { "never-admitted": 2, "already-told": 97 },
  queued: {},
  max_concurrent_primaries: 1,
  metrics: { readings_duplicated: 0, readings_mistimed: 0, readings_untrue: 0 },
  temperatures: null,
  expectations: [
    { text: "readings lost: 0", held: true, found: null },
    { text: "failovers: 1", held: true, found: null },
  ],
  cost: { prices: "2026-11 us-east-1", usd: 0.0011, month_usd: 0.0268, lines: [] },
  trace_sha256: "abc",
  first_mail_s: 1.234,
  wall_s: 4.567,
};

function summaryOf(
  changes: Partial<Report>,
  next: readonly NextStep[] = [],
  terminal: Parameters<typeof recordingTerminal>[0] = {},
): string {
  const recording = recordingTerminal(terminal);
  printSummary(recording.terminal, { ...story, ...changes }, next);
  return recording.printed();
}

test("the article's story -> this summary", () => {
  expect(summaryOf({}, [["npm run simulate -- --keep", "mails"]])).toBe(`
Summary
  readings    117 due, 117 stored, 0 lost
  takeover    Mon 03:35  node 0 to node 1; 50 min from its last reading to the next
  mails       2
              Mon 03:35  [ha2m] FIRING kitchen
              Tue 04:20  [ha2m] RESOLVED kitchen
  suppressed  99 notifications (2 never-admitted, 97 already-told)
  article     the published design would have sent 1,097 mails: one at each of the primary's wakes while a node is dead
  cost        $0.0011 at list prices, $0.027 a month at this rate; npm run cost lists the items
  took        first mail after 1.2 s, 4.6 s in all for 1.25 days
  trace       abc (the same for the same seed)

  held    readings lost: 0
  held    failovers: 1

Where to look next
  npm run simulate -- --keep   mails
`);
});

describe("what went wrong -> said", () => {
  test("alarms of the backend -> when each rang, and which still do; those that are over are no line", () => {
    const change = (alarm: string, minute: number, state: string) => ({
      at: `2026-03-02T04:${minute}:00.000Z`,
      alarm,
      state,
      reason: "",
    });
    const alarms = [change("ha2m-a", 10, "ALARM"), change("ha2m-b", 11, "ALARM"), change("ha2m-a", 15, "OK")];
    expect(summaryOf({ alarms })).toContain(
      [
        "",
        "  alarms      2, sent by SNS",
        "              Mon 04:10  ha2m-a",
        "              Mon 04:11  ha2m-b, still rings",
        "",
      ].join("\n"),
    );
  });

  test("a broken expectation -> BROKEN, and what was found instead", () => {
    const expectations = [{ text: "mails: one", held: false, found: "none" }];
    expect(summaryOf({ expectations })).toContain("\n  BROKEN  mails: one; found: none\n");
  });

  test("a protocol that is known to fail here -> how, before the expectations that record it", () => {
    expect(summaryOf({ fails: "nobody publishes any more" })).toContain(
      "\n\n  fails   nobody publishes any more (known for the article protocol; the expectations record it)\n  held ",
    );
  });

  test("queues that hold messages -> how many, in which", () => {
    expect(summaryOf({ queued: { readings: 2 } })).toContain("  error queue 2 messages (2 readings)\n");
    expect(summaryOf({})).not.toContain("error queue");
  });

  test("readings that are odd -> how many, of each kind that there is", () => {
    const metrics = { readings_duplicated: 3, readings_mistimed: 0, readings_untrue: 1 };
    expect(summaryOf({ metrics })).toContain("117 stored, 0 lost, 3 duplicated, 1 untrue\n");
  });

  test("a takeover without a reading since -> says so", () => {
    const failovers = [{ ...story.failovers[0]!, outage_s: null }];
    expect(summaryOf({ failovers })).toContain("node 0 to node 1; no reading since\n");
  });

  test.each([
    ["mails", { mails: Array(96).fill(story.mails[0]) }, /FIRING/g],
    ["takeovers", { failovers: Array(96).fill(story.failovers[0]) }, /takeover/g],
  ])("more %s than one wants to read -> the first ten, and how many more", (_, changes, each) => {
    const text = summaryOf(changes);
    expect(text.match(each)).toHaveLength(10);
    expect(text).toContain("              and 86 more");
  });
});

describe("the mails of a run -> said", () => {
  test("more mails than one wants to read -> how many of each kind of incident, and what they say", () => {
    const silent = { ...mail("reminder", "2026-03-02T03:35:00.000Z"), incident: "cluster-silent#0" };
    const other = { ...story.mails[0]!, incident: "node-dead#1" };
    const text = summaryOf({ mails: [...Array(6).fill(story.mails).flat(), other, silent, silent] });
    expect(text).toContain(`
              and 5 more; all of them by kind:
              node-dead           7 firing, 6 resolved
              cluster-silent      2 reminder
`);
  });

  test("no mail, nothing suppressed -> no time of a first mail, no reasons", () => {
    const text = summaryOf({ mails: [], first_mail_s: null, suppressed: 0, suppressed_by_reason: {} });
    expect(text).toContain("  suppressed  0 notifications\n");
    expect(text).toContain("  took        4.6 s in all");
  });
});

test("a run of more than a week -> times with their date", () => {
  expect(summaryOf({ simulated_s: 20 * 86_400 })).toContain("2026-03-02 03:35  node 0 to node 1");
});

describe("a replayed log", () => {
  const temperatures = {
    file: "/home/me/office.csv",
    rows: 20_560,
    rows_played: 3_000,
    from: "2026-01-05T00:00:00.000Z",
    to: "2026-01-20T09:59:00.000Z",
    gaps: [{ from: "2026-01-05T03:19:00.000Z", to: "2026-01-05T05:20:00.000Z" }],
    held_from: null,
    notes: ["1 row was out of order: sorted by time"],
  };

  test("played in part -> how much of it, its gaps, and what plays all", () => {
    const text = summaryOf({ temperatures });
    expect(text).toContain(
      "  replayed    /home/me/office.csv: 3,000 of 20,560 rows, 2026-01-05 00:00 to 2026-01-20 09:59; --days 16 plays all\n",
    );
    expect(text).toContain("gap 2026-01-05 03:19 to 2026-01-05 05:20: the last value was held\n");
    expect(text).not.toContain("the log ends");
  });

  test("outlived by the run -> all rows, and from where the last one was held", () => {
    const all = { ...temperatures, rows_played: 20_560, held_from: temperatures.to };
    const text = summaryOf({ temperatures: all });
    expect(text).toContain("office.csv: all 20,560 rows, 2026-01-05 00:00 to 2026-01-20 09:59\n");
    expect(text).toContain("the log ends at 2026-01-20 09:59: its last value was held from there\n");
  });
});

test("a log that was written on change, of fifteen years -> few gaps are listed, and what can be typed is advised", () => {
  const gaps = Array.from({ length: 212 }, (_, i) => ({
    from: `20${10 + (i % 15)}-01-01T00:00:00.000Z`,
    to: `20${10 + (i % 15)}-01-0${i === 99 ? 9 : 3}T00:00:00.000Z`,
  }));
  const [from, to] = ["2010-01-01T00:00:00.000Z", "2025-01-01T00:00:00.000Z"];
  const log = { file: "old.csv", rows: 9_000, rows_played: 70, from, to, gaps, held_from: null, notes: [] };
  const text = summaryOf({ temperatures: log });
  expect(text.match(/gap 20/g)).toHaveLength(5);
  expect(text).toMatch(/and 207 more gaps, the longest 2019-01-01 00:00 to 2019-01-09 00:00\n/);
  expect(text).toContain("--days 3660 is the longest run; all would take 5,479 days\n");
});

test("a narrow terminal -> long lines go on below their own beginning", () => {
  const text = summaryOf({}, [], { wraps: true, columns: 60 });
  expect(text).toContain(
    "  suppressed  99 notifications (2 never-admitted, 97\n              already-told)\n",
  );
});

test("total -> the sum; of nothing, 0", () => {
  expect([total({ a: 1, b: 2 }), total({})]).toEqual([3, 0]);
});

test("an interrupted run -> said first, and no expectation is shown as held", () => {
  const text = summaryOf({ completed: false, expectations: [] });
  expect(text).toMatch(/^Summary\n {2}interrupted +results so far; expectations were not checked$/m);
  expect(text).not.toMatch(/held|BROKEN/);
});
