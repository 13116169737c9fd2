/**
 * A model of those who read the mails of one incident, and believe what the last mail said. What is due must keep what they
 * believe true, whatever happens and whichever attempts crash.
 */
import { channelOf, confirmed, isListable } from "../../../lambda/core/channels.ts";
import { claimed } from "../../../lambda/core/claim.ts";
import { type DueNotification, dueNotification } from "../../../lambda/core/due-notification.ts";
import type { Firing, Incident, Resolved } from "../../../lambda/core/incident.ts";
import { observe, type Signal } from "../../../lambda/core/observe.ts";
import type { ChannelPolicy, Policy } from "../../../lambda/core/policy.ts";
import { isQuiet } from "../../../lambda/core/quiet-hours.ts";
import { DIGEST_BIN_MS, DIGEST_DELAY_MS, type Facts } from "../../../lib/contract/incidents.ts";
import { SEND_TIMEOUT_S } from "../../../lib/contract/time-limits.ts";
import { NOON_MS } from "../send_cluster_mail/support/fixtures.ts";
import { FACTS } from "../send_cluster_mail/support/mail-contexts.ts";
import type { Step } from "./mail-steps.ts";

const MINUTE_MS = 60_000;
/** Ms. */
export const HOUR_MS = 60 * MINUTE_MS;
const id = { clusterId: "kitchen", kind: "node-dead", subject: 0 } as const;
/** Comes into the second channel while it goes on. */
export const JOINS = "four@example.org";
/** Told of what nobody has answered for so long. */
export const ESCALATED = "three@example.org";
/** How long an incident is unanswered before it is escalated. Ms. */
export const AFTER_MS = 5 * HOUR_MS;
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
/** Who came into the second channel later is the last. */
/** Says of itself that it handles whatever fires. */
export const HANDLES = "two@example.org";
export const RECIPIENTS = ["one@example.org", "two@example.org", ESCALATED, JOINS] as const;

interface Digest {
  readonly bin: number;
  /** Undefined: put together without it. */
  readonly entry?: {
    readonly episode: number;
    readonly sinceMs: number;
    readonly over: boolean;
    readonly told: boolean;
  };
  /** When, by a channel's first recipient. */
  readonly toldMs: Map<string, number>;
  /** All of them, by the first. */
  readonly toldTo: Map<string, readonly string[]>;
}

/** What a recipient has read: a mail, or a line of a digest. */
export interface Read {
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

/** One incident, its recipients, and what each has read. */
export class Reader {
  nowMs = NOON_MS;
  incident: Incident | undefined;
  /** What was wrong already while it happened. */
  readonly broken: string[] = [];
  readonly read: Read[] = [];
  digests = 0;
  #policy = POLICIES[0]!;
  #hasJoined = false;
  readonly #factsOf = new Map<number, Facts>();
  #digest: Digest | undefined;
  #claims = 0;

  get policy(): Policy {
    if (!this.#hasJoined) return this.#policy;
    const channels = this.#policy.channels.map((own) =>
      own.id === "two" ? { ...own, to: [...own.to, JOINS] } : own,
    );
    return { ...this.#policy, channels };
  }

  isReached(recipient: string): boolean {
    return this.policy.channels.some(({ to }) => to.includes(recipient));
  }

  take(one: Step): void {
    if (one.do === "wait") this.nowMs += one.minutes * MINUTE_MS;
    else if (one.do === "acknowledge") this.#acknowledge();
    else if (one.do === "edit") this.#policy = POLICIES[one.policy]!;
    else if (one.do === "storm") this.#signal(this.#opposite(), this.nowMs, true);
    else if (one.do === "put") this.#put();
    else if (one.do === "tell") this.tell(this.policy.channels[one.channel]!);
    else if (one.do === "note") this.#note();
    else if (one.do === "join") this.#hasJoined = true;
    else if (one.do === "late-sweep") this.#lateSweep();
    else if (one.do === "overlap") this.#overlap(this.policy.channels[one.channel]!);
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
    this.#send(mail, next, crash === undefined);
    if (crash === "sent") return true;
    const told = confirmed(next.channels[channel.id]!, this.nowMs);
    this.incident = { ...next, channels: { ...next.channels, [channel.id]: told } };
    return true;
  }

  #send(
    mail: DueNotification,
    { facts: latest, ...incident }: Firing | Resolved,
    isConfirmed: boolean,
  ): void {
    const acknowledged = incident.acknowledgedMs !== undefined;
    for (const to of mail.to) this.read.push({ to, mail, atMs: this.nowMs, acknowledged, isConfirmed });
    const facts = mail.facts ?? latest;
    if (mail.kind === "firing" && facts !== this.#factsOf.get(mail.about.number))
      this.broken.push(`FIRING of episode ${mail.about.number} has the facts of another`);
  }

  /** The first attempt lasts as long as the function may; a second one begins just before it has sent its mail. */
  #overlap(channel: ChannelPolicy): void {
    const before = this.read.length;
    if (!this.attempt(channel, "claimed")) return;
    const first = this.incident;
    this.nowMs += SEND_TIMEOUT_S * 1_000 - 1;
    this.attempt(channel);
    if (this.read.length > before) this.broken.push("the claim of a living attempt was taken");
    this.incident = first;
  }

  /** It was so when the sweep looked; it is over, and nobody signals that. */
  #lateSweep(): void {
    if (this.incident?.state === "firing") return;
    this.#signal("onset", this.nowMs - MINUTE_MS, false, this.nowMs - 1);
    if (this.#opened()?.state === "firing") this.broken.push("a late signal of the sweep has opened it");
  }

  #opened(): Firing | Resolved | undefined {
    const { incident } = this;
    return incident === undefined || incident.state === "recovered-before-onset" ? undefined : incident;
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
    this.#digest = {
      bin,
      toldMs: new Map(),
      toldTo: new Map(),
      ...(isListable(incident, channels) ? { entry } : {}),
    };
  }

  /** @returns whether it was told */
  tell({ to, quiet, afterMs }: ChannelPolicy): boolean {
    if (afterMs !== undefined) return false;
    const { entry, toldMs, toldTo } = this.#digest ?? {};
    const [recipient] = to;
    if (entry === undefined || toldMs === undefined || recipient === undefined || toldMs.has(recipient))
      return false;
    if (quiet !== undefined && isQuiet(quiet, this.nowMs)) return false;
    toldMs.set(recipient, this.nowMs);
    toldTo?.set(recipient, to);
    this.digests += 1;
    const about = { number: entry.episode, thread: 1, sinceMs: entry.sinceMs, openedMs: entry.sinceMs };
    const kind = entry.over ? "resolved" : "firing";
    const mail = { kind, about, flapping: false, claims: 0, missed: 0, priorUnconfirmed: false } as const;
    for (const one of to) {
      const last = this.read.filter((read) => read.to === one).at(-1)?.mail;
      const knows = last !== undefined && last.kind !== "resolved" && last.about.number === entry.episode;
      const said = entry.over && !knows ? { ...mail, only: true as const } : mail;
      this.read.push({ to: one, mail: said, atMs: this.nowMs, acknowledged: false, isConfirmed: true });
    }
    return true;
  }

  #note(): void {
    if (this.#digest === undefined || this.incident === undefined) return;
    const { bin, entry, toldMs, toldTo } = this.#digest;
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
            told_to: Object.fromEntries(
              channels.flatMap(({ id: name, to }) => {
                const all = toldTo.get(to[0]!);
                return all === undefined ? [] : [[name, [...all]]];
              }),
            ),
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

  #signal(what: "onset" | "recovery", atMs: number, storm = false, opensUntilMs?: number): void {
    const order = { term: 0, atMs };
    // An object of its own for each onset: whose facts a mail has can be told.
    const facts = { ...FACTS["node-dead"] };
    const signal: Signal =
      what === "onset"
        ? {
            signal: "fires",
            order,
            nowMs: this.nowMs,
            facts,
            ...(opensUntilMs === undefined ? {} : { opensUntilMs }),
          }
        : { signal: "well", order, nowMs: this.nowMs };
    const { channels } = this.policy;
    const { next } = observe(id, this.incident, signal, { channels, storm, clockMs: this.nowMs });
    this.incident = next ?? this.incident;
    const opened = this.#opened();
    if (opened?.state === "firing" && opened.facts === facts) this.#factsOf.set(opened.episode.number, facts);
  }

  #acknowledge(): void {
    if (this.incident?.state !== "firing") return;
    this.incident = { ...this.incident, acknowledgedMs: this.nowMs, acknowledgedBy: HANDLES };
  }
}
