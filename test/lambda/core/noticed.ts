/** What readers of an incident's mails notice: mails out of turn, too soon, too many, by night, or a belief that is wrong. */
import { FLAPS_MAX } from "../../../lambda/core/incident.ts";
import type { Step } from "./mail-steps.ts";
import { AFTER_MS, ESCALATED, HANDLES, HOUR_MS, JOINS, RECIPIENTS, type Read, Reader } from "./reader.ts";

/** The mails of a recipient; what was sent again because its attempt had crashed counts once. */
export const heard = ({ read }: { readonly read: readonly Read[] }, recipient: string): readonly Read[] =>
  read
    .filter(({ to, mail }) => to === recipient && (mail.claims === 0 || mail.kind !== "reminder"))
    .filter(
      ({ mail }, i, all) =>
        !all
          .slice(0, i)
          .some(
            ({ mail: before }) =>
              before.kind === mail.kind &&
              before.about.number === mail.about.number &&
              mail.kind !== "reminder",
          ),
    );

/** FIRING to the one who is told late: unanswered, and so long after another was told, or after attempts in vain. */
function isRightlyEscalated({ read }: Reader, escalated: Read): boolean {
  const { mail, atMs, acknowledged } = escalated;
  const { number, openedMs } = mail.about;
  // By their order, for two mails of the same instant.
  const earlier = read.slice(0, read.indexOf(escalated));
  const toldMs = RECIPIENTS.filter((to) => to !== ESCALATED).flatMap((to) => {
    const before = earlier.filter((one) => one.to === to && one.isConfirmed);
    // Since when this reader has believed that it fires: a flapping incident keeps one mail over several episodes.
    const believes = before.slice(before.findLastIndex((one) => one.mail.kind === "resolved") + 1);
    return believes.some((one) => one.mail.about.number === number) ? [believes[0]!.atMs] : [];
  });
  const sinceMs = Math.max(openedMs, toldMs.length === 0 ? 0 : Math.min(...toldMs));
  return !acknowledged && atMs - sinceMs >= AFTER_MS;
}

/** However often it changes: FIRING and RESOLVED until it flaps, and the mail that says so, after the last word before. */
export const mostWithinAnHour = (mails: readonly Read[]): number =>
  Math.max(
    0,
    ...mails.map(({ atMs }) => mails.filter((one) => one.atMs >= atMs && one.atMs < atMs + HOUR_MS).length),
  );

/** What the reader counts: that the property is about something. */
export interface Seen {
  reminders: number;
  flapping: number;
  digests: number;
  joined: number;
  escalated: number;
  inHand: number;
}

/**
 * One recipient's mails, each against the one before.
 * @param hasJoined a recipient who came later gets the reminders of the others, when they get them
 * @returns what they were left believing
 */
export function inTurn(
  mails: readonly Read[],
  broken: string[],
  hasJoined: (to: string) => boolean = (to) => to === JOINS,
): "firing" | "resolved" {
  let believed: "firing" | "resolved" = "resolved";
  let settles = false;
  let lastMs = 0;
  for (const { to, mail, atMs } of mails) {
    const said = `${to}: ${mail.kind} of episode ${mail.about.number}`;
    if (mail.kind === "acknowledged") {
      if (believed !== "firing") broken.push(`${said}, of which they had not heard`);
      if (to === HANDLES) broken.push(`${said}, by themselves`);
      continue;
    }
    if (mail.kind === "reminder") {
      if (believed !== "firing") broken.push(`${said}, of which they had not heard`);
      // One that may be out, and was about an episode before, is not finished: the one in its place says so.
      else if (!mail.priorUnconfirmed && !hasJoined(to) && atMs - lastMs < 24 * HOUR_MS)
        broken.push(`${said}, too soon`);
    } else if (mail.kind === "firing") {
      if (believed === "firing" && !settles) broken.push(`${said}, twice`);
    } else if ((believed === "resolved") !== (mail.only === true)) broken.push(`${said}, out of turn`);
    believed = mail.kind === "resolved" ? "resolved" : "firing";
    settles = mail.flapping;
    lastMs = atMs;
  }
  return believed;
}

/** Mails in an hour without trouble: more, and there is no end of them. */
const SETTLED_WITHIN = 50;

const NIGHT_HOURS = [22, 23, 0, 1, 2, 3, 4, 5, 6];

/** What a recipient was told that was wrong, or was not told. */
function brokenFor(model: Reader, recipient: (typeof RECIPIENTS)[number]): string[] {
  const broken: string[] = [];
  const mails = heard(model, recipient);
  const believed = inTurn(mails, broken);
  const { incident } = model;
  const truth = incident?.state === "firing" ? "firing" : "resolved";
  // What somebody has in hand is told neither to who came since nor to who is told late.
  const isInHand = incident?.state === "firing" && incident.acknowledgedMs !== undefined;
  if (
    model.isReached(recipient) &&
    believed !== truth &&
    !(isInHand && (recipient === JOINS || recipient === ESCALATED))
  )
    broken.push(`${recipient}: believes ${believed}, but it is ${truth}`);
  const counted = mails.filter(({ mail }) => mail.kind === "firing" || mail.only === true).length;
  // A reminder that may be out is not sent again: the mail in its place counts what it counted, and says so.
  const missed = mails
    .filter((_, i) => mails[i + 1]?.mail.priorUnconfirmed !== true)
    .reduce((sum, { mail }) => sum + mail.missed, 0);
  if (incident !== undefined && incident.state !== "recovered-before-onset")
    if (counted + missed > incident.episode.number) broken.push(`${recipient}: counts too many episodes`);
  if (mostWithinAnHour(mails) > 2 * FLAPS_MAX + 2) broken.push(`${recipient}: too many mails within an hour`);
  return broken;
}

/** What the one who is told late was told too soon, or for nothing. */
const wronglyEscalated = (model: Reader, firings: readonly Read[]): string[] =>
  [
    ...heard(model, ESCALATED).filter(({ mail }) => mail.only !== undefined),
    ...firings.filter((one) => !isRightlyEscalated(model, one)),
  ].map(({ mail }) => `${ESCALATED}: ${mail.kind} of episode ${mail.about.number}, out of place`);

/**
 * Takes the steps, then a night and more without trouble, in which attempts are made until nothing is due.
 * @returns what was wrong of what the recipients read; nothing: the contract holds
 */
export function brokenBy(steps: readonly Step[], seen: Seen): string[] {
  const model = new Reader();
  for (const one of steps) model.take(one);
  for (let hour = 0; hour < 18; hour++) {
    model.nowMs += HOUR_MS;
    let mails = 0;
    while (mails < SETTLED_WITHIN && model.settle()) mails += 1;
    if (mails === SETTLED_WITHIN) return ["mails without end"];
  }
  seen.digests += model.digests;
  for (const { to, mail } of model.read) {
    seen.reminders += mail.kind === "reminder" ? 1 : 0;
    seen.flapping += mail.flapping ? 1 : 0;
    seen.inHand += mail.kind === "acknowledged" ? 1 : 0;
    seen.joined += to === JOINS ? 1 : 0;
  }
  const escalated = heard(model, ESCALATED).filter(({ mail }) => mail.kind === "firing" && mail.claims === 0);
  seen.escalated += escalated.length;
  const woken = model.read.filter(
    ({ to, atMs }) => to === RECIPIENTS[0] && NIGHT_HOURS.includes(new Date(atMs).getUTCHours()),
  );
  return [
    ...model.broken,
    ...RECIPIENTS.flatMap((recipient) => brokenFor(model, recipient)),
    ...wronglyEscalated(model, escalated),
    ...woken.map(({ to }) => `${to}: woken`),
  ];
}
