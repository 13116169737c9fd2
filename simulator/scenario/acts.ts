/** Follows which nodes act in a run, and asks the laws of acting; for the score and the referee. */
import type { NodeEvent } from "../node/node-event.ts";
import { type Act, beginsAlone, raisesTerm, type Violation } from "../protocol/laws.ts";

/** Events that end a node's act: its wake is over, or it does not run any more. */
const ENDS: ReadonlySet<NodeEvent["kind"]> = new Set([
  "asleep",
  "reset",
  "reset-node",
  "frozen",
  "powered-off",
  "battery-flat",
]);

/** The nodes that act, with their terms. */
export class Acts {
  readonly #acting = new Set<number>();
  /** The act under the highest term so far. */
  #highest: Act = { node: 0, term: 0 };
  #last: number | undefined;

  /** How many nodes act now. */
  get count(): number {
    return this.#acting.size;
  }

  /** Whether another node was the last to act. */
  isAfterAnother(node: number): boolean {
    return this.#last !== undefined && this.#last !== node;
  }

  /** Begins a node's act, which lasts from its decision to the end of its wake. @returns the violations */
  begin(node: number, term: number): Violation[] {
    const stale = raisesTerm(node, term, this.#highest.node, this.#highest.term);
    const broken = [beginsAlone(node, this.#acting), stale].filter((each) => each !== undefined);
    this.#acting.add(node);
    if (stale === undefined) this.#highest = { node, term };
    this.#last = node;
    return broken;
  }

  /** Ends a node's act if the event ends it. */
  note({ kind, node }: NodeEvent): void {
    if (ENDS.has(kind)) this.#acting.delete(node);
  }
}
