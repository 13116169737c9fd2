/** Watches a run for what must hold in every one. */
import { between, type Instant, inSeconds, type Micros, micros, START, seconds } from "../engine/time.ts";
import type { NodeEvent } from "../node/node-event.ts";
import type { Change } from "../protocol/effects.ts";
import { actsWithinS } from "../protocol/hardened/bounds.ts";
import { actsWithin, expelsOnlyUnwell, type Law, Occasions, type Violation } from "../protocol/laws.ts";
import { SETTLE_S, WATCHDOG_S } from "../protocol/timing.ts";
import { Acts } from "../scenario/acts.ts";
import type { ClusterSetup } from "../scenario/scenario.ts";
import type { StoryLine, World } from "../scenario/world.ts";
import { Conditions } from "./conditions.ts";
import { violationText } from "./violation-text.ts";

/**
 * What a run may break: a law of the protocol, or one of these.
 * - `hangs`: a node that could wakes no more, or is awake for too long, or far too often.
 * - `impossible`: something is done by a node that is off or asleep.
 * - `accounts`: readings do not add up.
 * - `stray-write`: a chip was written where nobody keeps anything.
 * - `threw`: the simulation broke.
 * - `trace`: the same seed gave another trace.
 */
export type Rule = Law | "hangs" | "impossible" | "accounts" | "stray-write" | "threw" | "trace";

/** What a run has broken, and when. */
export interface Breach {
  readonly rule: Rule;
  readonly at: Instant;
  /** In a few words. */
  readonly detail: string;
  /** Of `somebody-acts-again`: nobody had acted since then, in seconds since the start; and by then somebody should have. */
  readonly sinceS?: number;
  readonly dueS?: number;
}

/** The watchdog's time: hardened nodes have one. */
const AWAKE_MAX = seconds(WATCHDOG_S);
/** A claim may have to be made anew so often: by rivals, and by chips that come and go meanwhile. */
export const DISPUTES = 0;
/** A sleep and a wake, as a share of the sleep; a third of any bound. */
const RHYTHM_MAX = 1.2;
/** A wake and a settle sleep take longer than this, also on a timer that is a fifth fast. */
const WAKES_APART_S = 90;

/** Watches every event of a run, and notes the first violation of each rule. */
export class Referee {
  readonly conditions: Conditions;
  /** The first of each rule. */
  readonly violations: Breach[] = [];
  /** Laws that were put to the test, within the stated assumptions. */
  readonly occasions = new Occasions();
  wakes = 0;
  acts = 0;
  /** Silences that were held against the bound, and the longest, as a share of it. */
  judged = 0;
  longest = 0;
  readonly #world: World;
  readonly #period: Micros;
  /** No silence: a primary that sleeps, on whatever timer. */
  readonly #rhythm: Micros;
  readonly #guarded: boolean;
  readonly #acts = new Acts();
  /** By node that acts: since when. */
  readonly #actsSince = new Map<number, Instant>();
  readonly #decidedAt = new Map<number, Instant>();
  /** Fell asleep to settle. */
  readonly #settles = new Map<number, Instant>();
  readonly #claiming = new Set<number>();
  readonly #wakesOf = new Map<number, number>();
  /** Since then nobody has acted to any end: no message has arrived. */
  #lastAct: Instant = START;
  /** Nothing has happened yet to a cluster that is running. */
  #untouched: boolean;

  /** @param guarded nodes have watchdogs. */
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

  /** At the end of the run. */
  close(end: Instant): void {
    this.#checkSilence(end);
    const patience = this.#sleepAtMost() + 2 * inSeconds(AWAKE_MAX);
    for (const node of this.conditions.able(end)) {
      const last = this.#decidedAt.get(node) ?? START;
      const quietS = inSeconds(between(max(last, this.conditions.quietSince), end));
      if (quietS > patience)
        this.broken("hangs", end, `node ${node} has not come to a decision for ${Math.round(quietS)} s`);
    }
    const most = inSeconds(end as number as Micros) / WAKES_APART_S + WAKES_MARGIN;
    for (const [node, wakes] of this.#wakesOf)
      if (wakes > most) this.broken("hangs", end, `node ${node} wakes all the time: ${wakes} wakes`);
  }

  /** Notes it, once for each rule. */
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

  /** Nothing has happened yet to a cluster that is running: all of its nodes are well. */
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

  /** Whether nobody has acted, or published, up to now for longer than the bound. */
  #checkSilence(now: Instant): void {
    const { conditions } = this;
    const from = max(this.#lastAct, conditions.quietSince);
    if (between(from, now) <= this.#rhythm) return;
    const able = conditions.able(from);
    if (able.length === 0) return;
    const silentS = inSeconds(between(from, now));
    const boundS = this.boundS(conditions.unable(from));
    this.judged += 1;
    this.occasions.note("somebody-acts-again");
    this.longest = Math.max(this.longest, silentS / boundS);
    if (actsWithin(silentS, boundS, "seconds") === undefined) return;
    const detail = `nobody acts for ${Math.round(silentS)} s, although node ${able[0]} could; ${Math.round(boundS)} s is the bound`;
    const [sinceS, fromS] = [this.#lastAct, from].map((at) => inSeconds(between(START, at)));
    this.broken("somebody-acts-again", now, detail, { sinceS: sinceS!, dueS: fromS! + boundS });
  }

  /** Seconds within which somebody has to act, with these sleep timers. */
  boundS(unable: number): number {
    const timing = {
      periodS: inSeconds(this.#period),
      settleS: SETTLE_S,
      awakeS: WATCHDOG_S,
      driftShare: this.conditions.slowest,
    };
    return actsWithinS(timing, unable, DISPUTES);
  }

  #sleepAtMost(): number {
    return inSeconds(this.#period) * (1 + this.conditions.slowest);
  }
}

/** What nobody has to bring about: packs run flat. */
const TOUCHES: ReadonlySet<NodeEvent["kind"]> = new Set(["reset", "battery-flat"]);

/** What changes who could act. */
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

/** Resets, and what comes with them. */
const WAKES_MARGIN = 50;

const max = (x: Instant, y: Instant): Instant => (x > y ? x : y);
