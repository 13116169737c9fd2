/** A counterexample, walked again without the form that was made for the shipped protocol: is it one of the mutant? */
import { isDeepStrictEqual } from "node:util";
import { type Check, modelOf, roundsMax } from "../../../../simulator/checker/checks.ts";
import { Liveness } from "../../../../simulator/checker/liveness.ts";
import type { Model } from "../../../../simulator/checker/model.ts";
import { type Start, startState } from "../../../../simulator/checker/starts.ts";
import type { Transition } from "../../../../simulator/checker/transition.ts";
import type { Violation } from "../../../../simulator/protocol/laws.ts";

/** The law that the last step breaks. @throws Error where a step cannot be taken */
export const retrace = (check: Check, start: Start, steps: readonly Transition[]): Violation | undefined =>
  walk(check, modelOf(check), start, steps).broken;

/** Where steps lead from a start, and the law that the last one breaks. @throws Error where a step cannot be taken */
export function walk(check: Check, model: Model, start: Start, steps: readonly Transition[]) {
  let { state } = startState(model, start);
  let broken: Violation | undefined;
  for (const step of steps) {
    if (step.kind === "from-here-on") {
      broken = new Liveness(model, () => undefined, roundsMax(check)).violationOf(state);
      continue;
    }
    let taken: Int32Array | undefined;
    model.successors(state, (next, own, violation) => {
      if (taken !== undefined || !isDeepStrictEqual(own(), step)) return;
      taken = next.slice();
      broken = violation;
    });
    if (taken === undefined) throw new Error(`there is no such step: ${JSON.stringify(step)}`);
    state = taken;
  }
  return { state, broken };
}
