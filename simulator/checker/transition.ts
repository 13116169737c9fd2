/** One transition of the checker's model, as data. `print-steps.ts` says it in words. */
import type { Violation } from "../protocol/laws.ts";
import type { FaultClass } from "./fault-classes.ts";
import type { CheckedCause } from "./layout.ts";

/** What every operation of a wake has. */
interface OfWake {
  readonly node: number;
  /** The wake begins with this operation, for that reason: from its sleep, or from a reset. */
  readonly woken?: CheckedCause;
  /** What the node comes to with it: to acting, or to a sleep. */
  readonly leadsTo?: "act" | "period" | "settle";
}

/** A transfer on the bus: one that works, or one that a fault strikes. */
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

/** What a node does next in its wake. Acting is one operation: nothing in it concerns another node. */
export type Operation =
  | Transfer
  | (OfWake & { readonly kind: "raises-busy" | "lowers-busy" | "acts" | "cannot-publish" });

/** Faults of a page, which has a number from 0 on. */
export type PageFault = "page-rot" | "worn-page";
/** Faults of a whole chip. */
export type ChipFault = "eeprom-dislodged" | "eeprom-blank" | "eeprom-noise" | "write-protected";
/** Faults of a node; those of its transfers are `Operation`s. */
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

/** Something happens to a node or to a chip: a fault, or what ends one. */
export type Disturbance =
  | { readonly kind: ChipFault | "chip-is-well-again"; readonly chip: number }
  | { readonly kind: PageFault; readonly chip: number; readonly page: number }
  | { readonly kind: NodeFault | "power-on" | "node-is-connected-again"; readonly node: number }
  /** The hold-down of a node that could not publish is over. */
  | { readonly kind: "long-after"; readonly node: number }
  /** A reset besides the faults. `pageWritten`: it comes amid a page write that is done all the same. */
  | { readonly kind: "crash"; readonly node: number; readonly pageWritten: boolean };

/** `from-here-on`: no step, but that nothing more goes wrong; the last of a counterexample in which nobody acts again. */
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

/** The node that a transition is of; undefined: it is of a chip, or of nobody. */
export const nodeOf = (transition: Transition): number | undefined =>
  "node" in transition ? transition.node : undefined;

/** The chip that a transition is of; undefined: it is of none. */
export const chipOf = (transition: Transition): number | undefined =>
  "chip" in transition ? transition.chip : undefined;

/** The fault class that a transition takes from the budget; a `FaultClass` is the `kind` of its transition. */
export type FaultTransition = Extract<Transition["kind"], FaultClass>;

/**
 * Takes one successor of a state.
 * @param next the receiver's until it returns, and the model's again from then on
 * @param transition made only where somebody asks
 * @param violation the law that this transition breaks
 */
export type Emit<Of extends Transition = Transition> = (
  next: Int32Array,
  transition: () => Of,
  violation: Violation | undefined,
) => void;

/** Steps of a chip that a fault of it may make a difference to: a mask of these two. */
export const READ = 1;
/** The other of the two: writes. */
export const WRITE = 2;

/** At which states a fault that may come at any time is let come. */
export interface FaultTiming {
  /** Mask of `READ` and `WRITE`: faults that make a difference to those steps of a chip come now. */
  touches(state: Int32Array, chip: number): number;
  /** A chip may be well again now. */
  mends(state: Int32Array, chip: number): boolean;
}

/** Faults come and are mended in every state: nothing is reduced. */
export const AT_ANY_TIME: FaultTiming = { touches: () => READ | WRITE, mends: () => true };
