/** Which nodes act, and under which terms, as a run goes on: the score and the referee ask the laws of acting through it. */
import type { NodeEvent } from "../node/node-event.ts";
import { type Act, beginsAlone, raisesTerm, type Violation } from "../protocol/laws.ts";

/** A node that acts does not after one of these: its wake is over, or it runs no more. */
const ENDS: ReadonlySet<NodeEvent["kind"]> = new Set([
  "asleep",
  "reset",
  "reset-node",
  "frozen",
  "powered-off",
  "battery-flat",
]);

/** Who acts, and under which terms, as a run goes on; asks the laws of both. */
export class Acts {
  readonly #acting = new Set<number>();
  /** Under the highest term so far. */
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

  /** A node begins to act: from its decision to the end of the wake. @returns the laws that it breaks with that */
  begin(node: number, term: number): Violation[] {
    const stale = raisesTerm(node, term, this.#highest.node, this.#highest.term);
    const broken = [beginsAlone(node, this.#acting), stale].filter((each) => each !== undefined);
    this.#acting.add(node);
    if (stale === undefined) this.#highest = { node, term };
    this.#last = node;
    return broken;
  }

  /** Ends the node's act where the event does. */
  note({ kind, node }: NodeEvent): void {
    if (ENDS.has(kind)) this.#acting.delete(node);
  }
}
