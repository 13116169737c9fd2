/** The score of a run, from the events of its nodes. */
import type { ClusterEvent, Reading } from "../../lib/contract/messages.ts";
import { readingKey } from "../../lib/contract/tables.ts";
import { after, between, type Instant, inSeconds, micros, START } from "../engine/time.ts";
import { CONVERSION_MAX } from "../hardware/ds18b20.ts";
import type { NodeEvent } from "../node/node-event.ts";
import { expelsOnlyUnwell } from "../protocol/laws.ts";
import { Acts } from "./acts.ts";
import type { Metric } from "./expectations.ts";

/** A takeover. */
export interface Failover {
  readonly at: Instant;
  readonly from: number;
  readonly to: number;
  /** Term of the claim under which the new primary acts. */
  readonly term: number;
  /** When the last reading before it was published. */
  readonly since: Instant;
  /** Seconds from the last reading before it to the first one after it; null: there is none yet. */
  readonly outageS: number | null;
}

/** A reading as the node sent it. */
export interface SentReading {
  readonly node: number;
  readonly payload: string;
}

/** The truth that readings are compared with. */
export interface ScoreOptions {
  /** The true time at the start of the run, epoch milliseconds. */
  readonly epochMs: number;
  /** The true temperature, °C. */
  readonly temperature: (at: Instant) => number;
  /** The cluster's sleep between two wakes, seconds: a reading is due in each. */
  readonly periodS: number;
}

/** The result of the cloud's side of a run. */
export interface CloudCounts {
  /** Readings stored exactly as they were sent. */
  readonly stored: number;
  readonly mails: readonly { readonly kind: string }[];
  readonly queued: number;
}

/**
 * Error of a reading's time from which it counts as mistimed; of its temperature, as untrue: a DS18B20's own is 0.5 °C.
 */
const MISTIMED_MS = 60_000;
const UNTRUE_C = 0.5;

/** A period with its wake may take so much longer than the sleep: drift, and the seconds that a node is awake. */
const LATE_SHARE = 0.1;

/** Counts what a run's expectations are about, event by event. */
export class Score {
  /** Readings that a node got as far as wanting to publish. */
  expected = 0;
  /** Periods in which none was wanted, between two that were. */
  #silentPeriods = 0;
  #lastWantedAt: Instant | undefined;
  /** Readings that the cloud accepted, each once. */
  readonly published: SentReading[] = [];
  readonly failovers: Failover[] = [];
  maxConcurrentPrimaries = 0;
  /** Mails by the article's rule: at every wake of the primary, one for each node that it has reported dead. */
  articleMails = 0;
  /** Nodes that are dead by the reports to the cloud. */
  readonly #reportedDead = new Set<number>();
  readonly #options: ScoreOptions;
  readonly #acts = new Acts();
  #maxInAct = 0;
  #staleActs = 0;
  #duplicated = 0;
  #mistimed = 0;
  #untrue = 0;
  #expelled = 0;
  #wronglyExpelled = 0;
  #resets = 0;
  /** Longest time without a reading, in seconds. */
  #longestGap = 0;
  #lastReadingAt: Instant | undefined;
  /** Nodes that hold the role; in `#well`, nodes that have power and whose firmware runs. */
  readonly #acting = new Set<number>();
  readonly #well = new Set<number>();
  /** By node: the last reading that the cloud accepted. */
  readonly #lastPayload = new Map<number, string>();

  constructor(options: ScoreOptions) {
    this.#options = options;
  }

  /** Nodes that hold the primary's role now, by number. */
  get primaries(): number[] {
    return [...this.#acting].sort((x, y) => x - y);
  }

  /** The metrics of the run at `end`. */
  metrics({ stored, mails, queued }: CloudCounts, end: Instant): Record<Metric, number> {
    const mailsOf = (wanted: string) => mails.filter(({ kind }) => kind === wanted).length;
    return {
      "readings due": this.due(end),
      "readings stored": stored,
      "readings lost": this.due(end) - stored,
      "readings duplicated": this.#duplicated,
      "readings mistimed": this.#mistimed,
      "readings untrue": this.#untrue,
      "longest gap": Math.max(this.#longestGap, this.#sinceLastReading(end)),
      failovers: this.failovers.length,
      expelled: this.#expelled,
      "wrongly expelled": this.#wronglyExpelled,
      "primaries at once": this.maxConcurrentPrimaries,
      "acting at once": this.#maxInAct,
      "stale acts": this.#staleActs,
      "firing mails": mailsOf("firing"),
      "resolved mails": mailsOf("resolved"),
      "reminder mails": mailsOf("reminder"),
      "error queue": queued,
      resets: this.#resets,
    };
  }

  /** Readings due by `end`: those that a node wanted to publish, and one for each period since the first in which none did. */
  due(end: Instant): number {
    const sinceLast = this.#periodsSince(this.#lastWantedAt, end);
    return this.expected + this.#silentPeriods + Math.max(0, Math.floor(sinceLast * (1 - LATE_SHARE)));
  }

  #want(at: Instant): void {
    this.expected += 1;
    this.#silentPeriods += Math.max(0, Math.round(this.#periodsSince(this.#lastWantedAt, at)) - 1);
    this.#lastWantedAt = at;
  }

  #periodsSince(since: Instant | undefined, at: Instant): number {
    return since === undefined ? 0 : inSeconds(between(since, at)) / this.#options.periodS;
  }

  note(event: NodeEvent): void {
    this.#acts.note(event);
    switch (event.kind) {
      case "powered-on":
      // After it, the firmware starts over.
      case "reset-node":
        this.#well.add(event.node);
        return;
      case "acting":
        this.#acting.add(event.node);
        this.maxConcurrentPrimaries = Math.max(this.maxConcurrentPrimaries, this.#acting.size);
        return;
      // A node holds the role until it finds that it does not, or no longer runs.
      case "stopped-acting":
        this.#acting.delete(event.node);
        return;
      case "reset":
        this.#acting.delete(event.node);
        this.#well.add(event.node);
        if (event.cause === "watchdog" || event.cause === "brown-out") this.#resets += 1;
        return;
      case "hung":
      case "frozen":
      case "never-wakes":
      case "powered-off":
      case "battery-flat":
        this.#acting.delete(event.node);
        this.#well.delete(event.node);
        return;
      case "sensor-failed":
      case "connect-failed":
        this.#want(event.at);
        return;
      case "publish-failed":
        // Without a PUBACK it may still have arrived.
        if (event.channel === "reading" && this.#lastPayload.get(event.node) !== event.payload)
          this.#want(event.at);
        return;
      case "delivered":
        if (event.channel === "reading") this.#reading(event.at, event.node, event.payload);
        else this.#report(JSON.parse(event.payload) as ClusterEvent);
        return;
      case "decided":
        if (event.decision.role === "primary") this.#act(event.node, event.decision.term);
        this.#changes(event);
        return;
      default:
        return;
    }
  }

  #act(node: number, term: number): void {
    const broken = this.#acts.begin(node, term);
    this.#maxInAct = Math.max(this.#maxInAct, this.#acts.count);
    if (broken.some(({ law }) => law === "terms-only-rise")) this.#staleActs += 1;
  }

  #reading(at: Instant, node: number, payload: string): void {
    if (this.#lastPayload.get(node) === payload) {
      this.#duplicated += 1;
      return;
    }
    this.#lastPayload.set(node, payload);
    this.#want(at);
    this.published.push({ node, payload });
    // Of two that each hold the other to be dead, neither mails of itself.
    this.articleMails += this.#reportedDead.size - (this.#reportedDead.has(node) ? 1 : 0);
    this.#hold(at, JSON.parse(payload) as Reading);
    this.#longestGap = Math.max(this.#longestGap, this.#sinceLastReading(at));
    this.#lastReadingAt = at;
    const open = this.failovers.findIndex(({ outageS, to }) => outageS === null && to === node);
    const failover = this.failovers[open];
    if (failover === undefined) return;
    this.failovers[open] = { ...failover, outageS: inSeconds(between(failover.since, at)) };
  }

  #report({ type, subject, state }: ClusterEvent): void {
    if (type === "node_admitted") this.#reportedDead.delete(subject);
    // The article mails nothing about a node that was never admitted.
    else if (type === "node_dead" && !state.never_admitted.includes(subject)) this.#reportedDead.add(subject);
  }

  /** Compares a reading with the truth. */
  #hold(at: Instant, reading: Reading): void {
    const { epochMs, temperature } = this.#options;
    if (Math.abs(Date.parse(reading.measured_at) - epochMs - at / 1_000) > MISTIMED_MS) this.#mistimed += 1;
    // The conversion began earlier: the temperature may have jumped in between.
    const begun = after(at, micros(-MEASURED_BEFORE));
    const wrong = (when: Instant) => Math.abs(reading.temperature_c - temperature(when)) > UNTRUE_C;
    if (wrong(at) && wrong(begun)) this.#untrue += 1;
  }

  #sinceLastReading(at: Instant): number {
    return this.#lastReadingAt === undefined ? 0 : inSeconds(between(this.#lastReadingAt, at));
  }

  #changes({ at, node, decision }: NodeEvent & { kind: "decided" }): void {
    for (const change of decision.changes) {
      if (change.kind === "expelled") {
        this.#expelled += 1;
        const wrongly = expelsOnlyUnwell(node, [change.node], (each) => this.#well.has(each));
        this.#wronglyExpelled += wrongly.length;
      } else if (change.kind === "took-over") {
        const since = this.#lastReadingAt ?? START;
        const { term } = decision;
        this.failovers.push({ at, from: change.node, to: node, term, since, outageS: null });
      }
    }
  }
}

/** Longest time from the begin of a conversion to the PUBACK, in microseconds. */
const MEASURED_BEFORE = CONVERSION_MAX[12] + 200_000;

/** Number of published readings that are stored exactly as they were sent. @param stored by reading key */
export function compareReadings(
  published: readonly SentReading[],
  stored: ReadonlyMap<string, Readonly<Record<string, unknown>>>,
): number {
  return published.filter(({ node, payload }) => {
    const sent = JSON.parse(payload) as Reading;
    const item = stored.get(readingKey(sent.measured_at, node));
    const fields = Object.entries(sent).filter(([field]) => field !== "v");
    return (
      item !== undefined && item.node === node && fields.every(([field, value]) => item[field] === value)
    );
  }).length;
}
