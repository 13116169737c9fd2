/** What puts a death's mails off: a node that is reported dead and was heard a moment ago may well be alive. */
import { type Heard, holdOf } from "../../../lambda/core/neighbourhood.ts";

const NOW = Date.UTC(2026, 5, 1, 12);
const MINUTE = 60_000;
const SLEEP_S = 600;

/** A death of node 2, reported and received now. */
const death = { kind: "node-dead", subject: 2, openedMs: NOW, saidMs: NOW } as const;
const heard = (agoMin: number, saidAgoMin = agoMin, node = 2): Heard => ({
  node,
  receivedMs: NOW - agoMin * MINUTE,
  saidMs: NOW - saidAgoMin * MINUTE,
  sleepS: SLEEP_S,
});
const held = (last: Heard, episode: Parameters<typeof holdOf>[0] = death) =>
  holdOf(episode, { others: [], heard: [last] }, NOW + 1_000);

test.each([
  ["a period ago", heard(10), "in-doubt"],
  ["two periods ago", heard(20), undefined],
  ["a moment ago, after two periods by both clocks: time is accelerated", heard(0.1, 20), undefined],
  ["a moment ago, two days before by its clock, which is wrong", heard(0.1, 2 * 24 * 60), "in-doubt"],
  ["a moment ago, later than its death by its clock", heard(0.1, -30), "in-doubt"],
  ["a moment ago, by a clock that says no time", { ...heard(0.1), saidMs: Number.NaN }, "in-doubt"],
  ["never, but another node was, a moment ago", heard(0.1, 0.1, 1), undefined],
])("heard %s -> %s", (_, last, hold) => {
  expect(held(last)).toBe(hold);
});

test.each([
  ["an earlier term", 6, 7, "in-doubt"],
  ["the death's term", 7, 7, undefined],
  ["a later term", 9, 7, undefined],
  ["no term, as in its death", 0, 0, "in-doubt"],
])("heard a moment ago under %s (%i, %i) -> %s", (_, term, deathTerm, hold) => {
  expect(held({ ...heard(0.1), term }, { ...death, term: deathTerm })).toBe(hold);
});

test("reported by a clock that nobody knows -> what was received counts", () => {
  const { saidMs, ...unknown } = death;
  expect(saidMs).toBe(NOW);
  expect(held(heard(0.1, 20), unknown)).toBe("in-doubt");
});

test("in doubt for two hours -> told, whatever is heard", () => {
  const nowMs = NOW + 120 * MINUTE;
  const fresh = { ...heard(0), receivedMs: nowMs, saidMs: nowMs };
  expect(holdOf(death, { others: [], heard: [fresh] }, nowMs - 1)).toBe("in-doubt");
  expect(holdOf(death, { others: [], heard: [fresh] }, nowMs)).toBeUndefined();
});
