/** The steps of the scenario that replays a counterexample. */
import { subjectText, transitionText } from "../checker/print-steps.ts";
import { chipOf, type Transition } from "../checker/transition.ts";
import { after, type Instant, millis, START } from "../engine/time.ts";
import type { OperationMark } from "../node/operations.ts";
import type { Fault } from "../scenario/faults.ts";
import { SAYS_LENGTH_MAX } from "../scenario/parse/steps.ts";
import type { Step, Trigger } from "../scenario/scenario.ts";
import { BOOT_MS, JOIN_S, type Schedule } from "./schedule.ts";
import {
  type Course,
  type Interruption,
  isFaulty,
  OPERATION_OF,
  type Op,
  type Stretch,
  type Wake,
} from "./segments.ts";
import { MARGIN_MS, type Next, Times } from "./times.ts";
import type { Unplayable } from "./unplayable.ts";

/** The byte of the checker's noise (`garbage`), so that a damaged chip reads the same here. */
const NOISE = 0x5a;
/** Ends what is said of a node's step where nothing more goes wrong. */
const UNHINDERED = "; then nothing holds it up";
/** Instant within the write cycle of 5 ms at which power goes. */
const TORN_AT = millis(2);
/** A write cycle that is longer than any driver waits for it. */
const SLOW_WRITE_MS = 100;
/** A chip that lost its power is back after so long: after its writer has given it up, before another node reads it. */
const CHIP_BACK_MS = 500;
/** Longest time for which a scenario can hold a node in reset: a week. */
const FOR_GOOD_MS = 604_800_000;

/** The steps of a scenario, made segment by segment. */
export class Script {
  readonly steps: Step[] = [];
  /** Why there is no such scenario; undefined: there is one. */
  impossible: Unplayable | undefined;
  readonly #times: Times;
  /** The checker's transitions, by step. */
  readonly #transitions: readonly Transition[];

  constructor(
    course: Course,
    schedule: Schedule,
    transitions: readonly Transition[],
    startsRunning: boolean,
  ) {
    this.#times = new Times(course, schedule);
    this.#transitions = transitions;
    // A running cluster boots by itself, in an order that need not be the checker's.
    if (startsRunning)
      for (const node of course.wakes.keys())
        this.steps.push({
          trigger: { kind: "at", at: START },
          kind: "action",
          action: { kind: "power-off", node },
          says: `node ${node} is off until its first step`,
        });
    if (transitions.some(({ kind }) => kind === "acts"))
      for (const node of course.wakes.keys()) {
        const quick: Fault = { kind: "slow-join", node, seconds: JOIN_S };
        this.#fault(
          { kind: "at", at: START },
          quick,
          undefined,
          `each join of node ${node} takes ${JOIN_S} s`,
        );
      }
    for (const segment of course.segments)
      if (segment.kind === "interruption") this.#interrupt(segment);
      else this.#stretch(segment);
    for (const { node, at } of schedule.tail)
      this.#boots(node, undefined, at, `node ${node} boots${UNHINDERED}`);
    for (const [index, step] of this.steps.entries())
      if (step.says !== undefined) this.steps[index] = { ...step, says: clipped(step.says) };
    this.steps.sort((x, y) => timeOf(x) - timeOf(y));
  }

  /** Lets a node run up to the end of a stretch, then stops it, or keeps it asleep, until its next segment. */
  #stretch(stretch: Stretch): void {
    const { wake, ops } = stretch;
    const { node } = wake;
    const { at, span } = this.#times.schedule.slot(stretch);
    if (wake.stretches[0] === stretch)
      this.#boots(node, wake, at, `${this.#told(stretch)}${wake.early ? ": its sleep is cut short" : ""}`);
    for (const op of ops) if (isFaulty(op)) this.#befalls(op, stretch, at, span);
    if (wake.endedBy === stretch) return;
    const next = this.#times.next(stretch);
    const until = this.#until(next);
    if (stretch === wake.stretches.at(-1) && wake.slept !== undefined) {
      const sleepsOn: Fault = { kind: "sleeps-on", node };
      this.#fault({ kind: "at", at: ms(at) }, sleepsOn, next.wakes - at, `node ${node} sleeps on${until}`);
      return;
    }
    if (stretch === this.#times.course.segments.at(-1)) return;
    const mark = markOf(ops);
    if (mark === undefined) {
      this.impossible ??= { why: "cannot-stop", node, step: 1 + ops.at(-1)!.step };
      return;
    }
    const trigger: Trigger = { kind: "operation", node, from: ms(at - MARGIN_MS), mark };
    this.#fault(trigger, { kind: "stall", node }, next.goesOn - at, `node ${node} is held up${until}`);
  }

  /** `9-11: node 0 reads chip 1, writes to chip 0`. A fault has a line of its own. */
  #told({ wake, ops }: Stretch): string {
    const well = ops.filter((op) => !isFaulty(op));
    const [first, last] = [well[0]?.step, well.at(-1)?.step];
    if (first === undefined || last === undefined) return `node ${wake.node} wakes`;
    const numbers = first === last ? `${1 + first}` : `${1 + first}-${1 + last}`;
    const what = well.map(({ step }) => transitionText(this.#transitions[step]!));
    return `${numbers}: node ${wake.node} ${what.join(", ")}`;
  }

  /** `until step 9`: up to when a node is stopped, and what it does then. */
  #until({ segment, tail }: Next): string {
    if (segment === undefined) return tail ? UNHINDERED : " until the end";
    if (segment.kind === "interruption") return ` until step ${1 + segment.step}`;
    return segment.ops.every(isFaulty)
      ? ` until step ${1 + segment.ops[0]!.step}`
      : `; then ${this.#told(segment)}`;
  }

  /** Lets a wake begin, where it does not begin by itself when a stall or a longer sleep ends. */
  #boots(node: number, wake: Wake | undefined, at: number, says: string): void {
    const own = this.#times.course.wakes[node]!;
    const isFirst = wake === undefined ? own.length === 0 : own[0] === wake;
    const trigger = { kind: "at", at: ms(at - BOOT_MS) } as const;
    if (isFirst) this.steps.push({ trigger, kind: "action", action: { kind: "power-on", node }, says });
    else if (wake?.early === true) this.#fault(trigger, { kind: "early-wake", node }, undefined, says);
  }

  /** Adds a fault that concerns one operation alone. */
  #befalls({ kind, chip, step }: Op, stretch: Stretch, at: number, span: number): void {
    const says = this.#line(step);
    const around = { kind: "at", at: ms(at - MARGIN_MS) } as const;
    const long = span + 2 * MARGIN_MS;
    if (kind === "read-error" || kind === "write-error")
      return this.#fault(around, { kind: "eeprom-dislodged", chip: chip! }, long, says);
    if (kind === "slow-write-cycle")
      return this.#fault(around, { kind: "slow-write-cycle", chip: chip!, ms: SLOW_WRITE_MS }, long, says);
    const { node } = stretch.wake;
    const amid: Trigger = {
      kind: "operation",
      node,
      from: ms(at - MARGIN_MS),
      mark: { operation: "page-write", count: 1, point: { kind: "write-cycle", into: TORN_AT } },
    };
    this.#fault(amid, { kind: "eeprom-dislodged", chip: chip!, fill: NOISE }, CHIP_BACK_MS, says);
    if (kind === "torn-write")
      this.#fault(amid, powerCut(node), this.#times.downFrom(at, node, stretch), says);
  }

  /** `9: node 0 FAULT read-error: one read fails`. */
  #line(step: number): string {
    const transition = this.#transitions[step]!;
    return `${1 + step}: ${subjectText(transition)} ${transitionText(transition)}`;
  }

  #interrupt(interruption: Interruption): void {
    const { disturbance, step } = interruption;
    const says = this.#line(step);
    const fault = (what: Fault, lastsMs?: number): void =>
      this.#fault(this.#now(interruption), what, lastsMs, says);
    const untilWell = (): number | undefined => this.#times.untilWell(interruption);
    switch (disturbance.kind) {
      // No step of their own: they show in a later wake, or in how long a fault lasts.
      case "early-wake":
      case "stall":
      case "chip-is-well-again":
      case "node-is-connected-again":
        return;
      case "eeprom-dislodged":
        return fault({ kind: "eeprom-dislodged", chip: disturbance.chip }, untilWell());
      case "write-protected":
        return fault({ kind: "write-protected", chip: disturbance.chip }, untilWell());
      case "wifi-outage":
        return fault({ kind: "wifi-outage", node: disturbance.node }, untilWell());
      case "wire-cut":
        return fault({ kind: "wire-cut", node: disturbance.node }, untilWell());
      case "eeprom-blank":
        fault({ kind: "eeprom-blank", chip: disturbance.chip });
        return this.#stillWrong(interruption, disturbance.chip);
      case "eeprom-noise":
        fault({ kind: "eeprom-noise", chip: disturbance.chip, fill: NOISE });
        return this.#stillWrong(interruption, disturbance.chip);
      case "page-rot":
        return fault({ kind: "page-rot", chip: disturbance.chip, page: disturbance.page, fill: NOISE });
      case "worn-page": {
        const { chip, page } = disturbance;
        fault({ kind: "page-rot", chip, page, fill: NOISE });
        if (untilWell() !== undefined) this.impossible ??= { why: "worn-page-recovers" };
        return fault({ kind: "worn-page", chip, page });
      }
      case "freeze":
        return fault({ kind: "freeze", node: disturbance.node });
      case "long-after":
        this.impossible ??= { why: "no-such-step", kind: disturbance.kind };
        return;
      default:
        return this.#takeDown(interruption, disturbance.kind, disturbance.node);
    }
  }

  /** Takes a node's power or resets it, until it next has something to do. */
  #takeDown(interruption: Interruption, kind: TakesDown, node: number): void {
    const { at } = this.#times.schedule.slot(interruption);
    const says = this.#line(interruption.step);
    const now = this.#now(interruption);
    const down = this.#times.downFrom(at, node, interruption);
    const held_s = (down ?? FOR_GOOD_MS) / 1_000;
    switch (kind) {
      case "crash":
      case "node-dies":
      case "power-cut":
        // A node that has not booted yet has no power anyway.
        if (this.#times.hasBooted(node, interruption)) this.#fault(now, powerCut(node), down, says);
        return;
      // The end of a power cut lets a node boot by itself. A frozen node needs a power cut first.
      case "power-on":
        if (this.#times.isFrozen(node, interruption))
          this.#fault(now, powerCut(node), down, `node ${node} is without power until it boots`);
        return;
      case "watchdog-reset":
        return this.#fault(now, { kind: "reset", node, cause: "watchdog", held_s }, undefined, says);
      case "stale-memory":
        return this.#fault(now, { kind: "stale-memory", node, held_s }, undefined, says);
    }
  }

  #now(interruption: Interruption): Trigger {
    return { kind: "at", at: ms(this.#times.schedule.slot(interruption).at) };
  }

  /**
   * Repeats the faults of the chip before on its replacement: the checker keeps them, and the simulated chip has none.
   */
  #stillWrong(interruption: Interruption, chip: number): void {
    const { segments } = this.#times.course;
    const { at } = this.#times.schedule.slot(interruption);
    const now = this.#now(interruption);
    for (const earlier of segments.slice(0, segments.indexOf(interruption))) {
      if (earlier.kind !== "interruption" || chipOf(earlier.disturbance) !== chip) continue;
      const lasts = this.#times.untilWell(earlier);
      const left = lasts === undefined ? undefined : this.#times.schedule.slot(earlier).at + lasts - at;
      if (left !== undefined && left < 0) continue;
      const says = `chip ${chip} is as it was in step ${1 + earlier.step}`;
      if (earlier.disturbance.kind === "write-protected")
        this.#fault(now, { kind: "write-protected", chip }, left, says);
      else if (earlier.disturbance.kind === "worn-page")
        this.#fault(now, { kind: "worn-page", chip, page: earlier.disturbance.page }, undefined, says);
    }
  }

  #fault(trigger: Trigger, fault: Fault, lastsMs: number | undefined, says: string): void {
    const lasts = lastsMs === undefined ? undefined : millis(lastsMs);
    this.steps.push({ trigger, kind: "fault", fault, lasts, says });
  }
}

type TakesDown = "crash" | "node-dies" | "power-cut" | "power-on" | "watchdog-reset" | "stale-memory";

const ms = (at: number): Instant => after(START, millis(at));
const powerCut = (node: number): Fault => ({ kind: "power-cut", node, torn: "addressed-bytes" });

/** The text up to the last whole word that a step has room for. */
const clipped = (says: string): string =>
  says.length <= SAYS_LENGTH_MAX ? says : `${says.slice(0, SAYS_LENGTH_MAX - 2).replace(/ \S*$/, "")} …`;

/** When a step comes about, for sorting; one with a mark, when that is first looked for. */
const timeOf = ({ trigger }: Step): number =>
  trigger.kind === "at" ? trigger.at : trigger.kind === "operation" ? trigger.from : START;

/**
 * Where a node is stopped after `ops`: before it connects, if it is about to act; else right after the last of them.
 */
function markOf(ops: readonly Op[]): OperationMark | undefined {
  const last = ops.at(-1)!;
  if (last.leadsTo === "act") return { operation: "connect", count: 1, point: { kind: "before" } };
  const operation = OPERATION_OF[last.kind];
  if (operation === undefined) return undefined;
  const count = ops.filter(({ kind }) => OPERATION_OF[kind] === operation).length;
  return { operation, count, point: { kind: "after" } };
}
