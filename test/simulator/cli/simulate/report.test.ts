import {
  failoverReport,
  judge,
  mailsOfTheStory,
  metricsReport,
  observedFailovers,
  temperatureReport,
  toMillis,
} from "../../../../simulator/cli/simulate/report.ts";
import type { SentMail } from "../../../../simulator/cli/simulate/summary.ts";
import { after, minutes, START } from "../../../../simulator/engine/time.ts";
import { temperatureLog } from "../../../../simulator/hardware/temperature-log.ts";
import { type Expectation, METRICS, type Metric } from "../../../../simulator/scenario/expectations.ts";

const EPOCH_MS = Date.UTC(2026, 2, 2);
const zeros = Object.fromEntries(Object.keys(METRICS).map((name) => [name, 0])) as Record<Metric, number>;
const failover = {
  at: after(START, minutes(40)),
  from: 0,
  to: 1,
  term: 0,
  since: after(START, minutes(10)),
};

test("failovers -> wall clock, whole seconds, and null while the outage lasts", () => {
  const list = [
    { ...failover, outageS: 61.6 },
    { ...failover, outageS: null },
  ];
  expect(failoverReport(list, EPOCH_MS).map((one) => [one.at, one.outage_s])).toEqual([
    ["2026-03-02T00:40:00.000Z", 62],
    ["2026-03-02T00:40:00.000Z", null],
  ]);
});

test("failovers, for expectations -> seconds from the last reading before", () => {
  expect(observedFailovers([{ ...failover, outageS: 61.6 }])).toEqual([{ from: 0, to: 1, afterS: 1_800 }]);
});

test("metrics -> snake case, the unit last", () => {
  const report = metricsReport({ ...zeros, "readings lost": 3, "longest gap": 1_800.00049 });
  expect(report).toMatchObject({ readings_lost: 3, longest_gap_s: 1_800, primaries_at_once: 0, resets: 0 });
  expect(Object.keys(report)).toHaveLength(Object.keys(METRICS).length);
});

test("expectations -> in words, held or what was found", () => {
  const result = {
    metrics: { ...zeros, "readings lost": 2 },
    failovers: [],
    mails: [],
    primaries: [0],
    sleepS: 900,
  };
  expect(
    judge(
      [
        { kind: "metric", metric: "readings lost", min: 0, max: 0 },
        { kind: "primary at the end", nodes: [0] },
      ],
      result,
    ),
  ).toEqual([
    { text: "readings lost: 0", held: false, found: "2" },
    { text: "primary at the end: 0", held: true, found: null },
  ]);
});

describe("a replayed log", () => {
  const times = ["00:00", "00:10", "00:20", "03:00", "03:10"].map((time) =>
    Date.parse(`2026-01-05T${time}:00Z`),
  );
  const log = temperatureLog(Float64Array.from(times), new Float64Array(5).fill(20));
  const replayed = { file: "log.csv", log, notes: ["1 row was out of order: sorted by time"] };

  test("longer than the run -> the rows and gaps that the run came to", () => {
    expect(temperatureReport(replayed, 900)).toEqual({
      file: "log.csv",
      rows: 5,
      rows_played: 2,
      from: "2026-01-05T00:00:00.000Z",
      to: "2026-01-05T03:10:00.000Z",
      gaps: [],
      held_from: null,
      notes: replayed.notes,
    });
    expect(temperatureReport(replayed, 3_600).gaps).toEqual([
      { from: "2026-01-05T00:20:00.000Z", to: "2026-01-05T03:00:00.000Z" },
    ]);
  });

  test("shorter than the run -> all rows, and from where the last value was held", () => {
    expect(temperatureReport(replayed, 86_400)).toMatchObject({
      rows_played: 5,
      held_from: "2026-01-05T03:10:00.000Z",
    });
  });
});

test("seconds of a process -> to the millisecond", () => {
  expect(toMillis(1.23456)).toBe(1.235);
});

const mail = (kind: string, incident: string, repeated = false): SentMail => ({
  at: "2026-03-02T00:00:00.000Z",
  to: [],
  kind,
  incident,
  thread: null,
  subject: "",
  ...(repeated ? { possible_duplicate: true } : {}),
});

test("mails under chaos -> a marked repetition is none, a marked mail that came alone is one, the backend's own are left out", () => {
  const mails = [
    mail("firing", "backend-failing#0"),
    mail("firing", "node-dead#0", true),
    mail("firing", "node-dead#0", true),
    mail("resolved", "node-dead#0"),
    mail("resolved", "node-dead#0"),
  ];
  const story = mailsOfTheStory(mails, [
    { kind: "mails", list: [{ mail: "firing node-dead#0", sent: undefined }] },
  ]);
  // A repetition that is not marked breaks the contract, and is counted.
  expect(story).toEqual([mails[1], mails[3], mails[4]]);
  expect(mailsOfTheStory(mails, [])).toHaveLength(4);
});

test("mails that chaos brought besides -> named where the expectation is about mails, and nowhere else", () => {
  const story = [mail("firing", "sensor#1"), mail("resolved", "sensor#1")];
  const besides = [
    mail("firing", "sensor#1", true),
    mail("firing", "backend-failing"),
    mail("firing", "backend-failing"),
  ];
  const result = {
    metrics: zeros,
    failovers: [],
    mails: story.map((one) => ({ ...one, afterS: 0 })),
    primaries: [],
    sleepS: 900,
  };
  const list = story.map((one) => ({ mail: `${one.kind} ${one.incident}`, sent: undefined }));
  const expectations: Expectation[] = [
    { kind: "mails", list },
    { kind: "metric", metric: "readings lost", min: 0, max: 0 },
    { kind: "metric", metric: "firing mails", min: 0, max: 1 },
  ];
  const texts = (more: SentMail[]) => judge(expectations, result, more).map(({ text, held }) => [text, held]);
  expect(texts(besides)).toEqual([
    [
      "mails: firing sensor#1, resolved sensor#1; also sent, because of the chaos: " +
        "firing sensor#1 (possible duplicate), firing backend-failing 2 times",
      true,
    ],
    ["readings lost: 0", true],
    [
      "firing mails: at most 1; also sent, because of the chaos: firing sensor#1 (possible duplicate), firing backend-failing 2 times",
      true,
    ],
  ]);
  expect(texts([])[0]).toEqual(["mails: firing sensor#1, resolved sensor#1", true]);
});
