/** The transitions of the checker's model, as data. `print-steps.ts` makes text of them. */
import type { Violation } from "../protocol/laws.ts";
import type { FaultClass } from "./fault-classes.ts";
import type { CheckedCause } from "./layout.ts";

/** The fields of every operation of a wake. */
interface OfWake {
  readonly node: number;
  /** The wake begins with this operation, for this reason; absent: it has begun before. */
  readonly woken?: CheckedCause;
  /** The node begins to act with it, or falls asleep; absent: neither. */
  readonly leadsTo?: "act" | "period" | "settle";
}

/** A transfer on the bus, with or without a fault. */
export type Transfer = OfWake & {
  readonly kind:
    | "reads"
    | "read-error"
    | "writes"
    | "write-error"
    | "slow-write-cycle"
    | "torn-write"
    | "eeprom-resets";
  readonly chip: number;
};

/** One operation of a node in its wake. Acting is one operation, because no part of it concerns another node. */
export type Operation =
  | Transfer
  | (OfWake & { readonly kind: "raises-busy" | "lowers-busy" | "acts" | "cannot-publish" });

/** Faults of one page of a chip. */
export type PageFault = "page-rot" | "worn-page";
/** Faults of a whole chip. */
export type ChipFault = "eeprom-dislodged" | "eeprom-blank" | "eeprom-noise" | "write-protected";
/** Faults of a node; faults of its transfers are operations. */
export type NodeFault =
  | "node-dies"
  | "power-cut"
  | "watchdog-reset"
  | "freeze"
  | "wifi-outage"
  | "wire-cut"
  | "early-wake"
  | "stall"
  | "stale-memory";

/** What happens to a node or a chip from outside: a fault, or its end. */
export type Disturbance =
  | { readonly kind: ChipFault | "chip-is-well-again"; readonly chip: number }
  | { readonly kind: PageFault; readonly chip: number; readonly page: number }
  | { readonly kind: NodeFault | "power-on" | "node-is-connected-again"; readonly node: number }
  /** A node's hold-down is over. */
  | { readonly kind: "long-after"; readonly node: number }
  /** A reset besides the faults. `pageWritten`: it comes amid a page write, which the chip completes. */
  | { readonly kind: "crash"; readonly node: number; readonly pageWritten: boolean };

/** `from-here-on` is no step: it ends a counterexample in which nothing more goes wrong, and yet no node acts again. */
export type Transition = Operation | Disturbance | { readonly kind: "from-here-on" };

const TRANSFERS = {
  reads: true,
  "read-error": true,
  writes: true,
  "write-error": true,
  "slow-write-cycle": true,
  "torn-write": true,
  "eeprom-resets": true,
} as const satisfies Readonly<Record<Transfer["kind"], true>>;

const OPERATIONS = {
  ...TRANSFERS,
  "raises-busy": true,
  "lowers-busy": true,
  acts: true,
  "cannot-publish": true,
} as const satisfies Readonly<Record<Operation["kind"], true>>;

/** Whether a transition is a transfer on the bus, failed ones included. */
export const isTransfer = (transition: Transition): transition is Transfer =>
  Object.hasOwn(TRANSFERS, transition.kind);

/** Whether a transition belongs to a node's wake. */
export const isOperation = (transition: Transition): transition is Operation =>
  Object.hasOwn(OPERATIONS, transition.kind);

/** The node that a transition happens to; undefined: a chip, or neither. */
export const nodeOf = (transition: Transition): number | undefined =>
  "node" in transition ? transition.node : undefined;

/** The chip that a transition happens to, or transfers to; undefined: none. */
export const chipOf = (transition: Transition): number | undefined =>
  "chip" in transition ? transition.chip : undefined;

/** The kinds of transitions that are faults. Each is the name of its class in `FAULT_CLASSES`. */
export type FaultTransition = Extract<Transition["kind"], FaultClass>;

/**
 * Takes one successor of a state.
 * @param next valid, and changeable, until the receiver returns; the model uses it again afterwards
 * @param transition makes the transition's data; called only where they are needed
 * @param violation the law that this transition breaks; undefined: none
 */
export type Emit<Of extends Transition = Transition> = (
  next: Int32Array,
  transition: () => Of,
  violation: Violation | undefined,
) => void;

/** A chip's reads, in a mask of the steps to which a fault of that chip may make a difference. */
export const READ = 1;
/** A chip's writes, in the same mask. */
export const WRITE = 2;

/** In which states a fault that may come at any time does come. */
export interface FaultTiming {
  /** Mask of `READ` and `WRITE`: faults of a chip that make a difference to those steps come in this state. */
  touches(state: Int32Array, chip: number): number;
  /** Whether a chip may be well again after this state. */
  mends(state: Int32Array, chip: number): boolean;
}

/** Faults come and end in every state: without a reduction. */
export const AT_ANY_TIME: FaultTiming = { touches: () => READ | WRITE, mends: () => true };
