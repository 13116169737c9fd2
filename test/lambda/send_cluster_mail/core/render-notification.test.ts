/** What a claimed mail is told of: whose, since when, held back since, and what follows it. */
import { type DueNotification, dueNotification } from "../../../../lambda/core/due-notification.ts";
import type { Firing, Resolved } from "../../../../lambda/core/incident.ts";
import type { ChannelPolicy } from "../../../../lambda/core/policy.ts";
import { parseConfig } from "../../../../lambda/send_cluster_mail/core/config.ts";
import { decideMail } from "../../../../lambda/send_cluster_mail/core/decide-mail.ts";
import { renderNotification } from "../../../../lambda/send_cluster_mail/core/render-notification.ts";
import { death, environment, inputOf, momentOf, NOON_MS, recovery } from "../support/fixtures.ts";

const config = parseConfig(environment);
const [channel] = config.policy.channels;
const asleep: ChannelPolicy = {
  id: "quiet-1200-1300-UTC",
  to: ["me@example.org"],
  quiet: { fromMin: 720, toMin: 780, timeZone: "UTC" },
};
const HOUR_MS = 3_600_000;

function opened(): Firing {
  const { id, signal } = inputOf(death());
  const decision = decideMail(id, undefined, signal, momentOf(death()));
  if (!decision.send) throw new Error(decision.why);
  return decision.next as Firing;
}
function dueOf(incident: Firing | Resolved, nowMs: number, to: ChannelPolicy = channel!): DueNotification {
  const mail = dueNotification(incident, to, config.policy, nowMs);
  if (!mail.send) throw new Error(mail.why);
  return mail;
}
const firing = { ...opened(), channels: {} };
const rendered = (
  incident: Firing | Resolved,
  {
    to = channel!,
    nowMs = NOON_MS + 5_000,
    changes = {},
    key,
    by = config,
  }: {
    to?: ChannelPolicy;
    nowMs?: number;
    changes?: Partial<DueNotification>;
    key?: Uint8Array;
    by?: typeof config;
  } = {},
) => renderNotification(incident, { ...dueOf(incident, nowMs, to), ...changes }, to, by, nowMs, key);

test("FIRING -> says when a reminder comes; the last reminder says that none does", () => {
  expect(rendered(firing).text).toContain("2026-01-02 12:00 UTC");
  const last = rendered(firing, { changes: { kind: "reminder", reminders: config.policy.remindersMax } });
  expect(last.text).toContain("last reminder");
});

test("a channel's time zone, and constant subjects -> as the environment says", () => {
  const MAIL_TO = JSON.stringify([{ address: "me@example.org", time_zone: "Australia/Sydney" }]);
  const abroad = parseConfig({ ...environment, MAIL_TO, SUBJECTS: "constant" });
  const { subject, text } = rendered(firing, { to: abroad.policy.channels[0]!, by: abroad });
  expect(text).toContain("Reported dead at 2026-01-01 23:00 GMT+11, just before this mail.");
  expect(subject).toBe("[ha2m] kitchen: node-dead 0");
  expect(() => parseConfig({ ...environment, SUBJECTS: "none" })).toThrow(
    'MAIL-001 SUBJECTS is "none", not changing or constant; set it like SUBJECTS=changing',
  );
});

test("acknowledged -> RESOLVED says when, to whoever did not press the button; not of another episode", () => {
  const acknowledged = { ...firing, acknowledgedMs: NOON_MS + 2 * HOUR_MS };
  const of = (number: number) =>
    rendered(acknowledged, { changes: { kind: "resolved", about: { ...firing.episode, number } } }).text;
  expect(of(1)).toContain("NOTE: A recipient acknowledged it at 2026-01-01 14:00 UTC.");
  expect(of(2)).not.toContain("acknowledged it");
});

test("held back by quiet hours -> says since when; a channel without them does not", () => {
  expect(rendered(firing, { to: asleep, nowMs: NOON_MS + HOUR_MS }).text).toContain("held this mail back");
  expect(rendered(firing, { nowMs: NOON_MS + HOUR_MS }).text).not.toContain("held this mail back");
});

test("FIRING to a channel that is told late -> says why it comes; held back since it was due, not since it began", () => {
  const MAIL_TO = JSON.stringify([
    "me@example.org",
    {
      address: "neighbour@example.org",
      after_hours: 2.5,
      quiet: { from: "14:00", to: "16:00", time_zone: "UTC" },
    },
  ]);
  const by = parseConfig({ ...environment, MAIL_TO });
  const [first, late] = by.policy.channels;
  const told = (atMs: number) => ({
    through: 1,
    told: { kind: "firing", about: firing.episode, flapping: false, reminders: 0, atMs } as const,
  });
  const at = (toldMs: number, changes: Partial<Firing> = {}) => {
    const incident = { ...firing, ...changes, channels: { [first!.id]: told(toldMs) } };
    const about = { about: firing.episode, to: late!.to } as const;
    const due = { ...dueOf(firing, NOON_MS), ...about };
    return renderNotification(incident, due, late!, by, NOON_MS + 5 * HOUR_MS, undefined).text;
  };
  expect(at(NOON_MS)).toContain(
    "NOTE: Nobody has answered for 2 h 30 min: you are told because the configuration names you for then (after_hours).",
  );
  expect(at(NOON_MS)).toContain("quiet hours have held this mail back since 2026-01-01 14:30 UTC");
  expect(at(NOON_MS + 2 * HOUR_MS)).not.toContain("held this mail back");
  expect(at(NOON_MS, { acknowledgedMs: NOON_MS + HOUR_MS })).not.toContain("Nobody has answered");
});

describe("FIRING that had to wait, because the node came back by itself lately", () => {
  const about = { ...firing.episode, number: 2 };
  const told = {
    kind: "resolved",
    about: firing.episode,
    flapping: false,
    reminders: 0,
    atMs: about.openedMs - 6 * 24 * HOUR_MS,
  } as const;
  const textOf = (fromMin: number, toMin: number, changes: Partial<DueNotification> = {}): string => {
    const to = { ...asleep, quiet: { fromMin, toMin, timeZone: "UTC" } };
    const incident = { ...firing, episode: about, channels: { [to.id]: { through: 1, told } } };
    const due = { ...dueOf(firing, NOON_MS), about, to: to.to, ...changes };
    return renderNotification(incident, due, to, config, NOON_MS + 5 * HOUR_MS, undefined).text;
  };
  const over = {
    kind: "resolved",
    only: true,
    about: { ...about, untilMs: NOON_MS + HOUR_MS, closedMs: NOON_MS + HOUR_MS },
  } as const;

  test.each<[string, string, string | undefined]>([
    ["as it began", textOf(11 * 60, 13 * 60), undefined],
    ["when it was due", textOf(14 * 60, 16 * 60), "2026-01-01 14:30 UTC"],
    ["as it began, and it was over before it was due", textOf(11 * 60, 12 * 60 + 30, over), undefined],
    ["when it was over, before it was due", textOf(12 * 60 + 30, 14 * 60, over), "2026-01-01 13:00 UTC"],
  ])("quiet hours %s -> held back since then, or not at all", (_, text, since) => {
    if (since === undefined) expect(text).not.toContain("held this mail back");
    else expect(text).toContain(`held this mail back since ${since}`);
  });

  test("says so; a mail of the episode before, finished late, does not", () => {
    const sentence = "so this mail has waited 2 h 30 min";
    expect(textOf(0, 60)).toContain(sentence);
    expect(textOf(0, 60, { about: firing.episode })).not.toContain(sentence);
  });
});

test("RESOLVED -> as whoever admitted the node sees it", () => {
  const { id, signal } = inputOf(recovery({ minute: 15 }));
  const about = firing.episode;
  const told = { kind: "firing", about, flapping: false, reminders: 0, atMs: NOON_MS } as const;
  const known = { ...firing, channels: { [channel!.id]: { through: 1, told } } };
  const decision = decideMail(id, known, signal, momentOf(recovery({ minute: 15 })));
  if (!decision.send) throw new Error(decision.why);
  const mail = renderNotification(
    decision.next,
    decision.notification,
    channel!,
    config,
    NOON_MS + HOUR_MS,
    undefined,
  );
  expect(mail.subject).toBe("[ha2m] RESOLVED kitchen: node 0 is back");
  expect(mail.text).toContain("is a member again");
});

test("a second claim -> marked as a possible duplicate, under a Message-ID of its own", () => {
  const [once, twice] = [rendered(firing), rendered(firing, { changes: { claims: 1 } })];
  expect(once.text).not.toContain("Possible duplicate");
  expect(twice.text).toContain("Possible duplicate");
  expect(twice.messageId).not.toBe(once.messageId);
  expect(twice.threadRoot).toBe(once.threadRoot);
});

test("links to answer -> where they are deployed and the key could be had", () => {
  const by = parseConfig({
    ...environment,
    ANSWER_URL: "https://abc.lambda-url.us-east-1.on.aws/",
    ANSWER_KEY_SECRET_ARN: "arn",
  });
  const key = new Uint8Array(64);
  expect(rendered(firing, { by, key }).text).toContain("https://abc.lambda-url");
  expect(rendered(firing, { by }).text).not.toContain("lambda-url");
  expect(rendered(firing, { key }).text).not.toContain("lambda-url");
});
