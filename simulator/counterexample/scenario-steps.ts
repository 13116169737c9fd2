/** The steps of the scenario that replays a counterexample. */
import type { Label } from "../checker/model.ts";
import { storyOf } from "../checker/print-steps.ts";
import { after, type Instant, millis, START } from "../engine/time.ts";
import type { OperationMark } from "../node/operations.ts";
import type { Fault } from "../scenario/faults.ts";
import type { Step, Trigger } from "../scenario/scenario.ts";
import { BOOT_MS, JOIN_S, type Schedule } from "./schedule.ts";
import {
  type Course,
  isFaulty,
  OPERATION_OF,
  type Op,
  type Stretch,
  type Strike,
  type Wake,
} from "./segments.ts";
import { MARGIN_MS, type Next, Times } from "./times.ts";

/** What the checker's noise is made of, so that a damaged chip means the same. */
const NOISE = 0x5a;
/** From where on the checker lets nothing more go wrong. */
const UNHINDERED = "; nothing keeps it from then on";
/** Into a write cycle of 5 ms. */
const TORN_AT = millis(2);
/** No driver waits as long for a write cycle to end. */
const SLOW_WRITE_MS = 100;
/** A chip that lost its power is back when its writer has given it up, and before anyone looks. */
const CHIP_BACK_MS = 500;
/** As long as a node can be held in reset. */
const FOR_GOOD_MS = 604_800_000;

/** Made moment by moment. */
export class Script {
  readonly steps: Step[] = [];
  /** Why there is no such scenario. */
  impossible: string | undefined;
  readonly #times: Times;
  /** By step: `9: node 0 reads chip 1`. */
  readonly #story: readonly string[];

  constructor(course: Course, schedule: Schedule, labels: readonly Label[], startsRunning: boolean) {
    this.#times = new Times(course, schedule);
    // A cluster that is running boots by itself, and not in the order that is wanted here.
    if (startsRunning)
      for (const node of course.wakes.keys())
        this.steps.push({
          trigger: { kind: "at", at: START },
          kind: "action",
          action: { kind: "power-off", node },
          says: `node ${node} is off until its first step`,
        });
    if (labels.some(({ kind }) => kind === "acts"))
      for (const node of course.wakes.keys()) {
        const quick: Fault = { kind: "slow-join", node, seconds: JOIN_S };
        this.#fault(
          { kind: "at", at: START },
          quick,
          undefined,
          `each join of node ${node} takes ${JOIN_S} s`,
        );
      }
    this.#story = storyOf(labels).map((line) => line.trim().replaceAll(/\s+/g, " ").replace(" ", ": "));
    for (const moment of course.moments)
      if (moment.kind === "strike") this.#strike(moment);
      else this.#stretch(moment);
    for (const { node, at } of schedule.tail)
      this.#boots(node, undefined, at, `node ${node} boots${UNHINDERED}`);
    this.steps.sort((x, y) => timeOf(x) - timeOf(y));
  }

  /** A node runs up to the end of a stretch, and is then stopped, or kept asleep, until its next moment. */
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
    if (stretch === this.#times.course.moments.at(-1)) return;
    const mark = markOf(ops);
    if (mark === undefined) {
      this.impossible ??= `nothing can stop node ${node} after step ${1 + ops.at(-1)!.step}`;
      return;
    }
    const trigger: Trigger = { kind: "operation", node, from: ms(at - MARGIN_MS), mark };
    this.#fault(trigger, { kind: "stall", node }, next.goesOn - at, `node ${node} is held up${until}`);
  }

  /** `9-11: node 0 reads chip 1, writes to chip 0`. What goes wrong has a line of its own. */
  #told({ wake, ops }: Stretch): string {
    const well = ops.filter((op) => !isFaulty(op));
    const [first, last] = [well[0]?.step, well.at(-1)?.step];
    if (first === undefined || last === undefined) return `node ${wake.node} wakes`;
    const numbers = first === last ? `${1 + first}` : `${1 + first}-${1 + last}`;
    const what = well.map(({ step }) => this.#story[step]!.replace(/^\d+: node \d+ /, ""));
    return `${numbers}: node ${wake.node} ${what.join(", ")}`;
  }

  /** Up to when a node is kept from going on, and what it does then. */
  #until({ moment, tail }: Next): string {
    if (moment === undefined) return tail ? UNHINDERED : " until the end";
    if (moment.kind === "strike") return ` until step ${1 + moment.step}`;
    return moment.ops.every(isFaulty)
      ? ` until step ${1 + moment.ops[0]!.step}`
      : `; then ${this.#told(moment)}`;
  }

  /** What lets a wake begin, where it is not that something that kept the node from it is over. */
  #boots(node: number, wake: Wake | undefined, at: number, says: string): void {
    const own = this.#times.course.wakes[node]!;
    const isFirst = wake === undefined ? own.length === 0 : own[0] === wake;
    const trigger = { kind: "at", at: ms(at - BOOT_MS) } as const;
    if (isFirst) this.steps.push({ trigger, kind: "action", action: { kind: "power-on", node }, says });
    else if (wake?.early === true) this.#fault(trigger, { kind: "early-wake", node }, undefined, says);
  }

  /** A fault that concerns one operation alone. */
  #befalls({ kind, chip, step }: Op, stretch: Stretch, at: number, span: number): void {
    const says = this.#story[step]!;
    const around = { kind: "at", at: ms(at - MARGIN_MS) } as const;
    const long = span + 2 * MARGIN_MS;
    if (kind === "read-error" || kind === "write-error")
      return this.#fault(around, { kind: "eeprom-dislodged", chip: chip! }, long, says);
    if (kind === "write-unconfirmed")
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

  #strike(strike: Strike): void {
    const { label, step } = strike;
    const { at } = this.#times.schedule.slot(strike);
    const { node, chip } = label;
    const says = this.#story[step]!;
    const now = { kind: "at", at: ms(at) } as const;
    // A node that has not booted yet is without power as it is.
    const up = node !== undefined && this.#times.hasBooted(node, strike);
    const down = (): number | undefined => this.#times.downFrom(at, node!, strike);
    const held = (): { held_s: number } => ({ held_s: (down() ?? FOR_GOOD_MS) / 1_000 });
    switch (label.kind) {
      // They show in what they let happen later, or in how long something lasts.
      case "early-wake":
      case "overlong-wake":
      case "chip-is-well-again":
      case "node-is-connected-again":
        return;
      case "chip-lost":
        return this.#fault(
          now,
          { kind: "eeprom-dislodged", chip: chip! },
          this.#times.untilWell(strike),
          says,
        );
      case "write-protected":
        return this.#fault(
          now,
          { kind: "write-protected", chip: chip! },
          this.#times.untilWell(strike),
          says,
        );
      case "offline":
        return this.#fault(now, { kind: "wifi-outage", node: node! }, this.#times.untilWell(strike), says);
      case "wire-cut":
        return this.#fault(now, { kind: "wire-cut", node: node! }, this.#times.untilWell(strike), says);
      case "chip-replaced":
        this.#fault(now, { kind: "eeprom-blank", chip: chip! }, undefined, says);
        return this.#stillWrong(strike);
      case "chip-noise":
        this.#fault(now, { kind: "eeprom-noise", chip: chip!, fill: NOISE }, undefined, says);
        return this.#stillWrong(strike);
      case "page-rot":
      case "page-worn": {
        const page = pageOf(label);
        this.#fault(now, { kind: "page-rot", chip: chip!, page, fill: NOISE }, undefined, says);
        if (label.kind === "page-rot") return;
        if (this.#times.untilWell(strike) !== undefined)
          this.impossible ??= "a worn page does not become well again";
        return this.#fault(now, { kind: "worn-page", chip: chip!, page }, undefined, says);
      }
      case "crash":
      case "node-dies":
      case "power-cut":
        if (up) this.#fault(now, powerCut(node), down(), says);
        return;
      // The end of a power cut lets it boot; a node that is frozen has to be without power first.
      case "power-on":
        if (this.#times.isFrozen(node!, strike))
          this.#fault(now, powerCut(node!), down(), `node ${node} is without power until it boots`);
        return;
      case "watchdog-reset":
        return this.#fault(
          now,
          { kind: "reset", node: node!, cause: "watchdog", ...held() },
          undefined,
          says,
        );
      case "stale-memory":
        return this.#fault(now, { kind: "stale-memory", node: node!, ...held() }, undefined, says);
      case "freeze":
        return this.#fault(now, { kind: "freeze", node: node! }, undefined, says);
      default:
        this.impossible ??= `nothing in a scenario does what "${label.kind}" does`;
    }
  }

  /** To the checker another chip is no better than the one before; the simulated one is new. */
  #stillWrong(strike: Strike): void {
    const { moments } = this.#times.course;
    const { at } = this.#times.schedule.slot(strike);
    const now = { kind: "at", at: ms(at) } as const;
    const { chip } = strike.label;
    for (const earlier of moments.slice(0, moments.indexOf(strike))) {
      if (earlier.kind !== "strike" || earlier.label.chip !== chip) continue;
      const lasts = this.#times.untilWell(earlier);
      const left = lasts === undefined ? undefined : this.#times.schedule.slot(earlier).at + lasts - at;
      if (left !== undefined && left < 0) continue;
      const says = `chip ${chip} is as it was in step ${1 + earlier.step}`;
      if (earlier.label.kind === "write-protected")
        this.#fault(now, { kind: "write-protected", chip: chip! }, left, says);
      else if (earlier.label.kind === "page-worn")
        this.#fault(now, { kind: "worn-page", chip: chip!, page: pageOf(earlier.label) }, undefined, says);
    }
  }

  #fault(trigger: Trigger, fault: Fault, lastsMs: number | undefined, says: string): void {
    const lasts = lastsMs === undefined ? undefined : millis(lastsMs);
    this.steps.push({ trigger, kind: "fault", fault, lasts, says });
  }
}

const ms = (at: number): Instant => after(START, millis(at));
const pageOf = ({ detail = "" }: Label): number => Number(/^page (\d+)$/.exec(detail)?.[1]);
const powerCut = (node: number): Fault => ({ kind: "power-cut", node, torn: "addressed-bytes" });

/** In the order in which they come about; a mark stands where it is first looked for. */
const timeOf = ({ trigger }: Step): number =>
  trigger.kind === "at" ? trigger.at : trigger.kind === "operation" ? trigger.from : START;

/** Where a node is stopped after these: before it connects, else as soon as the last of them is over. */
function markOf(ops: readonly Op[]): OperationMark | undefined {
  const last = ops.at(-1)!;
  if (last.leadsTo === "act") return { operation: "connect", count: 1, point: { kind: "before" } };
  const operation = OPERATION_OF[last.kind];
  if (operation === undefined) return undefined;
  const count = ops.filter(({ kind }) => OPERATION_OF[kind] === operation).length;
  return { operation, count, point: { kind: "after" } };
}
