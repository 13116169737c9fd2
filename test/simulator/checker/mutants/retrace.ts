/** A counterexample, walked again without the form that was made for the shipped protocol: is it one of the mutant? */
import { isDeepStrictEqual } from "node:util";
import { type Check, modelOf, roundsMax } from "../../../../simulator/checker/checks.ts";
import { Liveness } from "../../../../simulator/checker/liveness.ts";
import type { Transition } from "../../../../simulator/checker/transition.ts";
import type { Violation } from "../../../../simulator/protocol/laws.ts";

/** The law that the last step breaks. @throws Error where a step cannot be taken */
export function retrace(check: Check, transitions: readonly Transition[]): Violation | undefined {
  const model = modelOf(check);
  let state = model.initial();
  let broken: Violation | undefined;
  for (const transition of transitions) {
    if (transition.kind === "from-here-on")
      return new Liveness(model, () => undefined, roundsMax(check)).violationOf(state);
    let taken: Int32Array | undefined;
    model.successors(state, (next, own, violation) => {
      if (taken !== undefined || !isDeepStrictEqual(own(), transition)) return;
      taken = next.slice();
      broken = violation;
    });
    if (taken === undefined) throw new Error(`there is no such step: ${JSON.stringify(transition)}`);
    state = taken;
  }
  return broken;
}
