import type { Firing, Incident, Resolved } from "../../../lambda/core/incident.ts";
import { FLAP_WINDOW_MS, RESOLVED_KEPT_S } from "../../../lambda/core/incident.ts";
import type { Signal } from "../../../lambda/core/observe.ts";
import type { DeliveredEvent } from "../../../lib/contract/messages.ts";
import {
  death,
  inputOf,
  MINUTE_MS,
  NOON_MS,
  recovery,
  state,
} from "../send_cluster_mail/support/fixtures.ts";

import { knownAfter, sees } from "./observing.ts";

/** `opened`, `closed`, `noted` (a recovery is kept), `same`; and why a signal changed nothing of what is said. */
function outcome(known: Incident | undefined, event: DeliveredEvent): string {
  const { known: next, changed, unmoved } = sees(known, inputOf(event).signal);
  const what = !changed
    ? "same"
    : next!.state === "firing"
      ? known?.state === "firing"
        ? "renewed"
        : "opened"
      : known?.state === "firing"
        ? "closed"
        : "noted";
  return unmoved === undefined ? what : `${what}: ${unmoved}`;
}

describe("an onset", () => {
  test.each<[string, string, Incident | undefined, DeliveredEvent]>([
    ["nothing known", "opened", undefined, death()],
    ["an empty seat", "same: never-admitted", undefined, death({ state: { ...state, never_admitted: [0] } })],
    ["firing, the same again", "same", knownAfter(death()), death()],
    ["firing, reported again later", "same", knownAfter(death()), death({ minute: 15 })],
    [
      "firing, a later one with a term, which is told once",
      "renewed",
      knownAfter(death({ term: 2 })),
      death({ term: 2, minute: 15 }),
    ],
    [
      "firing, the later one with a term again",
      "same",
      knownAfter(death({ term: 2 }), death({ term: 2, minute: 15 })),
      death({ term: 2, minute: 15 }),
    ],
    ["firing, reported by another node", "same", knownAfter(death()), death({ node: 2 })],
    ["firing, an older one", "same: stale", knownAfter(death({ minute: 15 })), death()],
    [
      "firing, later but of an older term",
      "same: stale",
      knownAfter(death({ term: 2 })),
      death({ term: 1, minute: 15 }),
    ],
    ["resolved, a newer one", "opened", knownAfter(death(), recovery({ minute: 15 })), death({ minute: 30 })],
    [
      "resolved, an older clock but a newer term",
      "opened",
      knownAfter(death(), recovery({ minute: 15 })),
      death({ term: 1 }),
    ],
    [
      "resolved, the one that opened it",
      "same: stale",
      knownAfter(death(), recovery({ minute: 15 })),
      death(),
    ],
    [
      "resolved at the same term and time",
      "same: stale",
      knownAfter(death(), recovery({ minute: 15 })),
      death({ minute: 15 }),
    ],
    [
      "recovered before its onset, an older one",
      "same: recovered-unseen",
      knownAfter(recovery({ minute: 15 })),
      death(),
    ],
    ["recovered before its onset, a newer one", "opened", knownAfter(recovery()), death({ minute: 15 })],
    [
      "between two recoveries, heard after both",
      "same: recovered-unseen",
      knownAfter(death(), recovery({ minute: 15 }), recovery({ minute: 45 })),
      death({ minute: 30 }),
    ],
  ])("%s -> %s", (_, expected, known, event) => {
    expect(outcome(known, event)).toBe(expected);
  });

  test("the reporter's clock a year ahead -> counts as of its receipt, and a later recovery ends it", () => {
    const ahead = { ...death(), at: "2027-01-01T12:00:00.000Z" };
    expect(outcome(knownAfter(ahead), recovery({ minute: 15 }))).toBe("closed");
  });
});

/** What a node says, five seconds before it is received; its clock says something else. */
const withClock = (event: DeliveredEvent, at: string): DeliveredEvent => ({ ...event, at });

describe("a reporter's clock that is wrong", () => {
  test.each([
    "1900-01-01T00:00:00.000Z",
    "1970-01-01T00:00:07.000Z",
    "2000-01-01T00:03:00.000Z",
    "2026-01-01T12:19:00.000Z",
    "2056-01-01T12:30:00.000Z",
  ])("a death said to be of %s, half an hour after a recovery -> counts as of its receipt", (at) => {
    const event = withClock(death({ minute: 30 }), at);
    const { known } = sees(knownAfter(death(), recovery()), inputOf(event).signal);
    expect(known).toMatchObject({ state: "firing", episode: { number: 2, sinceMs: event.received_at } });
    expect(outcome(known, recovery({ minute: 31 }))).toBe("closed");
  });

  test("its admission, said to be of 1970 -> ends what was reported by a right clock", () => {
    expect(
      outcome(knownAfter(death()), withClock(recovery({ minute: 15 }), "1970-01-01T00:00:00.000Z")),
    ).toBe("closed");
  });

  test("nine minutes behind -> it still says itself when it was", () => {
    const event = withClock(death({ minute: 9 }), "2026-01-01T12:00:30.000Z");
    expect(knownAfter(event)).toMatchObject({ since: { atMs: NOON_MS + 30_000 } });
  });
});

describe("chips that were swapped: terms begin anew", () => {
  const era = (minute: number): Signal => ({ signal: "poll", eraMs: NOON_MS + minute * MINUTE_MS });
  const before = knownAfter(death({ term: 41 }), recovery({ term: 41, minute: 15 }));

  test("nothing known of it -> a death under term 2 opens nothing yet, and is kept", () => {
    expect(outcome(before, death({ term: 2, minute: 300 }))).toBe("noted: stale");
  });

  const died = sees(before, inputOf(death({ term: 3, minute: 71, node: 1 })).signal).known;

  test("a death within the hour, reported once -> it is told when the era is known, as of then", () => {
    const { known } = sees(died, era(16));
    expect(known).toMatchObject({
      state: "firing",
      episode: { number: 2, sinceMs: NOON_MS + 71 * MINUTE_MS },
      since: { term: 3 },
    });
    expect(known).not.toHaveProperty("pending");
    expect(outcome(known, recovery({ term: 3, minute: 130 }))).toBe("closed");
  });

  test("an empty seat is reported dead within the hour -> it is not kept, and nothing is told when the era is known", () => {
    const empty = death({ term: 1, minute: 71, node: 1, state: { ...state, never_admitted: [0] } });
    expect(outcome(before, empty)).toBe("same: never-admitted");
    const { known } = sees(sees(before, inputOf(empty).signal).known, era(16));
    expect(known).toMatchObject({ state: "resolved", episode: { number: 1 } });
  });

  test("a death and a recovery within the hour -> nothing is told, and the next death is", () => {
    const back = sees(died, inputOf(recovery({ term: 4, minute: 83 })).signal).known;
    const { known } = sees(back, era(16));
    expect(known).toMatchObject({ state: "resolved", episode: { number: 1 }, recovered: { term: 4 } });
    expect(outcome(known, death({ term: 3, minute: 71 }))).toBe("same: recovered-unseen");
    expect(outcome(known, death({ term: 5, minute: 200 }))).toBe("opened");
  });

  test("it fires since before, and comes back within the hour -> it is over once the era is known", () => {
    const firing = knownAfter(death({ term: 41 }));
    const back = sees(firing, inputOf(recovery({ term: 2, minute: 45 })).signal).known;
    expect(back).toMatchObject({ state: "firing", pending: { signal: "well" } });
    expect(sees(back, era(1)).known).toMatchObject({ state: "resolved", until: { term: 2 } });
    const again = sees(back, inputOf(death({ term: 2, minute: 52 })).signal).known;
    expect(sees(again, era(1)).known).toMatchObject({ state: "firing", episode: { number: 1 } });
  });

  test("no era begins -> what was kept is no news: the terms go on, and a late one changes nothing", () => {
    const { known } = sees(died, inputOf(death({ term: 42, minute: 90 })).signal);
    expect(known).toMatchObject({ state: "firing", since: { term: 42 } });
    expect(known).not.toHaveProperty("pending");
  });

  test.each([
    ["a report from before what is known", death({ term: 2, minute: 7 })],
    ["a report without a term, which comes again", death({ minute: 400 })],
  ])("%s -> not kept", (_, event) => {
    expect(outcome(before, event)).toBe("same: stale");
  });

  test("kept, then a newer one -> the newer one counts; kept, then an older one -> it does not", () => {
    expect(outcome(died, death({ term: 3, minute: 80 }))).toBe("noted: stale");
    expect(outcome(died, death({ term: 3, minute: 60 }))).toBe("same: stale");
  });

  test("a new era -> the death is told, its end ends it, and what comes late from the old era changes nothing", () => {
    const { known } = sees(before, era(60));
    expect(outcome(known, death({ term: 2, minute: 300 }))).toBe("opened");
    expect(outcome(known, death({ term: 40, minute: 10 }))).toBe("same: stale");
    const opened = sees(known, inputOf(death({ term: 2, minute: 300 })).signal).known;
    expect(outcome(opened, recovery({ term: 41, minute: 15 }))).toBe("same: stale");
    expect(outcome(opened, recovery({ term: 2, minute: 330 }))).toBe("closed");
  });

  test("it fires since the old era -> a recovery of the new one ends it", () => {
    const { known } = sees(knownAfter(death({ term: 41 })), era(60));
    expect(outcome(known, recovery({ term: 1, minute: 90 }))).toBe("closed");
  });

  test("the same era again -> nothing changes", () => {
    const { known } = sees(before, era(60));
    expect(sees(known, era(60)).changed).toBe(false);
    expect(sees(known, era(50)).changed).toBe(false);
  });
});

describe("a recovery", () => {
  test.each<[string, string, Incident | undefined, DeliveredEvent]>([
    ["nothing known", "noted: nothing-to-resolve", undefined, recovery()],
    ["firing", "closed", knownAfter(death()), recovery({ minute: 15 })],
    ["firing, at the same term and time", "closed", knownAfter(death()), recovery()],
    [
      "firing, from before the newest onset with a term",
      "same: stale",
      knownAfter(death({ term: 2 }), death({ term: 2, minute: 30 })),
      recovery({ term: 2, minute: 15 }),
    ],
    [
      "firing, from after the newest onset with a term",
      "closed",
      knownAfter(death({ term: 2 }), death({ term: 2, minute: 30 })),
      recovery({ term: 2, minute: 45 }),
    ],
    ["firing, an older one", "same: stale", knownAfter(death({ minute: 15 })), recovery()],
    [
      "firing, later but of an older term",
      "renewed: stale",
      knownAfter(death({ term: 2 })),
      recovery({ term: 1, minute: 15 }),
    ],
    ["resolved, the same again", "same", knownAfter(death(), recovery()), recovery()],
    [
      "resolved, a newer one",
      "noted: nothing-to-resolve",
      knownAfter(death(), recovery()),
      recovery({ minute: 15 }),
    ],
    [
      "resolved, an older one",
      "same: stale",
      knownAfter(death(), recovery({ minute: 15 })),
      recovery({ minute: 5 }),
    ],
    ["recovered before its onset, the same again", "same", knownAfter(recovery()), recovery()],
    [
      "recovered before its onset, an older one",
      "same: stale",
      knownAfter(recovery({ minute: 15 })),
      recovery(),
    ],
    [
      "recovered before its onset, a newer one",
      "noted: nothing-to-resolve",
      knownAfter(recovery()),
      recovery({ minute: 15 }),
    ],
  ])("%s -> %s", (_, expected, known, event) => {
    expect(outcome(known, event)).toBe(expected);
  });

  test("what was told and what is being told of the episode -> know that it is over", () => {
    const known = knownAfter(death()) as Firing;
    const about = known.episode;
    const mail = { kind: "firing", about, flapping: false, reminders: 0 } as const;
    const claim = { ...mail, id: "mine", untilMs: 0, claims: 1, priorUnconfirmed: false };
    const told = { through: 1, told: { ...mail, atMs: NOON_MS } };
    const channels = { awake: told, asleep: { through: 0, claim } };
    const next = sees({ ...known, channels }, inputOf(recovery({ minute: 15 })).signal).known as Resolved;
    expect(next.channels.awake!.told!.about.untilMs).toBe(NOON_MS + 15 * MINUTE_MS);
    expect(next.channels.asleep!.claim!.about).toEqual(next.episode);
  });
});

test("firing never expires; resolved expires a year after it was received", () => {
  expect(knownAfter(death())).not.toHaveProperty("expiresAtS");
  const event = recovery({ minute: 15 });
  const expiresAtS = Math.floor(event.received_at / 1_000) + RESOLVED_KEPT_S;
  expect(knownAfter(death(), event)).toMatchObject({ expiresAtS });
  expect(knownAfter(recovery())).toHaveProperty("expiresAtS");
});

describe("flaps", () => {
  const flapsOf = (...events: readonly DeliveredEvent[]) => {
    const { flaps, episode } = knownAfter(...events) as Firing;
    return { flaps, thread: episode.thread, episode: episode.number };
  };
  const within = FLAP_WINDOW_MS / MINUTE_MS;

  test("reopened within the hour -> counted, in the thread of the first", () => {
    const events = [death(), recovery({ minute: 15 }), death({ minute: 15 + within })];
    expect(flapsOf(...events)).toEqual({ flaps: 1, thread: 1, episode: 2 });
  });

  test("reopened later -> not counted, a thread of its own", () => {
    const events = [death(), recovery({ minute: 15 }), death({ minute: 15 + within + 1 })];
    expect(flapsOf(...events)).toEqual({ flaps: 0, thread: 2, episode: 2 });
  });

  test.each([
    ["four hours", 240, { flaps: 2, thread: 1, episode: 3 }],
    ["longer", 241, { flaps: 1, thread: 1, episode: 3 }],
  ])("out for %s in between -> %#", (_, minutes, expected) => {
    const events = [
      death(),
      recovery({ minute: 15 }),
      death({ minute: 30 }),
      recovery({ minute: 30 + minutes }),
      death({ minute: 40 + minutes }),
    ];
    expect(flapsOf(...events)).toEqual(expected);
  });
});

test("acknowledged and snoozed -> forgotten with the next episode", () => {
  const known = { ...(knownAfter(death()) as Firing), acknowledgedMs: 1, snoozedUntilMs: 2 };
  const closed = sees(known, inputOf(recovery({ minute: 15 })).signal).known;
  expect(closed).toMatchObject({ acknowledgedMs: 1 });
  const again = sees(closed, inputOf(death({ minute: 30 })).signal).known;
  expect(again).not.toHaveProperty("acknowledgedMs");
  expect(again).not.toHaveProperty("snoozedUntilMs");
});

test("facts of the onset and of the recovery -> both kept, each its own", () => {
  const known = knownAfter(death(), recovery({ minute: 15 })) as Resolved;
  expect(known.facts).toMatchObject({ event: { type: "node_dead" } });
  expect(known.recovery).toMatchObject({ event: { type: "node_admitted" } });
});
