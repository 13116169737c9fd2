/** Recipients with `after_hours`: told of what nobody has answered, and then like the others. */
import { confirmed, isListable } from "../../../lambda/core/channels.ts";
import { claimed } from "../../../lambda/core/claim.ts";
import { dueNotification } from "../../../lambda/core/due-notification.ts";
import type { Firing, Incident, Resolved } from "../../../lambda/core/incident.ts";
import { observe, type Signal } from "../../../lambda/core/observe.ts";
import type { ChannelPolicy, Policy } from "../../../lambda/core/policy.ts";
import { NOON_MS } from "../send_cluster_mail/support/fixtures.ts";
import { FACTS } from "../send_cluster_mail/support/mail-contexts.ts";

const HOUR_MS = 3_600_000;
const id = { clusterId: "cellar", kind: "node-dead", subject: 1 } as const;
const first: ChannelPolicy = { id: "any-time", to: ["first@example.org"] };
const late: ChannelPolicy = { id: "any-time-after-180-min", to: ["late@example.org"], afterMs: 3 * HOUR_MS };
const policyOf = (...channels: ChannelPolicy[]): Policy => ({
  channels,
  remindersMax: 4,
  stormLimit: 5,
  swept: true,
});
const policy = policyOf(late, first);

type Opened = Firing | Resolved;

/** The incident after a signal, received at that time. */
function after(known: Incident | undefined, what: "fires" | "well", nowMs: number, storm = false): Opened {
  const order = { term: 0, atMs: nowMs };
  const signal: Signal =
    what === "fires"
      ? { signal: "fires", order, nowMs, facts: FACTS["node-dead"] }
      : { signal: "well", order, nowMs };
  const { next } = observe(id, known, signal, { channels: policy.channels, storm, clockMs: nowMs });
  if (next === undefined || next.state === "recovered-before-onset") throw new Error("nothing has changed");
  return next;
}

const said = (incident: Incident, to: ChannelPolicy, nowMs: number, by = policy): string => {
  const due = dueNotification(incident, to, by, nowMs);
  return due.send ? `${due.kind}: ${due.why}` : due.why;
};

/** The incident once the mail that is due has been claimed, and confirmed unless it failed. */
function told(incident: Opened, to: ChannelPolicy, nowMs: number, isTaken = true): Opened {
  const due = dueNotification(incident, to, policy, nowMs);
  if (!due.send) throw new Error(due.why);
  const next = claimed(incident, to, policy.channels, due, `claim-${nowMs}`, nowMs);
  if (!isTaken) return next;
  return { ...next, channels: { ...next.channels, [to.id]: confirmed(next.channels[to.id]!, nowMs) } };
}

const opened = after(undefined, "fires", NOON_MS);
/** The others were told an hour after it was opened, say because of a mute. */
const toldFirst = told(opened, first, NOON_MS + HOUR_MS);
const DUE_MS = NOON_MS + 4 * HOUR_MS;

test("counts from FIRING to the others -> due to the millisecond, then reminders and RESOLVED as for any channel", () => {
  expect(said(opened, late, NOON_MS + 99 * HOUR_MS)).toBe("escalates-later");
  expect(said(toldFirst, late, DUE_MS - 1)).toBe("escalates-later");
  expect(said(toldFirst, late, DUE_MS)).toBe("firing: escalated");
  const toldLate = told(toldFirst, late, DUE_MS);
  expect(said(toldLate, late, DUE_MS + 23 * HOUR_MS)).toBe("already-told");
  expect(said(toldLate, late, DUE_MS + 24 * HOUR_MS)).toBe("reminder: reminder-due");
  expect(said(after(toldLate, "well", DUE_MS + HOUR_MS), late, DUE_MS + HOUR_MS)).toBe("resolved: recovered");
});

test("another was reminded meanwhile -> still counts from FIRING", () => {
  const slow = { ...late, afterMs: 30 * HOUR_MS };
  const reminded = told(toldFirst, first, NOON_MS + 25 * HOUR_MS);
  const by = policyOf(slow, first);
  expect(said(reminded, slow, NOON_MS + 31 * HOUR_MS - 1, by)).toBe("escalates-later");
  expect(said(reminded, slow, NOON_MS + 31 * HOUR_MS, by)).toBe("firing: escalated");
});

test("answered, snoozed, flapping, muted, quiet -> not now, and why", () => {
  const changed = (changes: Partial<Firing>) => said({ ...(toldFirst as Firing), ...changes }, late, DUE_MS);
  expect(changed({ acknowledgedMs: NOON_MS + 2 * HOUR_MS })).toBe("acknowledged");
  expect(changed({ snoozedUntilMs: DUE_MS + 1 })).toBe("snoozed");
  expect(changed({ snoozedUntilMs: DUE_MS })).toBe("firing: escalated");
  expect(changed({ flaps: 2, changedMs: DUE_MS - HOUR_MS })).toBe("flapping");
  expect(dueNotification(toldFirst, late, policy, DUE_MS, "muted")).toEqual({ send: false, why: "muted" });
  const asleep = { ...late, quiet: { fromMin: 15 * 60, toMin: 17 * 60, timeZone: "UTC" } };
  const by = policyOf(asleep, first);
  expect(said(toldFirst, asleep, DUE_MS, by)).toBe("quiet-hours");
  expect(said(toldFirst, asleep, DUE_MS + HOUR_MS, by)).toBe("firing: escalated");
});

test("no mail to the others is taken -> from the third attempt on, counts from the opening", () => {
  const minute = 60_000;
  const twice = [0, 2].reduce<Opened>((one, min) => told(one, first, NOON_MS + min * minute, false), opened);
  expect(said(twice, late, NOON_MS + 5 * HOUR_MS)).toBe("escalates-later");
  const thrice = told(twice, first, NOON_MS + 4 * minute, false);
  expect(said(thrice, late, NOON_MS + 3 * HOUR_MS - 1)).toBe("escalates-later");
  expect(said(thrice, late, NOON_MS + 3 * HOUR_MS)).toBe("firing: escalated");
});

test("over before it was escalated -> no mail; nor if the recipient is told at once from then on; the next counts none missed", () => {
  const over = after(toldFirst, "well", NOON_MS + 2 * HOUR_MS);
  expect(said(over, late, DUE_MS)).toBe("already-told");
  const now: ChannelPolicy = { id: "quiet", to: late.to };
  expect(said(over, now, DUE_MS, policyOf(now, first))).toBe("already-told");
  const againMs = NOON_MS + 20 * HOUR_MS;
  const ended = told(over, first, NOON_MS + 2 * HOUR_MS);
  // It came back the last time: FIRING waits for two hours and a half.
  const again = told(after(ended, "fires", againMs), first, againMs + 2.5 * HOUR_MS);
  expect(dueNotification(again, late, policy, againMs + 5.5 * HOUR_MS)).toMatchObject({
    why: "escalated",
    missed: 0,
    about: { number: 2 },
  });
});

test("a storm -> the others wait for the digest, and it waits for nobody else", () => {
  const awaited = after(undefined, "fires", NOON_MS, true);
  expect(awaited.channels[late.id]).toEqual({ through: 0 });
  expect(awaited.channels[first.id]?.awaits).toBeDefined();
  const toldLate = told(toldFirst, late, DUE_MS);
  // Its quiet hours, say, keep the end from it when the next episode begins.
  const ended = told(after(toldLate, "well", DUE_MS + HOUR_MS), first, DUE_MS + HOUR_MS);
  const again = after(ended, "fires", DUE_MS + 2 * HOUR_MS, true);
  expect(said(again, first, DUE_MS + 2 * HOUR_MS)).toBe("storm");
  expect(said(again, late, DUE_MS + 2 * HOUR_MS)).toBe("resolved: recovered");
  expect(isListable(again, policy.channels)).toBe(true);
});

test("a digest or a report -> not for it, whatever its channel is called later", () => {
  const digest = { clusterId: "*", kind: "digest", subject: 1_767_268_800 } as const;
  const { next } = observe(
    digest,
    undefined,
    { signal: "digest", nowMs: NOON_MS, opensUntilMs: NOON_MS + HOUR_MS, entries: [ENTRY] },
    { channels: policy.channels, storm: false, clockMs: NOON_MS },
  );
  expect(said(next!, first, NOON_MS)).toBe("firing: storm-over");
  expect(said(next!, late, NOON_MS + 9 * HOUR_MS)).toBe("already-told");
  const now: ChannelPolicy = { id: "quiet", to: late.to };
  expect(said(next!, now, NOON_MS, policyOf(now, first))).toBe("already-told");
});

const ENTRY = {
  cluster_id: "cellar",
  kind: "node-dead",
  subject: 1,
  episode: 1,
  state: "firing",
  since_ms: NOON_MS,
  facts: FACTS["node-dead"],
} as const;

test("edits -> who is added waits; who was told keeps what they know; new hours are no news", () => {
  const { [late.id]: _, ...channels } = toldFirst.channels;
  const stored = { ...toldFirst, channels };
  expect(said(stored, late, DUE_MS - 1)).toBe("escalates-later");
  expect(said(stored, late, DUE_MS)).toBe("firing: escalated");
  const slower = { ...late, id: "any-time-after-360-min", afterMs: 6 * HOUR_MS };
  const toldLate = told(toldFirst, late, DUE_MS);
  expect(said(toldLate, slower, DUE_MS + 1, policyOf(slower, first))).toBe("already-told");
  // The others' channel was renamed at the same time: what it knew is not this one's.
  const renamed = { ...first, id: "any-time-in-Asia/Tokyo" };
  const other = { ...late, to: ["new@example.org"] };
  expect(said(stored, other, DUE_MS - 1, policyOf(other, renamed))).toBe("escalates-later");
});
