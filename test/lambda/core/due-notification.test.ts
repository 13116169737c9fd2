import { dueNotification } from "../../../lambda/core/due-notification.ts";
import type {
  Channel,
  Claim,
  Episode,
  Firing,
  Notification,
  Resolved,
} from "../../../lambda/core/incident.ts";
import { type Policy, unswept } from "../../../lambda/core/policy.ts";
import { nextReminderMs } from "../../../lambda/core/reminders.ts";
import { MINUTE_MS, NOON_MS } from "../send_cluster_mail/support/fixtures.ts";
import { FACTS } from "../send_cluster_mail/support/mail-contexts.ts";

const HOUR_MS = 60 * MINUTE_MS;
const DAY_MS = 24 * HOUR_MS;
const ANY = "any-time";

const policy: Policy = {
  channels: [{ id: ANY, to: ["me@example.org"] }],
  remindersMax: 5,
  stormLimit: 5,
  swept: true,
};
const night: Policy = {
  ...policy,
  channels: [
    { id: ANY, to: ["me@example.org"], quiet: { fromMin: 12 * 60, toMin: 13 * 60, timeZone: "UTC" } },
  ],
};

const first: Episode = { number: 1, thread: 1, sinceMs: NOON_MS, openedMs: NOON_MS };
const over: Episode = { ...first, untilMs: NOON_MS + MINUTE_MS, closedMs: NOON_MS + MINUTE_MS };
const ninth: Episode = { ...first, number: 9 };

const firing = (channel: Channel, changes: Partial<Firing> = {}): Firing => ({
  state: "firing",
  id: { clusterId: "kitchen", kind: "node-dead", subject: 0 },
  rev: 1,
  episode: first,
  since: { term: 0, atMs: NOON_MS },
  changedMs: NOON_MS,
  flaps: 0,
  facts: FACTS["node-dead"],
  channels: { [ANY]: channel },
  ...changes,
});
const resolved = (channel: Channel, changes: Partial<Resolved> = {}): Resolved => ({
  ...firing(channel),
  state: "resolved",
  episode: over,
  recovered: { term: 0, atMs: NOON_MS + MINUTE_MS },
  until: { term: 0, atMs: NOON_MS + MINUTE_MS },
  expiresAtS: 0,
  ...changes,
});

const untold: Channel = { through: 0 };
const mail = (changes: Partial<Notification> = {}): Notification => ({
  kind: "firing",
  about: first,
  flapping: false,
  reminders: 0,
  ...changes,
});
const told = (changes: Partial<Notification> = {}, atMs = NOON_MS): Channel => ({
  through: changes.about?.number ?? 1,
  told: { ...mail(changes), atMs },
});
const claimed = (changes: Partial<Claim> = {}): Claim => ({
  ...mail(),
  id: "another's",
  untilMs: NOON_MS + 30_000,
  claims: 1,
  priorUnconfirmed: false,
  ...changes,
});

/** `firing: opened`, or why not. */
function said(incident: Firing | Resolved, nowMs = NOON_MS, by: Policy = policy): string {
  const answer = dueNotification(incident, by.channels[0]!, by, nowMs);
  return answer.send ? `${answer.kind}: ${answer.why}` : answer.why;
}

test.each<[string, string, Firing | Resolved]>([
  ["fires, untold", "firing: opened", firing(untold)],
  ["fires, told", "already-told", firing(told())],
  [
    "fires again, told of the one before, which was over lately",
    "may-pass",
    firing(told({ kind: "resolved", about: over }), { episode: { ...first, number: 2 } }),
  ],
  ["over, told that it fires", "resolved: recovered", resolved(told({ about: over }))],
  ["over, told so", "already-told", resolved(told({ kind: "resolved", about: over }))],
  ["over, never told", "resolved: opened", resolved(untold)],
  [
    "fires again, never told that the one before is over",
    "resolved: recovered",
    firing(told({ about: over }), { episode: { ...first, number: 2 } }),
  ],
  ["waits for its digest", "storm", firing({ ...untold, awaits: 1 })],
  [
    "waits for its digest, owed an end",
    "storm",
    firing({ ...told({ about: over }), awaits: 1 }, { episode: { ...first, number: 2 } }),
  ],
  [
    "waits for its digest, a channel that is new",
    "storm",
    firing(untold, { channels: { other: { ...untold, awaits: 1 } } }),
  ],
  ["fires, a channel that is new", "firing: opened", { ...firing(untold), channels: {} }],
  ["over, a channel that is new", "already-told", { ...resolved(untold), channels: {} }],
  ["claimed a moment ago", "being-told", firing({ ...untold, claim: claimed() })],
  [
    "a day old, of a kind without reminders",
    "already-told",
    {
      ...firing(told({}, NOON_MS - DAY_MS)),
      id: { clusterId: "kitchen", kind: "node-unconnected", subject: 1 },
    },
  ],
  ["reminded a last time", "already-told", firing(told({ reminders: 5 }, NOON_MS - 300 * DAY_MS))],
  ["a day old", "reminder: reminder-due", firing(told({}, NOON_MS - DAY_MS))],
  ["a day old, reminded an hour ago", "already-told", firing(told({ reminders: 1 }, NOON_MS - HOUR_MS))],
  [
    "a day old and acknowledged",
    "acknowledged",
    firing(told({}, NOON_MS - DAY_MS), { acknowledgedMs: NOON_MS }),
  ],
  ["a day old and snoozed", "snoozed", firing(told({}, NOON_MS - DAY_MS), { snoozedUntilMs: NOON_MS + 1 })],
  [
    "a day old, no longer snoozed",
    "reminder: reminder-due",
    firing(told({}, NOON_MS - DAY_MS), { snoozedUntilMs: NOON_MS }),
  ],
])("%s -> %s", (_, expected, incident) => {
  expect(said(incident)).toBe(expected);
});

describe("a claim", () => {
  test("the last ms of its lease -> being-told; the next -> claim-lapsed", () => {
    const incident = firing({ ...untold, claim: claimed() });
    expect([said(incident, NOON_MS + 29_999), said(incident, NOON_MS + 30_000)]).toEqual([
      "being-told",
      "firing: claim-lapsed",
    ]);
  });

  test.each([
    [2, 0],
    [3, 10],
    [4, 20],
    [7, 160],
    [8, 240],
    [99, 240],
  ])("%s attempts have failed -> the next one %s min after the last", (claims, minutes) => {
    const incident = firing({ ...untold, claim: claimed({ claims, untilMs: NOON_MS }) });
    expect(said(incident, NOON_MS + minutes * MINUTE_MS)).toBe("firing: claim-lapsed");
    if (minutes > 0) expect(said(incident, NOON_MS + minutes * MINUTE_MS - 1)).toBe("tried-lately");
  });

  test("lapsed, and the incident is over and fires anew -> that mail is finished all the same", () => {
    const claim = claimed({ about: over, untilMs: NOON_MS });
    const answer = dueNotification(
      firing({ ...untold, claim }, { episode: ninth }),
      policy.channels[0]!,
      policy,
      NOON_MS,
    );
    expect(answer).toMatchObject({ send: true, why: "claim-lapsed", claims: 1, about: over });
  });

  test("lapsed, of an end that a digest has overtaken -> not sent: it would be the last word", () => {
    const claim = claimed({ kind: "resolved", about: over, untilMs: NOON_MS });
    const second = { ...first, number: 2 };
    const channel = { ...told({ about: second }), claim };
    expect(said(firing(channel, { episode: second }))).toBe("already-told");
  });

  test("of a reminder, lapsed, and over meanwhile -> RESOLVED, which says that a mail may be missing", () => {
    const claim = claimed({ kind: "reminder", untilMs: NOON_MS, about: over });
    const answer = dueNotification(
      resolved({ ...told({ about: over }), claim }),
      policy.channels[0]!,
      policy,
      NOON_MS,
    );
    expect(answer).toMatchObject({ kind: "resolved", claims: 0, priorUnconfirmed: true });
  });
});

describe("quiet hours", () => {
  test.each([
    ["FIRING", firing(untold)],
    ["RESOLVED", resolved(told({ about: over }))],
    ["a reminder", firing(told({}, NOON_MS - DAY_MS))],
    ["a lapsed claim", firing({ ...untold, claim: claimed({ untilMs: 0 }) })],
  ])("%s -> put off", (_, incident) => {
    expect(said(incident, NOON_MS + HOUR_MS - 1, night)).toBe("quiet-hours");
    expect(said(incident, NOON_MS + HOUR_MS, night)).toMatch(/^(firing|resolved|reminder): /);
  });

  test("nothing to tell -> that is said, and not that it is put off", () => {
    expect(said(firing(told()), NOON_MS, night)).toBe("already-told");
  });
});

describe("an incident that keeps changing", () => {
  const flapping = { flaps: 3, changedMs: NOON_MS, episode: { ...ninth, thread: 1 } };
  const toldSo = told({ flapping: true, about: { ...first, number: 4 } });
  const settledMs = { firing: NOON_MS + 2 * HOUR_MS, resolved: NOON_MS + 4 * HOUR_MS };

  test("not told so yet -> one mail that says it", () => {
    const answer = dueNotification(firing(untold, flapping), policy.channels[0]!, policy, NOON_MS);
    expect(answer).toMatchObject({ kind: "firing", flapping: true, missed: 8 });
  });

  test.each<[string, Firing | Resolved, string]>([
    ["fires", firing(toldSo, flapping), "firing: settled"],
    ["is over", resolved(toldSo, flapping), "resolved: settled"],
    [
      "fires in the episode that it was told of",
      firing(told({ flapping: true, about: flapping.episode }), flapping),
      "already-told",
    ],
  ])(
    "told so, it %s -> nothing for two hours, or four after an end, then how it ended",
    (_, incident, expected) => {
      expect(said(incident, settledMs[incident.state] - 1)).toMatch(/flapping|already-told/);
      expect(said(incident, settledMs[incident.state])).toBe(expected);
    },
  );

  test("told so, a day without rest, fires just now -> a reminder", () => {
    const incident = firing(told({ flapping: true }, NOON_MS - DAY_MS), flapping);
    expect(said(incident)).toBe("reminder: reminder-due");
  });

  test("nobody sweeps -> nothing is damped", () => {
    const answer = dueNotification(firing(untold, flapping), policy.channels[0]!, unswept(policy), NOON_MS);
    expect(answer).toMatchObject({ kind: "firing", flapping: false });
  });
});

test("waits for its digest, in a cluster that no sweep looks after any more -> told singly", () => {
  const incident = firing({ ...untold, awaits: 1 });
  expect(said(incident, NOON_MS, unswept(policy))).toBe("firing: opened");
});

test.each(["split-brain", "in-doubt", "muted"] as const)(
  "%s -> put off; nothing to tell is said first",
  (hold) => {
    const [channel] = policy.channels;
    expect(dueNotification(firing(untold), channel!, policy, NOON_MS, hold)).toEqual({
      send: false,
      why: hold,
    });
    expect(dueNotification(firing(told()), channel!, policy, NOON_MS, hold)).toMatchObject({
      why: "already-told",
    });
    const strangers = unswept(policy);
    expect(dueNotification(firing(untold), channel!, strangers, NOON_MS, hold)).toMatchObject({ send: true });
  },
);

test("over before it could be told -> one mail, which says both", () => {
  expect(dueNotification(resolved(untold), policy.channels[0]!, policy, NOON_MS)).toMatchObject({
    kind: "resolved",
    only: true,
    about: over,
  });
});

test("reminders -> after 1, 3, 7, 14, 21 days, and no more than there may be", () => {
  const days: number[] = [];
  let told = { atMs: 0, reminders: 0 };
  for (;;) {
    const next = nextReminderMs(told, 5);
    if (next === undefined) break;
    days.push(next / DAY_MS);
    told = { atMs: next, reminders: told.reminders + 1 };
  }
  expect(days).toEqual([1, 3, 7, 14, 21]);
});

test("episodes that came and went untold -> counted in the next mail", () => {
  const channel = told({ kind: "resolved", about: over });
  const answer = dueNotification(
    firing(channel, { episode: ninth }),
    policy.channels[0]!,
    policy,
    NOON_MS + 3 * HOUR_MS,
  );
  expect(answer).toMatchObject({ send: true, missed: 7 });
});

test("a digest -> one mail, and no reminders", () => {
  const id = { clusterId: "*", kind: "digest", subject: 0 } as const;
  const facts = { kind: "digest", entries: [] } as const;
  expect(said(firing(untold, { id, facts }))).toBe("firing: storm-over");
  expect(said(firing(told({}, NOON_MS - 9 * DAY_MS), { id, facts }))).toBe("already-told");
});
