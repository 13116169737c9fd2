/** What each look at a cluster finds, and what it leaves alone. */
import { asksQueues } from "../../../../../lambda/sweep_clusters/core/detect/backend.ts";
import { batteries, daysLeft, sampled } from "../../../../../lambda/sweep_clusters/core/detect/battery.ts";
import {
  publishesAgain,
  sensorsMeasure,
  setupMended,
  suspects,
  unwritableEeproms,
  wrongClocks,
} from "../../../../../lambda/sweep_clusters/core/detect/reports.ts";
import { sensorsDisagree } from "../../../../../lambda/sweep_clusters/core/detect/sensors.ts";
import { silence } from "../../../../../lambda/sweep_clusters/core/detect/silence.ts";
import { returned, splitBrain } from "../../../../../lambda/sweep_clusters/core/detect/split-brain.ts";
import type { Finding } from "../../../../../lambda/sweep_clusters/core/finding.ts";
import type { ClusterView, Heartbeat } from "../../../../../lambda/sweep_clusters/core/view.ts";
import { MINUTE_MS, NOON_MS } from "../../../send_cluster_mail/support/fixtures.ts";
import { firing, heartbeat, view } from "./views.ts";

const verdict = (finding: Finding): string =>
  finding.fires ? "fires" : finding.stays === true ? "neither" : "well";
/** `fires 0`, `well 1`: what is found of which subject. */
const said = (findings: readonly Finding[]) =>
  findings.map((finding) => `${verdict(finding)} ${finding.subject}`);
const found = (findings: readonly Finding[]) => said(findings.filter(({ fires }) => fires));

describe("silence", () => {
  const at = (minute: number, cluster: ClusterView) => said(silence(cluster, NOON_MS + minute * MINUTE_MS));

  test.each([
    ["four periods less a moment after the newest reading", 59.99, ["well 0"]],
    ["four periods after the newest reading", 60, ["fires 0"]],
  ])("%s -> %s", (_, minute, expected) => {
    expect(at(minute, view(heartbeat(0, -500), heartbeat(1, 0)))).toEqual(expected);
  });

  test("a node that said it would sleep for a day -> waited for, whoever else was heard later", () => {
    const cluster = view(heartbeat(0, -60, { sleepS: 86_400 }), heartbeat(1, 0));
    expect(at(600, cluster)).toEqual(["well 0"]);
  });

  test("never heard of -> nothing", () => {
    expect(at(0, view())).toEqual([]);
  });
});

describe("split brain", () => {
  test.each<[string, ClusterView, readonly string[]]>([
    ["the same term, both lately", view(heartbeat(0, 0), heartbeat(1, 7)), ["fires 0"]],
    ["the same term, one of them an hour and more ago", view(heartbeat(0, 0), heartbeat(1, 61)), ["well 0"]],
    ["no terms, as published", view(heartbeat(0, 0, { term: 0 }), heartbeat(1, 7, { term: 0 })), []],
    ["a takeover", view(heartbeat(0, 0), heartbeat(1, 32, { term: 4 })), []],
    [
      "an older term, three minutes after a newer one",
      view(heartbeat(0, 3), heartbeat(1, 0, { term: 4 })),
      ["fires 0"],
    ],
    [
      "a newer term, sooner than a takeover",
      view(heartbeat(0, 0), heartbeat(1, 22, { term: 4 })),
      ["fires 0"],
    ],
    ["a newer term, no sooner than that", view(heartbeat(0, 0), heartbeat(1, 23, { term: 4 })), []],
    ["an older term, 40 minutes after", view(heartbeat(0, 40), heartbeat(1, 0, { term: 4 })), ["fires 0"]],
    [
      "an older term that was measured before, and delivered late",
      view(heartbeat(0, 40, { measuredMs: NOON_MS - MINUTE_MS }), heartbeat(1, 0, { term: 4 })),
      [],
    ],
    [
      "all chips replaced: a low term, days after a high one",
      view(heartbeat(0, 9_000, { term: 1 }), heartbeat(1, 0, { term: 40 })),
      ["well 0"],
    ],
    ["one node alone", view(heartbeat(0, 0)), ["well 0"]],
  ])("%s -> %s", (_, cluster, expected) => {
    expect(said(splitBrain(cluster, NOON_MS))).toEqual(expected);
  });

  test("what one pair of readings shows -> is to be confirmed by two newer ones", () => {
    const [finding] = splitBrain(view(heartbeat(0, 0), heartbeat(1, 7)), NOON_MS);
    expect(finding).toMatchObject({
      evidence: { oldestMs: NOON_MS, newestMs: NOON_MS + 7 * MINUTE_MS, says: "0 and 1" },
    });
  });

  const told = (cluster: ClusterView): ClusterView => ({
    ...cluster,
    incidents: [firing("node-dead", 0, 0, 3)],
  });
  const asPublished = { term: 0 };

  test.each<[string, ClusterView, readonly string[]]>([
    ["beside the other", view(heartbeat(0, 46, asPublished), heartbeat(1, 40, asPublished)), ["fires 0"]],
    ["just after it was found dead", view(heartbeat(0, 20, asPublished), heartbeat(1, 25, asPublished)), []],
    [
      "having taken over from the other",
      view(heartbeat(0, 70, asPublished), heartbeat(1, 40, asPublished)),
      [],
    ],
  ])("a node that is told dead publishes %s -> %s", (_, cluster, expected) => {
    expect(said(splitBrain(told(cluster), NOON_MS))).toEqual(expected);
  });

  test.each<[string, ClusterView, readonly string[]]>([
    ["alone for four periods", view(heartbeat(0, 101), heartbeat(1, 40)), ["well 0"]],
    ["for three", view(heartbeat(0, 85), heartbeat(1, 40)), []],
    ["from before it was found dead", view(heartbeat(0, 0), heartbeat(1, -300)), []],
  ])("a node that is told dead publishes %s -> back: %s", (_, cluster, expected) => {
    expect(said(returned(told(cluster), NOON_MS))).toEqual(expected);
    for (const { order } of returned(told(cluster), NOON_MS)) expect(order.term).toBe(3);
  });
});

describe("what readings report", () => {
  const cluster = view(
    heartbeat(0, 0, { unwritableEeproms: 0b11, suspects: 0b1000 }),
    heartbeat(1, 5, { unwritableEeproms: 0b10, suspects: 0b100 }),
  );

  test("a chip of which one who publishes says that it keeps nothing -> fires; all others are well", () => {
    expect(said(unwritableEeproms(cluster, NOON_MS))).toEqual([
      "fires 0",
      "fires 1",
      ...[2, 3, 4, 5, 6, 7].map((chip) => `well ${chip}`),
    ]);
  });

  test("who said so publishes no more -> the newest reading counts", () => {
    const taken = view(heartbeat(0, 0, { unwritableEeproms: 0b1 }), heartbeat(1, 38));
    expect(found(unwritableEeproms(taken, NOON_MS))).toEqual([]);
  });

  test("nodes not seen to move -> fire, unless they are told dead: that is said already", () => {
    expect(found(suspects(cluster, NOON_MS))).toEqual(["fires 2"]);
    const dead = { ...cluster, incidents: [firing("node-dead", 2, 0)] };
    expect(suspects(dead, NOON_MS).some(({ subject }) => subject === 2)).toBe(false);
  });

  test("a node has measured -> its sensor is well, as of when it measured", () => {
    expect(sensorsMeasure(view(heartbeat(1, 5)), NOON_MS)).toEqual([
      {
        kind: "sensor-failing",
        subject: 1,
        fires: false,
        order: { term: 0, atMs: NOON_MS + 5 * MINUTE_MS - 1_000 },
      },
    ]);
  });
});

const withoutTemperature = ({ temperatureC: _, ...rest }: Heartbeat): Heartbeat => rest;

describe("clocks", () => {
  test("a wrong one -> fires for its node, with what it said; a right one is well", () => {
    const cluster = view(heartbeat(0, 0, { wrongClock: "1970-01-01T02:00:00.000Z" }), heartbeat(1, 5));
    expect(said(wrongClocks(cluster, NOON_MS))).toEqual(["fires 0", "well 1"]);
    expect(wrongClocks(cluster, NOON_MS)[0]).toMatchObject({ facts: { said: "1970-01-01T02:00:00.000Z" } });
  });
});

test("a node's own reading -> it is no longer one that cannot publish", () => {
  expect(said(publishesAgain(view(heartbeat(1, 5)), NOON_MS))).toEqual(["well 1"]);
});

describe("what was set up wrongly", () => {
  const ends = (cluster: ClusterView) => said(setupMended(cluster, NOON_MS));

  test.each<[string, readonly Heartbeat[], boolean]>([
    ["who reported it finds it still", [heartbeat(0, 0, { setupFaults: 0b10 })], false],
    [
      "who has the role now finds it as well",
      [heartbeat(0, -60, { setupFaults: 0b10 }), heartbeat(1, 0, { setupFaults: 0b10 })],
      false,
    ],
    [
      "who reported it was heard lately, and another does not find it",
      [heartbeat(0, -20, { setupFaults: 0b10 }), heartbeat(1, 0, { setupFaults: 0 })],
      false,
    ],
    [
      "who reported it has long left the role, and its successor does not find it",
      [heartbeat(0, -60, { setupFaults: 0b10 }), heartbeat(1, 0, { setupFaults: 0 })],
      true,
    ],
    [
      "its successor has firmware that does not say",
      [heartbeat(0, -60, { setupFaults: 0b10 }), heartbeat(1, 0)],
      false,
    ],
    ["nobody was ever heard", [], false],
  ])("%s -> it is over: %p", (_, heartbeats, over) => {
    expect(ends(view(...heartbeats)).includes("well 1")).toBe(over);
  });

  test("an end -> as of the newest reading, so that what is reported later fires again", () => {
    const [first] = setupMended(view(heartbeat(0, 3, { setupFaults: 0 })), NOON_MS);
    expect(first).toMatchObject({
      kind: "setup-fault",
      fires: false,
      order: { term: 0, atMs: NOON_MS + 3 * MINUTE_MS },
    });
  });
});

describe("sensors", () => {
  test.each<[string, ClusterView, readonly string[]]>([
    ["9 °C apart in a takeover", view(heartbeat(0, 0), heartbeat(1, 32, { temperatureC: 29 })), ["fires 0"]],
    [
      "8 °C apart in 32 minutes, as a lamp or a defrosting freezer does it",
      view(heartbeat(0, 0), heartbeat(1, 32, { temperatureC: 28 })),
      ["well 0"],
    ],
    ["6 °C apart in 7 minutes", view(heartbeat(0, 0), heartbeat(1, 7, { temperatureC: 26 })), ["fires 0"]],
    ["5 °C apart", view(heartbeat(0, 0), heartbeat(1, 7, { temperatureC: 25 })), ["well 0"]],
    [
      "one temperature that cannot be read",
      view(withoutTemperature(heartbeat(0, 0)), heartbeat(1, 7, { temperatureC: 80 })),
      [],
    ],
    [
      "6 °C apart, and hours: it was another day",
      view(heartbeat(0, 0), heartbeat(1, 500, { temperatureC: 26 })),
      [],
    ],
    ["one node", view(heartbeat(0, 0)), []],
  ])("%s -> %s", (_, cluster, expected) => {
    expect(said(sensorsDisagree(cluster, NOON_MS))).toEqual(expected);
  });
});

describe("packs", () => {
  const EMPTY_MV = 4_600;
  const days = (...mv: readonly number[]) => mv.map((value, day) => ({ day, mv: value }));
  const today = Math.floor(NOON_MS / 86_400_000);
  const upToToday = (...mv: readonly number[]) =>
    mv.map((value, i) => ({ day: today - mv.length + 1 + i, mv: value }));

  test.each([
    ["10 mV a day, 100 mV left", days(4_740, 4_730, 4_720, 4_710, 4_700), 10],
    ["below empty", days(4_620, 4_610, 4_600, 4_590), 0],
    ["rising", days(4_700, 4_710, 4_720, 4_730), null],
    ["steady", days(4_700, 4_700, 4_700, 4_700), null],
    ["two days", days(4_800, 4_700, 4_600), null],
    ["none", [], null],
  ])("%s -> %s days", (_, samples, expected) => {
    const left = daysLeft(samples, EMPTY_MV);
    if (expected === null) expect(left).toBeNull();
    else expect(left).toBeCloseTo(expected, 6);
  });

  test.each<[string, number, readonly number[], readonly string[]]>([
    ["a fifth of the charge is left", 4_880, [], ["fires 0"]],
    ["a little more", 4_881, [], ["neither 0"]],
    ["more, and falling by 40 mV a day", 4_960, [5_080, 5_040, 5_000, 4_960], ["fires 0"]],
    ["more, and falling by 10 mV a day", 4_960, [4_990, 4_980, 4_970, 4_960], ["neither 0"]],
    ["fresh, and falling by 60 mV a day as fresh packs do", 5_300, [5_480, 5_420, 5_360, 5_300], ["well 0"]],
    ["charged", 5_080, [], ["well 0"]],
    ["not measured", 0, [], []],
  ])("%s -> %s", (_, batteryMv, mv, expected) => {
    const cluster = {
      ...view(heartbeat(0, 0, { batteryMv })),
      batteries: new Map([[0, upToToday(...mv)]]),
    };
    expect(said(batteries(cluster, EMPTY_MV))).toEqual(expected);
  });

  test("low by its voltage, and falling slowly -> no forecast: the curve bends down", () => {
    const cluster = {
      ...view(heartbeat(0, 0, { batteryMv: 4_870 })),
      batteries: new Map([[0, upToToday(4_873, 4_872, 4_871, 4_870)]]),
    };
    expect(batteries(cluster, EMPTY_MV)).toEqual([
      expect.objectContaining({ facts: { kind: "battery-low", node: 0, batteryMv: 4_870, daysLeft: null } }),
    ]);
  });

  test("a new day -> one sample more, fourteen at most; the same day -> none; charged -> what was before is dropped", () => {
    const full = upToToday(...Array(14).fill(5_000)).map(({ day, mv }) => ({ day: day - 1, mv }));
    expect(sampled(full, heartbeat(0, 0, { batteryMv: 4_990 }))).toEqual([
      ...full.slice(1),
      { day: today, mv: 4_990 },
    ]);
    expect(sampled(upToToday(5_190), heartbeat(0, 0))).toBeUndefined();
    expect(sampled(full, heartbeat(0, 0, { batteryMv: 5_400 }))).toEqual([{ day: today, mv: 5_400 }]);
  });

  test("a dip under load that became the day's sample -> replaced by the day's next reading", () => {
    expect(sampled(upToToday(5_210, 5_205, 4_850), heartbeat(0, 0, { batteryMv: 5_200 }))).toEqual(
      upToToday(5_210, 5_205, 5_200),
    );
  });
});

describe("the backend's queues", () => {
  test.each([1, 7, 15, 60])("a sweep every %s min -> asked once in every hour of a day", (sweepMinutes) => {
    const sweeps = Array.from(
      { length: 1_440 / sweepMinutes },
      (_, k) => NOON_MS + (k + 0.5) * sweepMinutes * MINUTE_MS,
    );
    const asked = sweeps
      .filter((nowMs) => asksQueues(nowMs, sweepMinutes))
      .map((ms) => new Date(ms).getUTCHours());
    expect(new Set(asked).size).toBe(24);
    expect(asked.length).toBeLessThanOrEqual(25);
  });
});
