/** What signals change for the mails: digests, mails that were cut off, signals that come late. */

import { confirmed } from "../../../lambda/core/channels.ts";
import type { Claim, Firing, Incident, Resolved } from "../../../lambda/core/incident.ts";
import { digestBinOf, observe, type Signal } from "../../../lambda/core/observe.ts";
import type { IncidentId } from "../../../lib/contract/incidents.ts";
import { death, inputOf, MINUTE_MS, NOON_MS, recovery } from "../send_cluster_mail/support/fixtures.ts";
import { FACTS } from "../send_cluster_mail/support/mail-contexts.ts";

import { knownAfter, sees, usual } from "./observing.ts";

describe("a signal of the sweep that has waited in Lambda's queue until the next sweep", () => {
  const silent = (opensUntilMs: number): Signal => ({
    signal: "fires",
    order: { term: 0, atMs: NOON_MS - MINUTE_MS },
    nowMs: NOON_MS,
    facts: FACTS["cluster-silent"],
    opensUntilMs,
  });

  test("it opens nothing: what is still so the next sweep has signalled anew", () => {
    expect(sees(undefined, silent(NOON_MS)).known).toMatchObject({ state: "firing" });
    expect(sees(undefined, silent(NOON_MS - 1))).toMatchObject({ changed: false, unmoved: "stale" });
  });

  test("it fires already -> nothing changes, and a mail that is due is not held up", () => {
    const known = sees(undefined, silent(NOON_MS)).known;
    expect(sees(known, silent(NOON_MS - 1))).toMatchObject({ changed: false, unmoved: undefined });
  });
});

describe("a mail that was cut off, and another episode", () => {
  const cut = (known: Incident, kind: "firing" | "resolved"): Incident => {
    if (known.state === "recovered-before-onset") throw new Error("nothing has fired");
    const claim: Claim = {
      kind,
      about: known.episode,
      flapping: false,
      reminders: 0,
      id: "another's",
      untilMs: NOON_MS,
      claims: 1,
      priorUnconfirmed: false,
    };
    return { ...known, channels: { "any-time": { through: 0, claim } } };
  };
  const over = recovery({ minute: 15, node: 3 });
  const factsAfter = (kind: "firing" | "resolved"): unknown => {
    const known = sees(
      cut(knownAfter(death({ node: 2 }), over)!, kind),
      inputOf(death({ minute: 30 })).signal,
    );
    return (known.known as Firing).channels["any-time"]?.claim?.facts;
  };

  test.each([
    ["firing", { type: "node_dead", node: 2 }],
    ["resolved", { type: "node_admitted", node: 3 }],
  ] as const)("%s -> it keeps the facts of its own episode", (kind, event) => {
    expect(factsAfter(kind)).toMatchObject({ event });
  });

  test("an end without facts of its own -> told with those of its onset", () => {
    const known = knownAfter(death({ node: 2 }))!;
    const well: Signal = {
      signal: "well",
      order: { term: 0, atMs: over.received_at },
      nowMs: over.received_at,
    };
    const again = sees(sees(known, well).known, inputOf(death({ minute: 30, node: 5 })).signal).known;
    expect(again).toMatchObject({ facts: { event: { node: 5 } }, recovery: { event: { node: 2 } } });
  });
});

test("another address has the place of a refused recipient -> the old one is over, the new one fires", () => {
  const refused = (address: string, minute: number): Signal => ({
    signal: "fires",
    order: { term: 1, atMs: NOON_MS + minute * MINUTE_MS },
    nowMs: NOON_MS + minute * MINUTE_MS,
    facts: { kind: "mail-refused", address, why: "No." },
  });
  const first = sees(undefined, refused("ann@example.org", 0)).known;
  expect(sees(first, refused("ann@example.org", 5)).known).toMatchObject({ episode: { number: 1 } });
  expect(sees(first, refused("bob@example.org", 5)).known).toMatchObject({
    state: "firing",
    episode: { number: 2 },
    facts: { address: "bob@example.org" },
    recovery: { address: "ann@example.org" },
  });
});

const bin = digestBinOf(NOON_MS);

const opened = sees(undefined, inputOf(death()).signal, { ...usual, storm: true }).known as Firing;
const listed = {
  listed: true,
  bin,
  episode: 1,
  since_ms: NOON_MS,
  over: false,
  told_at_ms: { "any-time": NOON_MS + 9 },
} as const;
const about = { number: 1, thread: 1, sinceMs: NOON_MS, openedMs: NOON_MS, untilMs: NOON_MS + 1 };
const fired = { kind: "firing", about, flapping: false, reminders: 0, atMs: NOON_MS } as const;
const unconfirmed: Claim = {
  ...fired,
  kind: "resolved",
  id: "another's",
  untilMs: NOON_MS,
  claims: 3,
  priorUnconfirmed: false,
};
const told = (known: Incident, digest: Signal & { signal: "poll" }) => sees(known, digest).known as Firing;

describe("an incident that waits for a digest", () => {
  test("opened in a storm -> waits for the digest of its quarter of an hour", () => {
    const awaits = Date.parse("2026-01-01T12:00:00Z") / 1_000;
    expect(opened.channels["any-time"]).toEqual({ through: 0, awaits });
  });

  test("opened in a storm, and a mail about the episode before is still to come -> told singly, after that mail", () => {
    const channels = { "any-time": { through: 1, told: fired, claim: unconfirmed } };
    const over = { ...(knownAfter(death(), recovery({ minute: 15 })) as Resolved), channels };
    const again = sees(over, inputOf(death({ minute: 90 })).signal, { ...usual, storm: true })
      .known as Firing;
    expect(again).toMatchObject({ state: "firing", episode: { number: 2 } });
    expect(again.channels["any-time"]).not.toHaveProperty("awaits");
  });

  test("it was put together without the episode -> told singly", () => {
    const next = told(opened, { signal: "poll", digest: { listed: false, bin } });
    expect(next.channels["any-time"]).toEqual({ through: 0 });
  });

  test("news of another bin -> none of its business", () => {
    expect(sees(opened, { signal: "poll", digest: { ...listed, bin: bin + 900 } }).changed).toBe(false);
  });
});

describe("a digest that lists the episode", () => {
  test("it listed the episode -> that counts as told", () => {
    const next = told(opened, { signal: "poll", digest: listed });
    expect(next.channels["any-time"]).not.toHaveProperty("awaits");
    expect(next.channels["any-time"]).toMatchObject({
      through: 1,
      told: { kind: "firing", atMs: NOON_MS + 9 },
    });
  });

  test("it listed the episode as over -> nothing is left to resolve", () => {
    const over = sees(opened, inputOf(recovery({ minute: 5 })).signal).known!;
    const next = told(over, { signal: "poll", digest: { ...listed, over: true } });
    expect(next.channels["any-time"]!.told!.kind).toBe("resolved");
  });

  test("it listed the episode before -> told of that one, which is over", () => {
    const closed = sees(opened, inputOf(recovery({ minute: 5 })).signal).known!;
    const again = sees(closed, inputOf(death({ minute: 10 })).signal).known!;
    expect(again).toMatchObject({ channels: { "any-time": { awaits: bin } }, episode: { number: 2 } });
    const next = told(again, { signal: "poll", digest: listed });
    expect(next.channels["any-time"]).toMatchObject({
      through: 1,
      told: { kind: "firing", about: { number: 1, untilMs: NOON_MS + 5 * MINUTE_MS } },
    });
  });

  test("it was told to one channel of two -> the other still waits", () => {
    const waits = { through: 0, awaits: bin };
    const two = { ...opened, channels: { "any-time": waits, asleep: waits } };
    const both = {
      ...usual,
      channels: [
        { id: "any-time", to: [] },
        { id: "asleep", to: [] },
      ],
    };
    const poll: Signal = { signal: "poll", digest: listed };
    const next = sees(two, poll, both).known as Firing;
    expect(next.channels["any-time"]).not.toHaveProperty("awaits");
    expect(next.channels.asleep).toEqual(waits);
    expect(sees(next, poll, both).changed).toBe(false);
  });

  test("told of an episode -> an older mail that is confirmed later changes nothing", () => {
    const known = told(opened, { signal: "poll", digest: { ...listed, over: true } }).channels["any-time"]!;
    expect(
      confirmed({ ...known, claim: { ...unconfirmed, kind: "firing", to: [] } }, NOON_MS + 90_000),
    ).toEqual({
      ...known,
      mails: 2,
    });
  });
});

describe("a digest", () => {
  test("stored already -> what it listed stands", () => {
    const signal: Signal = { signal: "digest", nowMs: NOON_MS, entries: [], opensUntilMs: NOON_MS };
    const digestId: IncidentId = { clusterId: "*", kind: "digest", subject: bin };
    const stored = observe(digestId, undefined, signal, usual).next!;
    expect(stored).toMatchObject({ state: "firing", facts: { kind: "digest", entries: [] } });
    expect(observe(digestId, stored, signal, usual)).toEqual({});
    const late = { ...usual, clockMs: NOON_MS + 1 };
    expect(observe(digestId, undefined, signal, late)).toEqual({ unmoved: "stale" });
  });
});
