/**
 * Runs the check that is to notice each mutant, and the same of the shipped protocol; prints what came of it, as JSON. For a
 * process of its own: within jest it takes more than twice as long.
 */
import { type Check, modelOf, runCheck, startsIn } from "../../../../simulator/checker/checks.ts";
import { explore } from "../../../../simulator/checker/explore.ts";
import { HardenedCanonical } from "../../../../simulator/checker/hardened-canonical.ts";
import { violationText } from "../../../../simulator/checker/print-steps.ts";
import type { Transition } from "../../../../simulator/checker/transition.ts";
import type { Violation } from "../../../../simulator/protocol/laws.ts";
import type { Protocol } from "../../../../simulator/protocol/protocol.ts";
import { CAUGHT, type Catch } from "./caught.ts";
import { MUTANTS } from "./mutants.ts";
import { retrace, walk } from "./retrace.ts";

/** States at which a search that should long have found something ends. */
const STATES_MAX = 200_000;
/** The shipped protocol is given twice the states that a mutant took, within these limits. */
const CONTROL_MIN = 1_000;
const CONTROL_MAX = 20_000;

export interface Noticed {
  readonly states: number;
  readonly violation: string | undefined;
  /** What the counterexample breaks where each state is what it is. */
  readonly retraced: string | undefined;
  /** What the same check finds in the shipped protocol. */
  readonly shipped: string | undefined;
}

function notice(mutant: Protocol, { by, lead = [] }: Catch): Noticed {
  const check = { ...by, instead: mutant };
  const { states, violation, steps } = search(check, lead, STATES_MAX);
  const control = Math.max(CONTROL_MIN, Math.min(2 * states, CONTROL_MAX));
  return {
    states,
    violation: textOf(violation),
    retraced: textOf(retrace(check, startOf(check), steps)),
    shipped: textOf(search(by, lead, control).violation),
  };
}

/** Each check has one start. */
const startOf = (check: Check) => startsIn(check)[0]!;

/** The search of a check; with a lead, of what follows it. */
function search(check: Check, lead: readonly Transition[], statesMax: number) {
  if (lead.length === 0) {
    const { states, counterexample } = runCheck(check, statesMax);
    return { states, violation: counterexample?.violation, steps: counterexample?.steps ?? [] };
  }
  const model = modelOf(check);
  const canonical = new HardenedCanonical(model);
  const { states, counterexample } = explore(model, {
    starts: [walk(check, model, startOf(check), lead).state],
    statesMax,
    canonicalize: (state) => canonical.canonicalize(state),
  });
  const steps = counterexample?.steps.map(({ transition }) => transition) ?? [];
  return { states, violation: counterexample?.violation, steps: [...lead, ...steps] };
}

const textOf = (violation: Violation | undefined): string | undefined =>
  violation && violationText(violation);

const names = Object.keys(MUTANTS) as (keyof typeof MUTANTS)[];
const noticed = Object.fromEntries(names.map((name) => [name, notice(MUTANTS[name], CAUGHT[name])]));
console.log(JSON.stringify(noticed));
