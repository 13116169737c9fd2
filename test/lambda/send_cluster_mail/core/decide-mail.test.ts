import type { Firing, Incident } from "../../../../lambda/core/incident.ts";
import {
  decideMail,
  type MailDecision,
  type Moment,
} from "../../../../lambda/send_cluster_mail/core/decide-mail.ts";
import type { DeliveredEvent } from "../../../../lib/contract/messages.ts";
import { death, inputOf, MINUTE_MS, momentOf, recovery, state } from "../support/fixtures.ts";

const decided = (
  known: Incident | undefined,
  event: DeliveredEvent,
  changes: Partial<Moment> = {},
): MailDecision => {
  const { id, signal } = inputOf(event);
  return decideMail(id, known, signal, { ...momentOf(event), ...changes });
};
const said = ({ send, kind, why, next }: MailDecision) =>
  `${send ? "send" : next === undefined ? "nothing" : "record"} ${kind}: ${why}`;

const twoChannels = {
  ...momentOf(death()).policy,
  channels: [
    { id: "tried", to: ["me@example.org"] },
    { id: "fresh", to: ["me@example.org"] },
  ],
};

test("an onset -> its mail claimed, in the write that opens it", () => {
  const decision = decided(undefined, death());
  expect(said(decision)).toBe("send firing: opened");
  expect(decision.next).toMatchObject({
    state: "firing",
    rev: 1,
    channels: { "any-time": { through: 0, claim: { id: "mine", kind: "firing", claims: 1 } } },
  });
});

test.each<[string, string, DeliveredEvent]>([
  ["a recovery of nothing", "record resolved: nothing-to-resolve", recovery()],
  ["an empty seat", "nothing firing: never-admitted", death({ state: { ...state, never_admitted: [0] } })],
])("%s -> %s", (_, expected, event) => {
  expect(said(decided(undefined, event))).toBe(expected);
});

test("recovered while its mail is on its way -> recorded, and left to whoever sends", () => {
  const { next } = decided(undefined, death());
  expect(said(decided(next, recovery()))).toBe("record resolved: being-told");
  expect(decided(next, recovery()).next).toMatchObject({ state: "resolved", rev: 2 });
});

test("a mail is due to two channels -> the one that was tried less often comes first", () => {
  const opened = decided(undefined, death(), { policy: twoChannels }).next as Firing;
  const later = momentOf(death(), "next", 60_000);
  const second = decided(opened, death(), { ...later, policy: twoChannels });
  expect(second).toMatchObject({ send: true, why: "opened", channel: { id: "fresh" } });
});

test("one channel sleeps, the other knows -> what ends by itself is said", () => {
  const noon = { fromMin: 12 * 60, toMin: 13 * 60, timeZone: "UTC" };
  const [tried, fresh] = twoChannels.channels;
  const policy = { ...twoChannels, channels: [tried!, { ...fresh!, quiet: noon }] };
  const opened = decided(undefined, death(), { policy }).next as Firing;
  const about = opened.episode;
  const told = { kind: "firing", about, flapping: false, reminders: 0, atMs: about.openedMs } as const;
  const known = { ...opened, channels: { ...opened.channels, tried: { through: 1, told } } };
  expect(said(decided(known, death(), { policy }))).toBe("nothing firing: quiet-hours");
});

test("a second death of a node that publishes -> in doubt, as the first was", () => {
  const { received_at } = death();
  const over = decided(decided(undefined, death()).next, recovery()).next as Firing;
  const episode = { ...over.episode, openedMs: over.episode.openedMs - 86_400_000 };
  const known = { ...over, episode, channels: {} };
  const again = death({ term: 9 });
  const heard = [{ node: again.subject, receivedMs: received_at - MINUTE_MS, sleepS: 900 }];
  const { why } = decided(known, again, { neighbourhood: { others: [], heard } });
  expect(why).toBe("in-doubt");
});

describe("a storm", () => {
  const { received_at } = death();
  const lately = (count: number, ms: number) => {
    const others = Array.from({ length: count }, (_, subject) => ({
      kind: "node-suspect" as const,
      subject,
      openedMs: received_at - ms,
    }));
    return { others, heard: [] };
  };

  test.each<[string, string, Partial<Moment>]>([
    ["four others within the hour", "send firing: opened", { neighbourhood: lately(4, MINUTE_MS) }],
    ["five others within the hour", "record firing: storm", { neighbourhood: lately(5, MINUTE_MS) }],
    ["five others, an hour ago", "send firing: opened", { neighbourhood: lately(5, 60 * MINUTE_MS) }],
    ["the sweep saw one", "record firing: storm", { storm: true }],
    [
      "five others, in a cluster that no sweep looks after",
      "send firing: opened",
      { neighbourhood: lately(5, MINUTE_MS), policy: { ...momentOf(death()).policy, swept: false } },
    ],
  ])("%s -> %s", (_, expected, changes) => {
    expect(said(decided(undefined, death(), changes))).toBe(expected);
  });
});
