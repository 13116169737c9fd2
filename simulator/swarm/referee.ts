/** Watches a run for breaches of the rules that every run must keep. */
import { between, type Instant, inSeconds, type Micros, micros, START, seconds } from "../engine/time.ts";
import type { NodeEvent } from "../node/node-event.ts";
import type { Change } from "../protocol/effects.ts";
import { actsWithinS, rejoinsWithinS } from "../protocol/hardened/bounds.ts";
import { actsWithin, expelsOnlyUnwell, type Law, Occasions, type Violation } from "../protocol/laws.ts";
import { SETTLE_S, type Timing, WATCHDOG_S } from "../protocol/timing.ts";
import { Acts } from "../scenario/acts.ts";
import type { ClusterSetup } from "../scenario/scenario.ts";
import type { StoryLine, World } from "../scenario/world.ts";
import { Conditions } from "./conditions.ts";
import { violationText } from "./violation-text.ts";

/**
 * A rule that every run must keep: a law of the protocol, or one of these, by its breach.
 * - `hangs`: a node that could wake does not, is awake for too long, or wakes far too often.
 * - `impossible`: a node that is off or asleep does something.
 * - `accounts`: readings do not add up.
 * - `stray-write`: a page of a chip was written in which the protocol keeps nothing.
 * - `threw`: the simulation threw an error.
 * - `trace`: the same seed gave another trace.
 */
export type Rule = Law | "hangs" | "impossible" | "accounts" | "stray-write" | "threw" | "trace";

/** A breach of a rule in a run. */
export interface Breach {
  readonly rule: Rule;
  readonly at: Instant;
  /** In a few words. */
  readonly detail: string;
  /**
   * Of `somebody-acts-again`, in seconds since the start: since when no node had acted, and `dueS`, when one should
   * have.
   */
  readonly sinceS?: number;
  readonly dueS?: number;
}

/** Longest wake: the watchdog's time. */
const AWAKE_MAX = seconds(WATCHDOG_S);
/** How often a claim may have to be made anew, because of rivals, or of chips that come and go meanwhile. */
export const DISPUTES = 0;
/** The same for each other node that keeps failing: it may boot, and claim, amid a settle sleep. */
const DISPUTES_MEANWHILE = 2;
/** Longest sleep with its wake, as a share of the sleep; a third of any bound. */
const RHYTHM_MAX = 1.2;
/** Least time between two wakes, in seconds: a settle sleep takes longer, also on a timer that is 20 % fast. */
const WAKES_APART_S = 90;

/** Watches every event of a run, and notes the first violation of each rule. */
export class Referee {
  readonly conditions: Conditions;
  /** The first of each rule. */
  readonly violations: Breach[] = [];
  /** Laws that were put to the test within their assumptions. */
  readonly occasions = new Occasions();
  wakes = 0;
  acts = 0;
  /** Number of silences compared with the bound; `longest` is the longest, as a share of its bound. */
  judged = 0;
  longest = 0;
  /** Number of silences after which all who were well had held back. */
  rejoined = 0;
  readonly #world: World;
  readonly #period: Micros;
  /** Longest pause that is no silence: the sleep of a primary, on any timer. */
  readonly #rhythm: Micros;
  readonly #guarded: boolean;
  readonly #acts = new Acts();
  /** By node that acts: since when it does. */
  readonly #actsSince = new Map<number, Instant>();
  readonly #decidedAt = new Map<number, Instant>();
  /** By node that is in a settle sleep: since when. */
  readonly #settles = new Map<number, Instant>();
  readonly #claiming = new Set<number>();
  readonly #wakesOf = new Map<number, number>();
  /** When the last message of an act arrived. */
  #lastAct: Instant = START;
  /** The cluster started running, and nothing has happened to it yet. */
  #untouched: boolean;

  /** @param guarded the nodes have watchdogs */
  constructor(world: World, cluster: ClusterSetup, period: Micros, guarded: boolean) {
    this.#world = world;
    this.#period = period;
    this.#rhythm = micros(period * RHYTHM_MAX);
    this.#guarded = guarded;
    this.#untouched = cluster.start === "running";
    this.conditions = new Conditions(world, cluster, period);
  }

  story(line: StoryLine): void {
    this.#untouched = false;
    this.#checkSilence(line.at);
    this.conditions.story(line);
  }

  node(event: NodeEvent): void {
    if (CHANGES.has(event.kind)) this.#checkSilence(event.at);
    this.conditions.node(event);
    if (TOUCHES.has(event.kind)) this.#untouched = false;
    switch (event.kind) {
      case "decided":
        return this.#decided(event);
      case "asleep":
        return this.#asleep(event);
      case "reset":
      case "reset-node":
      case "frozen":
      case "powered-off":
      case "battery-flat":
        this.#settles.delete(event.node);
        this.#claiming.delete(event.node);
        return this.#endAct(event);
      case "delivered":
        this.#checkSilence(event.at);
        this.#lastAct = event.at;
        return this.#mustRun(event);
      case "measured":
      case "published":
        return this.#mustRun(event);
      default:
        return;
    }
  }

  /** Checks what can be checked only at the end of the run. */
  close(end: Instant): void {
    this.#checkSilence(end);
    const patience = this.#sleepAtMost() + 2 * inSeconds(AWAKE_MAX);
    for (const node of this.conditions.able(end)) {
      const last = this.#decidedAt.get(node) ?? START;
      const quietS = inSeconds(between(max(last, this.conditions.quietSince), end));
      if (quietS > patience)
        this.broken("hangs", end, `node ${node} has made no decision for ${Math.round(quietS)} s`);
    }
    const most = inSeconds(end as number as Micros) / WAKES_APART_S + WAKES_MARGIN;
    for (const [node, wakes] of this.#wakesOf)
      if (wakes > most) this.broken("hangs", end, `node ${node} wakes all the time: ${wakes} wakes`);
  }

  /** Notes a breach, unless that rule has one already. */
  broken(rule: Rule, at: Instant, detail: string, more: Partial<Breach> = {}): void {
    if (this.violations.some((known) => known.rule === rule)) return;
    this.violations.push({ rule, at, detail, ...more });
  }

  #decided({ at, node, decision }: NodeEvent & { kind: "decided" }): void {
    this.#mustRun({ at, node, kind: "decided" });
    this.#decidedAt.set(node, at);
    const settled = this.#settles.get(node);
    if (settled !== undefined && between(settled, at) < AWAKE_MAX) this.conditions.settleCutShort();
    this.#settles.delete(node);
    if (decision.role === "claiming") this.#claiming.add(node);
    else this.#claiming.delete(node);
    if (decision.role === "primary") this.#act(node, decision.term, at);
    this.#checkExpulsions(at, node, decision.changes);
  }

  /** Asks "nobody-well-is-expelled" while nothing has happened to a running cluster: all of its nodes are well. */
  #checkExpulsions(at: Instant, node: number, changes: readonly Change[]): void {
    if (!this.#untouched) return;
    if (changes.some(({ kind }) => kind === "suspected")) this.occasions.note("nobody-well-is-expelled");
    const lost = changes.filter(({ kind }) => kind === "expelled" || kind === "took-over");
    this.#report(
      at,
      expelsOnlyUnwell(
        node,
        lost.map((change) => change.node),
        () => true,
      ),
    );
  }

  #act(node: number, term: number, at: Instant): void {
    this.acts += 1;
    const isAfterAnother = this.#acts.isAfterAnother(node);
    const broken = this.#acts.begin(node, term);
    this.#actsSince.set(node, at);
    if (this.conditions.beyond !== undefined) return;
    if (isAfterAnother) this.occasions.note("terms-only-rise");
    const { devices, rig } = this.#world;
    if (devices.some((_, other) => other !== node && rig.powered(other)))
      this.occasions.note("at-most-one-acts");
    this.#report(at, broken);
  }

  #report(at: Instant, broken: readonly Violation[]): void {
    for (const violation of broken) this.broken(violation.law, at, violationText(violation));
  }

  #asleep(event: NodeEvent): void {
    const { at, node } = event;
    this.wakes += 1;
    this.#wakesOf.set(node, (this.#wakesOf.get(node) ?? 0) + 1);
    if (this.#claiming.has(node)) this.#settles.set(node, at);
    this.#endAct(event);
  }

  #endAct(event: NodeEvent): void {
    this.#acts.note(event);
    const { at, node } = event;
    const since = this.#actsSince.get(node);
    if (since === undefined) return;
    this.#actsSince.delete(node);
    if (this.#guarded && between(since, at) > AWAKE_MAX)
      this.broken("hangs", at, `node ${node} acted for ${inSeconds(between(since, at))} s`);
  }

  #mustRun({ at, node, kind }: Pick<NodeEvent, "at" | "node" | "kind">): void {
    const { state } = this.#world.devices[node]!.node;
    if (state !== "awake" || !this.#world.rig.powered(node))
      this.broken("impossible", at, `${kind} by node ${node}, which is ${state}`);
  }

  /** Asks whether no message of an act has arrived for longer than the bound. */
  #checkSilence(now: Instant): void {
    const { conditions } = this;
    const from = max(this.#lastAct, conditions.quietSince);
    if (between(from, now) > this.#rhythm) {
      const [able] = conditions.able(from);
      if (able !== undefined) this.#judgeSilence(now, from, able, this.boundS(conditions.unable(from)));
      else this.#checkRejoining(now, from);
    }
    this.#checkSteadyNodes(now);
  }

  /** Where all that are well hold back, as after an outage of the network, they join at one in so many of their turns. */
  #checkRejoining(now: Instant, from: Instant): void {
    const [node] = this.conditions.well();
    if (node === undefined) return;
    const boundS = rejoinsWithinS(this.#timing, this.#world.devices.length - 1);
    this.rejoined += 1;
    this.#judgeSilence(now, from, node, boundS);
  }

  /** While one node is well all the time, no silence is longer than the bound, whatever goes on at the others. */
  #checkSteadyNodes(now: Instant): void {
    const { conditions } = this;
    const others = this.#world.devices.length - 1;
    for (const node of this.#world.devices.keys()) {
      const from = max(this.#lastAct, conditions.steadySince(node));
      if (between(from, now) <= this.#rhythm || !conditions.able(from).includes(node)) continue;
      this.#judgeSilence(now, from, node, this.boundS(others, DISPUTES_MEANWHILE * others));
    }
  }

  /** Whether nobody has acted, or published, since `from` for longer than the bound, although `node` could. */
  #judgeSilence(now: Instant, from: Instant, node: number, boundS: number): void {
    const silentS = inSeconds(between(from, now));
    this.judged += 1;
    this.occasions.note("somebody-acts-again");
    this.longest = Math.max(this.longest, silentS / boundS);
    if (actsWithin(silentS, boundS, "seconds") === undefined) return;
    const detail = `nobody acts for ${Math.round(silentS)} s, although node ${node} could; ${Math.round(boundS)} s is the bound`;
    const [sinceS, fromS] = [this.#lastAct, from].map((at) => inSeconds(between(START, at)));
    this.broken("somebody-acts-again", now, detail, { sinceS: sinceS!, dueS: fromS! + boundS });
  }

  /** Seconds within which a node must act, with these sleep timers. @param unable as for `actsWithinS` */
  boundS(unable: number, disputes = DISPUTES): number {
    return actsWithinS(this.#timing, unable, disputes);
  }

  get #timing(): Timing {
    return {
      periodS: inSeconds(this.#period),
      settleS: SETTLE_S,
      awakeS: WATCHDOG_S,
      driftShare: this.conditions.slowest,
    };
  }

  #sleepAtMost(): number {
    return inSeconds(this.#period) * (1 + this.conditions.slowest);
  }
}

/** Events that change a cluster without a step of the story, as when a pack runs flat. */
const TOUCHES: ReadonlySet<NodeEvent["kind"]> = new Set(["reset", "battery-flat"]);

/** Events that change which nodes could act. */
const CHANGES: ReadonlySet<NodeEvent["kind"]> = new Set([
  "powered-on",
  "powered-off",
  "battery-flat",
  "hung",
  "frozen",
  "never-wakes",
  "reset",
  "reset-node",
]);

/** Wakes beyond the regular ones, for resets and what follows from them. */
const WAKES_MARGIN = 50;

const max = (x: Instant, y: Instant): Instant => (x > y ? x : y);
