/**
 * What is due against a model: a reader who believes what the last mail said. Whatever happens, whichever attempts crash,
 * the reader hears FIRING and RESOLVED in turn, and in the end believes what is so.
 */
import fc from "fast-check";
import { channelOf, confirmed, isListable } from "../../../lambda/core/channels.ts";
import { claimed } from "../../../lambda/core/claim.ts";
import { type DueNotification, dueNotification } from "../../../lambda/core/due-notification.ts";
import { FLAPS_MAX, type Incident } from "../../../lambda/core/incident.ts";
import { observe, type Signal } from "../../../lambda/core/observe.ts";
import type { ChannelPolicy, Policy } from "../../../lambda/core/policy.ts";
import { isQuiet } from "../../../lambda/core/quiet-hours.ts";
import { DIGEST_BIN_MS, DIGEST_DELAY_MS } from "../../../lib/contract/incidents.ts";
import { NOON_MS } from "../send_cluster_mail/support/fixtures.ts";
import { FACTS } from "../send_cluster_mail/support/mail-contexts.ts";
import { EXAMPLES, type Step, stepOf } from "./mail-steps.ts";

const MINUTE_MS = 60_000;
const HOUR_MS = 60 * MINUTE_MS;
const id = { clusterId: "kitchen", kind: "node-dead", subject: 0 } as const;
/** Told of what nobody has answered for so long. */
const ESCALATED = "three@example.org";
const AFTER_MS = 5 * HOUR_MS;
const policyOf = (id: string, fromHour: number): Policy => ({
  channels: [
    {
      id,
      to: ["one@example.org"],
      quiet: { fromMin: fromHour * 60, toMin: 7 * 60, timeZone: "Europe/London" },
    },
    { id: "two", to: ["two@example.org"] },
    { id: "three", to: [ESCALATED], afterMs: AFTER_MS },
  ],
  remindersMax: 3,
  stormLimit: 5,
  swept: true,
});
/** The first recipient's quiet hours, as they are edited: the name of the channel changes with them. */
const POLICIES = [policyOf("one", 22), policyOf("one-from-20", 20), policyOf("one-from-21", 21)];
const RECIPIENTS = ["one@example.org", "two@example.org", ESCALATED] as const;

interface Digest {
  readonly bin: number;
  /** Undefined: put together without it. */
  readonly entry?: {
    readonly episode: number;
    readonly sinceMs: number;
    readonly over: boolean;
    readonly told: boolean;
  };
  /** When, by recipient. */
  readonly toldMs: Map<string, number>;
}

/** What a recipient has read: a mail, or a line of a digest. */
interface Read {
  readonly to: string;
  readonly mail: Pick<
    DueNotification,
    "kind" | "about" | "flapping" | "claims" | "only" | "missed" | "priorUnconfirmed"
  >;
  readonly atMs: number;
  readonly acknowledged: boolean;
  /** Its attempt was not cut off. */
  readonly isConfirmed: boolean;
}

/** One incident, three recipients, and what each has read. */
class Model {
  nowMs = NOON_MS;
  incident: Incident | undefined;
  policy = POLICIES[0]!;
  readonly read: Read[] = [];
  digests = 0;
  #digest: Digest | undefined;
  #claims = 0;

  take(one: Step): void {
    if (one.do === "wait") this.nowMs += one.minutes * MINUTE_MS;
    else if (one.do === "acknowledge") this.#acknowledge();
    else if (one.do === "edit") this.policy = POLICIES[one.policy]!;
    else if (one.do === "storm") this.#signal(this.#opposite(), this.nowMs, true);
    else if (one.do === "put") this.#put();
    else if (one.do === "tell") this.tell(this.policy.channels[one.channel]!);
    else if (one.do === "note") this.#note();
    else if (one.do === "turn") {
      this.nowMs += one.afterMin * MINUTE_MS;
      this.#signal(this.#opposite(), this.nowMs);
    } else if (one.do === "attempt") this.attempt(this.policy.channels[one.channel]!, one.crash);
    else this.#signal(one.do, this.nowMs - one.lateMin * MINUTE_MS);
  }

  /** What sweeps do sooner or later. @returns whether there was a mail */
  settle(): boolean {
    this.#put();
    const told = this.policy.channels.map((channel) => this.tell(channel));
    this.#note();
    return told.includes(true) || this.policy.channels.map((channel) => this.attempt(channel)).includes(true);
  }

  /** @returns whether a mail was due */
  attempt(channel: ChannelPolicy, crash?: "claimed" | "sent"): boolean {
    const { incident, policy } = this;
    if (incident === undefined || incident.state === "recovered-before-onset") return false;
    const mail = dueNotification(incident, channel, policy, this.nowMs);
    if (!mail.send) return false;
    const next = claimed(incident, channel, policy.channels, mail, `claim-${this.#claims++}`, this.nowMs);
    this.incident = next;
    if (crash === "claimed") return true;
    const acknowledged = incident.acknowledgedMs !== undefined;
    const isConfirmed = crash === undefined;
    this.read.push({ to: channel.to[0]!, mail, atMs: this.nowMs, acknowledged, isConfirmed });
    if (crash === "sent") return true;
    const told = confirmed(next.channels[channel.id]!, this.nowMs);
    this.incident = { ...next, channels: { ...next.channels, [channel.id]: told } };
    return true;
  }

  /** As the sweep does, once nobody can add to it. */
  #put(): void {
    const { incident } = this;
    if (incident === undefined || incident.state === "recovered-before-onset") return;
    const { channels } = this.policy;
    const bin = channels
      .map((own) => channelOf(incident, own, channels).awaits)
      .find((one) => one !== undefined);
    if (bin === undefined || this.#digest?.bin === bin) return;
    if (this.nowMs < bin * 1_000 + DIGEST_BIN_MS + DIGEST_DELAY_MS) return;
    const { episode, state } = incident;
    const told = channels.some(
      (own) => channelOf(incident, own, channels).told?.about.number === episode.number,
    );
    const entry = { episode: episode.number, sinceMs: episode.sinceMs, over: state === "resolved", told };
    this.#digest = { bin, toldMs: new Map(), ...(isListable(incident, channels) ? { entry } : {}) };
  }

  /** @returns whether it was told */
  tell({ to, quiet, afterMs }: ChannelPolicy): boolean {
    if (afterMs !== undefined) return false;
    const { entry, toldMs } = this.#digest ?? {};
    const [recipient] = to;
    if (entry === undefined || toldMs === undefined || recipient === undefined || toldMs.has(recipient))
      return false;
    if (quiet !== undefined && isQuiet(quiet, this.nowMs)) return false;
    toldMs.set(recipient, this.nowMs);
    this.digests += 1;
    const about = { number: entry.episode, thread: 1, sinceMs: entry.sinceMs, openedMs: entry.sinceMs };
    const believes = this.read.filter((one) => one.to === recipient).at(-1)?.mail;
    const knows =
      believes !== undefined && believes.kind !== "resolved" && believes.about.number === entry.episode;
    const kind = entry.over ? "resolved" : "firing";
    const mail = { kind, about, flapping: false, claims: 0, missed: 0, priorUnconfirmed: false } as const;
    this.read.push({
      to: recipient,
      mail: entry.over && !knows ? { ...mail, only: true } : mail,
      atMs: this.nowMs,
      acknowledged: false,
      isConfirmed: true,
    });
    return true;
  }

  #note(): void {
    if (this.#digest === undefined || this.incident === undefined) return;
    const { bin, entry, toldMs } = this.#digest;
    const { channels } = this.policy;
    const told = channels.flatMap(({ id: name, to }) => {
      const atMs = toldMs.get(to[0]!);
      return atMs === undefined ? [] : [[name, atMs] as const];
    });
    const digest =
      entry === undefined
        ? ({ listed: false, bin } as const)
        : ({
            listed: true,
            bin,
            episode: entry.episode,
            since_ms: entry.sinceMs,
            over: entry.over,
            told_at_ms: Object.fromEntries(told),
          } as const);
    const { next } = observe(
      id,
      this.incident,
      { signal: "poll", digest },
      { channels, storm: false, clockMs: this.nowMs },
    );
    this.incident = next ?? this.incident;
  }

  #opposite(): "onset" | "recovery" {
    return this.incident?.state === "firing" ? "recovery" : "onset";
  }

  #signal(what: "onset" | "recovery", atMs: number, storm = false): void {
    const order = { term: 0, atMs };
    const signal: Signal =
      what === "onset"
        ? { signal: "fires", order, nowMs: this.nowMs, facts: FACTS["node-dead"] }
        : { signal: "well", order, nowMs: this.nowMs };
    const { channels } = this.policy;
    const { next } = observe(id, this.incident, signal, { channels, storm, clockMs: this.nowMs });
    this.incident = next ?? this.incident;
  }

  #acknowledge(): void {
    if (this.incident?.state === "firing") this.incident = { ...this.incident, acknowledgedMs: this.nowMs };
  }
}

/** The mails of a recipient; what was sent again because its attempt had crashed counts once. */
const heard = ({ read }: Model, recipient: string) =>
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
function isRightlyEscalated({ read }: Model, { mail, atMs, acknowledged }: Read): boolean {
  const { number, openedMs } = mail.about;
  const toldMs = RECIPIENTS.filter((to) => to !== ESCALATED).flatMap((to) => {
    const before = read.filter((one) => one.to === to && one.isConfirmed && one.atMs <= atMs);
    // Since when this reader has believed that it fires: a flapping incident keeps one mail over several episodes.
    const believes = before.slice(before.findLastIndex((one) => one.mail.kind === "resolved") + 1);
    return believes.some((one) => one.mail.about.number === number) ? [believes[0]!.atMs] : [];
  });
  const sinceMs = Math.max(openedMs, toldMs.length === 0 ? 0 : Math.min(...toldMs));
  return !acknowledged && atMs - sinceMs >= AFTER_MS;
}

/** However often it changes: FIRING and RESOLVED until it flaps, and the mail that says so, after the last word before. */
const mostWithinAnHour = (mails: ReturnType<typeof heard>): number =>
  Math.max(
    0,
    ...mails.map(({ atMs }) => mails.filter((one) => one.atMs >= atMs && one.atMs < atMs + HOUR_MS).length),
  );

test("any signals, attempts and crashes -> in turn, in the end true, nobody woken, reminders no sooner than due", () => {
  let reminders = 0;
  let flapping = 0;
  let digests = 0;
  let escalated = 0;
  fc.assert(
    fc.property(fc.array(stepOf(POLICIES.length), { maxLength: 60, size: "max" }), (steps) => {
      const model = new Model();
      for (const one of steps) model.take(one);
      // A night and more; attempts until nothing is due.
      for (let hour = 0; hour < 18; hour++) {
        model.nowMs += HOUR_MS;
        while (model.settle());
      }
      for (const recipient of RECIPIENTS) {
        const mails = heard(model, recipient);
        let believed: "firing" | "resolved" = "resolved";
        let settles = false;
        let lastMs = 0;
        for (const { mail, atMs } of mails) {
          if (mail.kind === "reminder") {
            reminders += 1;
            expect(believed).toBe("firing");
            // One that may be out, and was about an episode before, is not finished: the one in its place says so.
            if (!mail.priorUnconfirmed) expect(atMs - lastMs).toBeGreaterThanOrEqual(24 * HOUR_MS);
          } else if (mail.kind === "firing") expect(believed === "resolved" || settles).toBe(true);
          else expect(believed).toBe(mail.only === true ? "resolved" : "firing");
          believed = mail.kind === "resolved" ? "resolved" : "firing";
          settles = mail.flapping;
          flapping += mail.flapping ? 1 : 0;
          lastMs = atMs;
        }
        const { incident } = model;
        const truth = incident?.state === "firing" ? "firing" : "resolved";
        const isAnswered = incident?.state === "firing" && incident.acknowledgedMs !== undefined;
        if (recipient !== ESCALATED || !isAnswered) expect(believed).toBe(truth);
        const counted = mails.filter(({ mail }) => mail.kind === "firing" || mail.only === true).length;
        // A reminder that may be out is not sent again: the mail in its place counts what it counted, and says so.
        const missed = mails
          .filter((_, i) => mails[i + 1]?.mail.priorUnconfirmed !== true)
          .reduce((sum, { mail }) => sum + mail.missed, 0);
        if (incident !== undefined && incident.state !== "recovered-before-onset")
          expect(counted + missed).toBeLessThanOrEqual(incident.episode.number);
      }
      for (const recipient of RECIPIENTS)
        expect(mostWithinAnHour(heard(model, recipient))).toBeLessThanOrEqual(2 * FLAPS_MAX + 2);
      for (const one of heard(model, ESCALATED)) {
        expect(one.mail.only).toBeUndefined();
        if (one.mail.kind !== "firing" || one.mail.claims > 0) continue;
        escalated += 1;
        expect(isRightlyEscalated(model, one)).toBe(true);
      }
      digests += model.digests;
      const woken = model.read.filter(
        ({ to, atMs }) =>
          to === RECIPIENTS[0] && [22, 23, 0, 1, 2, 3, 4, 5, 6].includes(new Date(atMs).getUTCHours()),
      );
      expect(woken).toEqual([]);
    }),
    { numRuns: 3_000, examples: EXAMPLES.map((steps): [Step[]] => [steps]) },
  );
  // Else the lines above would prove nothing of them.
  expect(reminders).toBeGreaterThan(0);
  expect(flapping).toBeGreaterThan(0);
  expect(digests).toBeGreaterThan(0);
  expect(escalated).toBeGreaterThan(0);
});
