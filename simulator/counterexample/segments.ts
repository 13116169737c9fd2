/**
 * A counterexample's steps as segments: stretches in which a node runs undisturbed, and interruptions between them. What a segment
 * is comes from the checker's labels alone; when it is, from `schedule.ts`.
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

/** A bus transaction, or all of a node's acting. */
export interface Op {
  /** Its place in the list of steps, from 0. */
  readonly step: number;
  readonly kind: Operation["kind"];
  readonly chip: number | undefined;
  readonly leadsTo: Operation["leadsTo"];
}

/** What a node does in one go, from its waking up or from where it was stopped. */
export interface Stretch {
  readonly kind: "stretch";
  readonly wake: Wake;
  readonly ops: Op[];
}

/** Something else happens: a fault, or what undoes one. */
export interface Interruption {
  readonly kind: "interruption";
  readonly step: number;
  readonly disturbance: Disturbance;
}

/**
 * What a counterexample is cut into: a node's operations without another's in between, or a fault from outside.
 */
export type Segment = Stretch | Interruption;

/** From one waking up of a node to its end. */
export interface Wake {
  readonly node: number;
  /** Why it wakes; `deep-sleep`: by itself. */
  readonly cause: CheckedCause;
  /** The sleep before it was cut short. */
  readonly early: boolean;
  readonly stretches: Stretch[];
  /** How it falls asleep; undefined: it does not. */
  slept: "period" | "settle" | undefined;
  /** What ends it, or the sleep that follows it, before the node wakes by itself. */
  endedBy: Interruption | Stretch | undefined;
  /** It may be longer than the watchdog would allow. */
  overlong: boolean;
}

/** A counterexample as segments in order, and the wakes that they make up. */
export interface Course {
  readonly segments: readonly Segment[];
  /** By node: its wakes in order. */
  readonly wakes: readonly (readonly Wake[])[];
  /** By node: what it is in the end. `off` for good; `reset`: without power, or about to boot. */
  readonly ends: readonly ("off" | "reset" | "awake" | "period" | "settle")[];
  /** Nothing more goes wrong after the last segment, and the violation is what follows. */
  readonly runsOn: boolean;
}

/** What the simulated node calls each step of a wake; undefined: it has no name for it. */
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
/** Steps with a fault of their own, which has to find nobody else on the bus. */
export const isFaulty = ({ kind }: Op): boolean => FAULTY.has(kind);

/** Disturbances after which a node does not go on where it was, and what it is then. */
const INTERRUPTED: Readonly<Partial<Record<Disturbance["kind"], Course["ends"][number]>>> = {
  crash: "reset",
  "watchdog-reset": "reset",
  "power-on": "reset",
  "stale-memory": "period",
  "node-dies": "off",
  "power-cut": "off",
  freeze: "off",
};

/** Cuts a counterexample into segments. @param transitions from a starting state on, in order */
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
  /** Nodes whose settle sleep is cut short, until they wake. */
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
    // A reset that lets the page write that it comes amid be done comes after it; on which chip is all one.
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
