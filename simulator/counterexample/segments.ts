/**
 * A counterexample's steps as segments: stretches in which one node runs undisturbed, and interruptions between them.
 * They follow from the checker's labels alone; `schedule.ts` has their times.
 */
import type { CheckedCause } from "../checker/layout.ts";
import {
  type Disturbance,
  isOperation,
  isTransfer,
  nodeOf,
  type Operation,
  type Transition,
} from "../checker/transition.ts";
import type { Operation as NodeOperation } from "../node/operations.ts";

/** One operation of a wake: a bus transaction, or all of a node's acting. */
export interface Op {
  /** Its index in the list of steps, from 0 on. */
  readonly step: number;
  readonly kind: Operation["kind"];
  readonly chip: number | undefined;
  readonly leadsTo: Operation["leadsTo"];
}

/** Operations of one node without a segment in between, from its waking up or from where it was stopped. */
export interface Stretch {
  readonly kind: "stretch";
  readonly wake: Wake;
  readonly ops: Op[];
}

/** A fault or a reset from outside, or the end of a fault. */
export interface Interruption {
  readonly kind: "interruption";
  readonly step: number;
  readonly disturbance: Disturbance;
}

/** A part of a counterexample: operations of one node, or something that comes from outside. */
export type Segment = Stretch | Interruption;

/** One wake of a node. */
export interface Wake {
  readonly node: number;
  /** Why the node wakes; `deep-sleep`: by itself. */
  readonly cause: CheckedCause;
  /** The sleep before it was cut short. */
  readonly early: boolean;
  readonly stretches: Stretch[];
  /** The sleep at its end; undefined: it does not end with one. */
  slept: "period" | "settle" | undefined;
  /** What ends it, or the sleep after it, before the node wakes by itself; undefined: nothing does. */
  endedBy: Interruption | Stretch | undefined;
  /** The fault `stall` comes in it: it may be longer than the watchdog allows. */
  overlong: boolean;
}

/** A counterexample as segments in order, and as the wakes that they form. */
export interface Course {
  readonly segments: readonly Segment[];
  /** By node: its wakes in order. */
  readonly wakes: readonly (readonly Wake[])[];
  /** By node: its state at the end. `off` for good; `reset`: without power, or about to boot. */
  readonly ends: readonly ("off" | "reset" | "awake" | "period" | "settle")[];
  /** The violation is in what follows the last segment, with nothing more going wrong. */
  readonly runsOn: boolean;
}

/** The simulated node's name for each step of a wake; undefined: it has none. */
export const OPERATION_OF = {
  reads: "read",
  "read-error": "read",
  writes: "page-write",
  "write-error": "page-write",
  "slow-write-cycle": "page-write",
  "torn-write": "page-write",
  "eeprom-resets": "page-write",
  "raises-busy": "raise-busy",
  "lowers-busy": undefined,
  acts: "publish-reading",
  "cannot-publish": "connect",
} as const satisfies Readonly<Record<Operation["kind"], NodeOperation | undefined>>;

const FAULTY: ReadonlySet<Op["kind"]> = new Set([
  "read-error",
  "write-error",
  "slow-write-cycle",
  "torn-write",
  "eeprom-resets",
]);
/**
 * Whether an operation has a fault of its own. It is a stretch by itself, so that the fault finds no other node on the
 * bus.
 */
export const isFaulty = ({ kind }: Op): boolean => FAULTY.has(kind);

/** Disturbances after which a node does not go on where it was, and its state then. */
const INTERRUPTED: Readonly<Partial<Record<Disturbance["kind"], Course["ends"][number]>>> = {
  crash: "reset",
  "watchdog-reset": "reset",
  "power-on": "reset",
  "stale-memory": "period",
  "node-dies": "off",
  "power-cut": "off",
  freeze: "off",
};

/** Cuts a counterexample into segments. @param transitions all steps in order, from the start */
export function courseOf(transitions: readonly Transition[], nodes: number): Course {
  const course = new CourseBuilder(nodes);
  for (const [step, transition] of transitions.entries()) {
    if (transition.kind === "from-here-on") return course.built(true);
    if (isOperation(transition)) course.operation(step, transition);
    else course.disturbance(step, transition);
  }
  return course.built(false);
}

class CourseBuilder {
  readonly #segments: Segment[] = [];
  readonly #wakes: Wake[][];
  readonly #ends: Course["ends"][number][];
  /** The nodes whose settle sleep is cut short and that have not woken since. */
  readonly #early = new Set<number>();

  constructor(nodes: number) {
    this.#wakes = Array.from({ length: nodes }, (): Wake[] => []);
    this.#ends = new Array<Course["ends"][number]>(nodes).fill("reset");
  }

  built(runsOn: boolean): Course {
    return { segments: this.#segments, wakes: this.#wakes, ends: this.#ends, runsOn };
  }

  operation(step: number, operation: Operation): void {
    const { kind, node, woken, leadsTo } = operation;
    if (woken !== undefined)
      this.#wakes[node]!.push({
        node,
        cause: woken,
        early: this.#early.delete(node),
        stretches: [],
        slept: undefined,
        endedBy: undefined,
        overlong: false,
      });
    this.#take(node, { step, kind, chip: isTransfer(operation) ? operation.chip : undefined, leadsTo });
  }

  disturbance(step: number, disturbance: Disturbance): void {
    const { kind } = disturbance;
    // A reset amid a page write that the chip completes comes right after that write. Which chip it is does not matter.
    if (kind === "crash" && disturbance.pageWritten)
      this.#take(disturbance.node, { step, kind: "writes", chip: undefined, leadsTo: undefined });
    const interruption: Interruption = { kind: "interruption", step, disturbance };
    const node = nodeOf(disturbance);
    if (node !== undefined) this.#interrupt(node, interruption);
    this.#segments.push(interruption);
  }

  #interrupt(node: number, interruption: Interruption): void {
    const { kind } = interruption.disturbance;
    const wake = this.#wakes[node]!.at(-1);
    if (kind === "early-wake") this.#early.add(node);
    if (kind === "stall") wake!.overlong = true;
    const becomes = INTERRUPTED[kind];
    if (becomes === undefined) return;
    this.#ends[node] = becomes;
    if (wake !== undefined) wake.endedBy ??= interruption;
  }

  #take(node: number, op: Op): void {
    const wake = this.#wakes[node]!.at(-1)!;
    const last = this.#segments.at(-1);
    const goesOn =
      last?.kind === "stretch" && last.wake === wake && !isFaulty(op) && !last.ops.some(isFaulty);
    const stretch: Stretch = goesOn ? last : { kind: "stretch", wake, ops: [] };
    stretch.ops.push(op);
    if (op.kind === "torn-write") wake.endedBy = stretch;
    if (op.leadsTo === "period" || op.leadsTo === "settle") wake.slept = op.leadsTo;
    this.#ends[node] = op.kind === "torn-write" ? "reset" : (wake.slept ?? "awake");
    if (goesOn) return;
    wake.stretches.push(stretch);
    this.#segments.push(stretch);
  }
}
