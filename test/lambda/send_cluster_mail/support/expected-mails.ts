/** What must hold of the mails of a story, for whoever reads them. */

import { dueNotification } from "../../../../lambda/core/due-notification.ts";
import { parseChannels } from "../../../../lambda/core/environment.ts";
import { type Firing, FLAPS_MAX, type Resolved } from "../../../../lambda/core/incident.ts";
import { toMime } from "../../../../lambda/send_cluster_mail/adapters/mime.ts";
import { parseNotices } from "../../../../lambda/tell_subscribers/core/notice.ts";
import { type DigestEntry, isBulletin } from "../../../../lib/contract/incidents.ts";
import { heard, inTurn, mostWithinAnHour } from "../../core/noticed.ts";
import type { Read } from "../../core/reader.ts";
import { brokenIn } from "../../sweep_clusters/support/expected-life.ts";
import { ASLEEP, ATTICS, AWAKE, BOSS, JOINS, RECIPIENTS, type Story, TOGETHER } from "./told-stories.ts";
import type { Told } from "./told-world.ts";
import { linksIn, type Sent } from "./world.ts";

const HOUR_MS = 3_600_000;
const PEOPLE = [AWAKE, ASLEEP, JOINS, BOSS];

type Item = Firing | Resolved;

/** What each person has read, by incident: mails, and lines of digests. */
type Reads = ReadonlyMap<string, readonly Read[]>;

const claimsOf = ({ mail }: Sent): number => Number(/\.(\d+)@/.exec(mail.messageId)?.[1]) - 1;
const nameOf = (cluster: string, incident: string): string => `${cluster} ${incident}`;

function readsOf(mails: readonly Sent[], digests: ReadonlyMap<string, readonly DigestEntry[]>): Reads {
  const reads = new Map<string, Read[]>();
  const add = (name: string, read: Read) => void reads.set(name, [...(reads.get(name) ?? []), read]);
  const plain = { flapping: false, missed: 0, priorUnconfirmed: false } as const;
  const about = (number: number) => ({ number, thread: 1, sinceMs: 0, openedMs: 0 });
  for (const sent of mails) {
    const { atMs, text, to, state } = sent;
    const common = { atMs, acknowledged: false, isConfirmed: true };
    if (state === "firing" || state === "reminder" || state === "acknowledged" || state === "resolved") {
      const mail = {
        kind: state,
        about: about(sent.episode),
        flapping: text.includes("Single mails stop here"),
        claims: claimsOf(sent),
        missed: 0,
        priorUnconfirmed: text.includes("The mail before this one may not have reached you"),
        ...(text.includes("the only mail about it") ? { only: true as const } : {}),
      } as const;
      for (const one of to) add(nameOf(sent.cluster, sent.incident), { ...common, to: one, mail });
      continue;
    }
    for (const { cluster_id, kind, subject, episode, state: stands } of digests.get(sent.incident) ?? [])
      for (const one of to) {
        const name = nameOf(cluster_id, `${kind}#${subject}`);
        const own = (reads.get(name) ?? []).filter((read) => read.to === one);
        const last = own.at(-1)?.mail;
        const knows = last !== undefined && last.kind !== "resolved" && last.about.number === episode;
        const isCopy = own.some(({ mail }) => mail.about.number === episode && mail.kind === "resolved");
        const over = stands === "resolved";
        const mail = {
          ...plain,
          kind: over ? "resolved" : "firing",
          about: about(episode),
          claims: claimsOf(sent),
          ...(over && !knows && !isCopy ? { only: true as const } : {}),
        } as const;
        add(name, { ...common, to: one, mail });
      }
  }
  return reads;
}

const isNight = ({ recipients }: Told, atMs: number): boolean => {
  const hour = new Date(atMs).getUTCHours();
  const nightAt = (ms: number) =>
    RECIPIENTS[recipients.findLast(({ fromMs }) => fromMs <= ms)!.version]!.night;
  // An attempt under way goes by the configuration that it has begun with.
  return nightAt(atMs).includes(hour) && nightAt(atMs - 60_000).includes(hour);
};

/** Whether the sweep looks after its mails. @param atMs @default at the end */
function isConfigured(
  { clusters }: Told,
  cluster: string,
  incident: string,
  atMs = Number.POSITIVE_INFINITY,
): boolean {
  if (cluster !== "attic") return true;
  const { version } = clusters.findLast(({ fromMs }) => fromMs <= atMs)!;
  return Number(incident.split("#")[1]) < (ATTICS[version] ?? 0);
}

const remindedInVain = (told: Told): string[] =>
  told.world.mails
    .filter(({ state, cluster, incident, atMs, isOfEvent }) => {
      // A node that reports it is told of as a stranger.
      if (isOfEvent) return false;
      // An attempt under way goes by the configuration that it has begun with.
      const isIn = (ms: number) => isConfigured(told, cluster, incident, ms);
      return state === "reminder" && !isIn(atMs) && !isIn(atMs - 60_000);
    })
    .map(({ subject }) => `a reminder of what is in the configuration no more: ${subject}`);

/** Was told of by the configuration, then was not for a time: what was said meanwhile they did not hear. */
const wasAway = ({ recipients }: Told, person: string): boolean => {
  const isIn = recipients.map(({ version }) => textOf(version).includes(person));
  return isIn.includes(true) && isIn.slice(isIn.indexOf(true)).includes(false);
};

/** In the same channel as another for a time. */
const hasMoved = ({ recipients }: Told, person: string): boolean =>
  person === ASLEEP && recipients.length > 1 && recipients.some(({ version }) => version === TOGETHER);

/**
 * Who changes channels before a mail that was cut off is finished: whether it went out nobody knows, and the channel that
 * would send it again, marked, is no more. They may hear it twice or not at all, until it is over.
 */
const isUncertain = (told: Told, person: string, isUntroubled: boolean): boolean =>
  wasAway(told, person) || (!isUntroubled && hasMoved(told, person));

function brokenFor(
  told: Told,
  items: readonly Item[],
  reads: Reads,
  person: string,
  isUntroubled: boolean,
): string[] {
  const { recipients } = told;
  const isReached = textOf(recipients.at(-1)!.version).includes(person);
  const isAway = isUncertain(told, person, isUntroubled);
  const comesLate = isAway || person === BOSS || person === JOINS;
  return items.flatMap((item) => {
    const incident = `${item.id.kind}#${item.id.subject}`;
    const name = nameOf(item.id.clusterId, incident);
    const broken: string[] = [];
    const mails = heard({ read: reads.get(name) ?? [] }, person);
    // Who changes channels gets the reminders of the others, when they get them.
    const believed = inTurn(mails, broken, () => comesLate || recipients.length > 1);
    const isInHand = item.state === "firing" && item.acknowledgedMs !== undefined;
    const isFree = (isInHand && comesLate) || (isAway && item.state === "resolved");
    if (isReached && isConfigured(told, item.id.clusterId, incident) && believed !== item.state && !isFree)
      broken.push(`${person}: believes ${believed}, but it is ${item.state}`);
    if (mostWithinAnHour(mails) > 2 * FLAPS_MAX + 2) broken.push(`${person}: too many mails within an hour`);
    return broken
      .filter((what) => !(isAway && /twice|out of turn|not heard/.test(what)))
      .map((what) => `${name}: ${what}`);
  });
}

const textOf = (version: number): string => JSON.stringify(RECIPIENTS[version]!.to);

/** One mail of a kind an episode and reader, and one report a week; all others say that they may be repeats. */
function repeated(told: Told, isUntroubled: boolean): string[] {
  const { world, recipients } = told;
  const seen = new Set<string>();
  return world.mails.flatMap(({ cluster, incident, episode, state, to, marked, subject }) => {
    // Who changes channels may hear twice that somebody handles it.
    if (marked || state === "reminder" || (state === "acknowledged" && recipients.length > 1)) return [];
    return to.flatMap((one) => {
      if (isUncertain(told, one, isUntroubled)) return [];
      const name = `${cluster} ${incident} ${episode} ${state} ${one}`;
      if (seen.has(name)) return [`${name}: twice, and not marked (${subject})`];
      seen.add(name);
      return [];
    });
  });
}

function nobodyIsWoken(told: Told): string[] {
  // Nobody comes back to what no sweep looks after: it is told at once.
  return told.world.mails
    .filter(({ to, atMs, cluster }) => to.includes(ASLEEP) && cluster !== "attic" && isNight(told, atMs))
    .map(({ subject, atMs }) => `${ASLEEP} is woken at ${new Date(atMs).toISOString()}: ${subject}`);
}

/** Each link answers one incident that fires; each line of a digest that fires has one. Lines end as mails' do. */
async function wronglyWritten(told: Told, digests: ReadonlyMap<string, readonly DigestEntry[]>) {
  const broken: string[] = [];
  for (const [i, { incident, state, text, subject, mail }] of told.world.mails.entries()) {
    const firing = (digests.get(incident) ?? []).filter((one) => one.state === "firing").length;
    if (state === "digest" && linksIn(text).length !== firing)
      broken.push(`${linksIn(text).length} links for ${firing} that fire: ${subject}`);
    // One of some: to write a mail takes longer than to decide it.
    if (state !== "digest" && i % 8 !== 0) continue;
    const bytes = (await toMime(mail)).toString("latin1");
    if (/(?<!\r)\n|\r(?!\n)/.test(bytes)) broken.push(`a line that does not end with CRLF: ${subject}`);
  }
  return broken;
}

/** Subscribers get a line for each mail of an invocation. */
const linesMissed = ({ world }: Told): string[] =>
  world.costs
    .filter(({ mails, failed }) => mails > 0 && !failed)
    .flatMap(({ outcome, mails }) => {
      const lines = parseNotices({ detail: { responsePayload: outcome } }).length;
      return lines === mails ? [] : [`${lines} lines for ${mails} mails: ${outcome.incident}`];
    });

/** What it costs. */
const dear = ({ world }: Told): string[] =>
  world.costs.flatMap(({ event, isDeath, requests, mails, outcome, failed }) => {
    // The claim on a mail that failed is one request more.
    if (failed) return [];
    // A report with a term may be kept though no mail comes of it; the attic's have none.
    const isRepeated = outcome.why === "already-told" && outcome.cluster === "attic" && isDeath;
    const isKnown = event && (isRepeated || outcome.why === "stale");
    const most = mails > 0 ? 3 * mails : isKnown ? 1 : 2;
    return requests <= most ? [] : [`${requests} requests for ${mails} mails, ${outcome.why}`];
  });

/** Nothing is left over: no claim, and no mail that is due to anybody. */
function leftOver(
  told: Told,
  items: readonly Item[],
  environment: Readonly<Record<string, string>>,
): string[] {
  const channels = parseChannels(environment);
  const policy = { channels, remindersMax: 0, stormLimit: 5, swept: true };
  return items
    .filter(({ id }) => isConfigured(told, id.clusterId, `${id.kind}#${id.subject}`))
    .flatMap((item) =>
      channels.flatMap((own) => {
        const due = dueNotification(item, own, policy, told.world.nowMs);
        const name = `${item.id.clusterId} ${item.id.kind}#${item.id.subject} to ${own.id}`;
        if (due.send && !(own.quiet !== undefined)) return [`${name}: ${due.why} is due`];
        return item.channels[own.id]?.awaits === undefined ? [] : [`${name}: waits for a digest`];
      }),
    );
}

/** Everybody who is there from the start to the end gets each report. */
const reportsMissed = ({ world }: Told, items: readonly Item[]): string[] =>
  items
    .filter(({ id }) => id.kind === "weekly")
    .filter(
      ({ id }) =>
        !world.mails.some(({ incident, to }) => incident === `weekly#${id.subject}` && to.includes(AWAKE)),
    )
    .map(({ id }) => `the report of ${id.subject} did not reach ${AWAKE}`);

/** A takeover is in doubt for two hours, what flaps for two, a digest takes half of one. */
const TOLD_WITHIN_MS = 5 * HOUR_MS;

/** What lasts is told while it lasts, to who is always awake, unless mails had to wait. */
function untold({ world, waits }: Told, reads: Reads): string[] {
  return world.changes.flatMap(({ cluster, incident, state, atMs }, i) => {
    if (state !== "firing") return [];
    const name = nameOf(cluster, incident);
    const end = world.changes
      .slice(i + 1)
      .find((one) => nameOf(one.cluster, one.incident) === name && one.state === "resolved");
    const untilMs = end?.atMs ?? world.nowMs;
    const hasWaited =
      waits.some((one) => one.fromMs <= untilMs && one.untilMs >= atMs) ||
      world.changes.some((one) => one.incident === "split-brain#0" && one.cluster === cluster);
    if (untilMs - atMs < TOLD_WITHIN_MS || hasWaited) return [];
    const own = (reads.get(name) ?? []).filter(
      (read) => read.to === AWAKE && read.atMs < atMs + TOLD_WITHIN_MS,
    );
    const believes = own.at(-1)?.mail.kind ?? "resolved";
    return believes === "resolved" ? [`${name}: fires for ${(untilMs - atMs) / HOUR_MS} h, untold`] : [];
  });
}

/** @returns what is wrong, a line each */
export async function brokenStory(told: Told, { chance }: Story): Promise<readonly string[]> {
  const { world, life, chapters } = told;
  const isUntroubled =
    chance.crashes.length + chance.delaysMin.length + chance.copies.length === 0 &&
    !told.waits.some(({ what }) => what === "ses-down") &&
    (chance.sesMs ?? []).every((ms) => ms < 15_000);
  const backend = await world.items("*");
  const items = [...(await world.items("kitchen")), ...(await world.items("attic"))];
  const digests = new Map(
    backend.flatMap(({ id, facts }) =>
      facts.kind === "digest" ? [[`digest#${id.subject}`, facts.entries] as const] : [],
    ),
  );
  const reads = readsOf(world.mails, digests);
  return [
    ...brokenIn(life, chapters, { isLong: !isUntroubled }),
    ...PEOPLE.flatMap((person) => brokenFor(told, items, reads, person, isUntroubled)),
    ...repeated(told, isUntroubled),
    ...nobodyIsWoken(told),
    ...(await wronglyWritten(told, digests)),
    ...linesMissed(told),
    ...dear(told),
    ...leftOver(
      told,
      items.filter(({ id }) => !isBulletin(id.kind)),
      world.environment,
    ),
    ...reportsMissed(told, backend),
    ...remindedInVain(told),
    ...(isUntroubled ? untold(told, reads) : []),
    // Whoever is late, twice or at once with others repeats nothing; only a crash, or an SES that does not answer, does.
    ...(isUntroubled
      ? world.mails.filter(({ marked }) => marked).map(({ subject }) => `a copy: ${subject}`)
      : []),
  ];
}
