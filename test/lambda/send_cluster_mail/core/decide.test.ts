import { type Decision, decide, type Moment } from "../../../../lambda/send_cluster_mail/core/decide.ts";
import {
  CLAIM_LEASE_MS,
  type Incident,
  RESOLVED_KEPT_S,
} from "../../../../lambda/send_cluster_mail/core/incident.ts";
import type { DeliveredEvent } from "../../../../lib/contract/messages.ts";
import { death, MINUTE_MS, momentOf, NOON_MS, recovery, state } from "../support/fixtures.ts";

const nextOf = (decision: Decision): Incident => {
  if (!("next" in decision)) throw new Error(`no next state: ${decision.why}`);
  return decision.next;
};

/** The incident once its mail is confirmed. */
const confirmed = (incident: Incident): Incident =>
  incident.state === "firing"
    ? { ...incident, rev: incident.rev + 1, telling: { ...incident.telling, told: true } }
    : {
        ...incident,
        rev: incident.rev + 1,
        ...(incident.last && {
          last: { ...incident.last, telling: { ...incident.last.telling, told: true } },
        }),
      };

/** What is known after these events, each decided at its time and confirmed. */
const knownAfter = (...events: readonly DeliveredEvent[]): Incident | undefined =>
  events.reduce<Incident | undefined>((known, event) => {
    const decision = decide(known, event, momentOf(event));
    return "next" in decision ? confirmed(decision.next) : known;
  }, undefined);

const claimed = (...events: readonly DeliveredEvent[]): Incident => {
  const last = events.at(-1)!;
  return nextOf(decide(knownAfter(...events.slice(0, -1)), last, momentOf(last, "another's")));
};

const outcome = (decision: Decision) => `${decision.act}: ${decision.why}`;
const late = (event: DeliveredEvent): Moment => momentOf(event, "mine", CLAIM_LEASE_MS);

describe("a death", () => {
  test.each([
    ["nothing known", "send: opened", undefined, death()],
    [
      "the subject's seat was never taken",
      "nothing: never-admitted",
      undefined,
      death({ state: { ...state, never_admitted: [0] } }),
    ],
    ["firing and told, the same event again", "nothing: already-told", knownAfter(death()), death()],
    [
      "firing and told, reported again later",
      "nothing: already-told",
      knownAfter(death()),
      death({ minute: 15 }),
    ],
    [
      "firing and told, reported by the other node",
      "nothing: already-told",
      knownAfter(death()),
      death({ node: 2 }),
    ],
    ["firing, an older event", "nothing: stale", knownAfter(death({ minute: 15 })), death()],
    [
      "firing, a later event of an older term",
      "nothing: stale",
      knownAfter(death({ term: 2 })),
      death({ term: 1, minute: 15 }),
    ],
    ["firing and claimed", "nothing: being-told", claimed(death()), death()],
    [
      "resolved, a newer event",
      "send: reopened",
      knownAfter(death(), recovery({ minute: 15 })),
      death({ minute: 30 }),
    ],
    [
      "resolved, an older clock but a newer term",
      "send: reopened",
      knownAfter(death(), recovery({ minute: 15 })),
      death({ term: 1 }),
    ],
    [
      "resolved, the event that opened it",
      "nothing: stale",
      knownAfter(death(), recovery({ minute: 15 })),
      death(),
    ],
    [
      "resolved at the same term and time",
      "nothing: stale",
      knownAfter(death(), recovery({ minute: 15 })),
      death({ minute: 15 }),
    ],
    [
      "a tombstone, an older event",
      "nothing: recovered-unseen",
      knownAfter(recovery({ minute: 15 })),
      death(),
    ],
    ["a tombstone, a newer event", "send: reopened", knownAfter(recovery()), death({ minute: 15 })],
    [
      "between two recoveries, heard after both",
      "nothing: recovered-unseen",
      knownAfter(death(), recovery({ minute: 15 }), recovery({ minute: 45 })),
      death({ minute: 30 }),
    ],
    [
      "its RESOLVED mail is being told",
      "again-later: other-mail-unfinished",
      claimed(death(), recovery({ minute: 15 })),
      death({ minute: 15.001 }),
    ],
  ])("%s -> %s", (_, expected, known, event) => {
    expect(outcome(decide(known, event, momentOf(event)))).toBe(expected);
  });

  test("its claim has lapsed -> another claim, counted, for the episode as it began", () => {
    const known = claimed(death());
    const next = nextOf(decide(known, death({ minute: 15 }), late(death())));
    expect(next).toMatchObject({ state: "firing", rev: 2, episodes: 1, since: { atMs: NOON_MS } });
    expect(next).toMatchObject({ telling: { claims: 2, claimId: "mine", told: false } });
  });

  test("the last ms of a claim's lease -> being-told; the next -> claim-lapsed", () => {
    const at = (ms: number) => decide(claimed(death()), death(), momentOf(death(), "mine", ms)).why;
    expect([at(CLAIM_LEASE_MS - 1), at(CLAIM_LEASE_MS)]).toEqual(["being-told", "claim-lapsed"]);
  });

  test("reopened over a RESOLVED mail that was never confirmed -> sent, and known to be uncertain", () => {
    const known = claimed(death(), recovery({ minute: 15 }));
    const event = death({ minute: 30 });
    const decision = decide(known, event, late(event));
    expect(decision.why).toBe("reopened");
    expect(nextOf(decision)).toMatchObject({ episodes: 2, telling: { claims: 1, priorUnconfirmed: true } });
  });

  test("the reporter's clock a year ahead -> counts as of its receipt, and a later recovery resolves it", () => {
    const ahead = { ...death(), at: "2027-01-01T12:00:00.000Z" };
    const event = recovery({ minute: 15 });
    expect(decide(knownAfter(ahead), event, momentOf(event)).why).toBe("recovered");
  });
});

describe("a recovery", () => {
  test.each([
    ["nothing known", "record: nothing-to-resolve", undefined, recovery()],
    ["firing and told", "send: recovered", knownAfter(death()), recovery({ minute: 15 })],
    ["firing, at the same term and time", "send: recovered", knownAfter(death()), recovery()],
    ["firing, an older event", "nothing: stale", knownAfter(death({ minute: 15 })), recovery()],
    [
      "firing, a later event of an older term",
      "nothing: stale",
      knownAfter(death({ term: 2 })),
      recovery({ term: 1, minute: 15 }),
    ],
    ["its FIRING mail is being told", "again-later: other-mail-unfinished", claimed(death()), recovery()],
    [
      "resolved and told, the same event again",
      "nothing: already-told",
      knownAfter(death(), recovery()),
      recovery(),
    ],
    [
      "resolved and told, a newer one",
      "record: nothing-to-resolve",
      knownAfter(death(), recovery()),
      recovery({ minute: 15 }),
    ],
    [
      "resolved and told, an older one",
      "nothing: stale",
      knownAfter(death(), recovery({ minute: 15 })),
      recovery({ minute: 5 }),
    ],
    ["resolved and claimed", "nothing: being-told", claimed(death(), recovery()), recovery()],
    [
      "resolved and claimed, a newer one",
      "record: being-told",
      claimed(death(), recovery()),
      recovery({ minute: 0.001 }),
    ],
    ["a tombstone, the same event again", "nothing: nothing-to-resolve", knownAfter(recovery()), recovery()],
    ["a tombstone, an older one", "nothing: stale", knownAfter(recovery({ minute: 15 })), recovery()],
    [
      "a tombstone, a newer one",
      "record: nothing-to-resolve",
      knownAfter(recovery()),
      recovery({ minute: 15 }),
    ],
  ])("%s -> %s", (_, expected, known, event) => {
    expect(outcome(decide(known, event, momentOf(event)))).toBe(expected);
  });

  test("its FIRING claim has lapsed -> RESOLVED is sent, and known to follow an uncertain mail", () => {
    const event = recovery({ minute: 15 });
    const decision = decide(claimed(death()), event, late(event));
    expect(outcome(decision)).toBe("send: recovered");
    expect(nextOf(decision)).toMatchObject({ last: { telling: { claims: 1, priorUnconfirmed: true } } });
  });

  test("its own claim has lapsed -> another claim for the same episode", () => {
    const event = recovery({ minute: 15 });
    const decision = decide(claimed(death(), event), event, late(event));
    expect(outcome(decision)).toBe("send: claim-lapsed");
    expect(nextOf(decision)).toMatchObject({
      last: {
        episode: { since: { atMs: NOON_MS }, until: { atMs: NOON_MS + 15 * MINUTE_MS } },
        telling: { claims: 2 },
      },
    });
  });
});

test("firing never expires; resolved expires a year after it was received", () => {
  expect(knownAfter(death())).not.toHaveProperty("expiresAtS");
  const event = recovery({ minute: 15 });
  expect(knownAfter(death(), event)).toMatchObject({
    expiresAtS: Math.floor(event.received_at / 1_000) + RESOLVED_KEPT_S,
  });
});
