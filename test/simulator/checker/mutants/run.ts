/**
 * Runs the check that is to notice each mutant, and the same of the shipped protocol; prints what came of it, as JSON. For a
 * process of its own: within jest it takes more than twice as long.
 */
import { type Check, runCheck } from "../../../../simulator/checker/checks.ts";
import { violationText } from "../../../../simulator/checker/print-steps.ts";
import type { Violation } from "../../../../simulator/protocol/laws.ts";
import type { Protocol } from "../../../../simulator/protocol/protocol.ts";
import { CAUGHT } from "./caught.ts";
import { MUTANTS } from "./mutants.ts";
import { retrace } from "./retrace.ts";

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

function notice(mutant: Protocol, by: Check): Noticed {
  const check = { ...by, instead: mutant };
  const { states, counterexample } = runCheck(check, STATES_MAX);
  const transitions = counterexample?.steps ?? [];
  const control = Math.max(CONTROL_MIN, Math.min(2 * states, CONTROL_MAX));
  return {
    states,
    violation: textOf(counterexample?.violation),
    retraced: textOf(retrace(check, transitions)),
    shipped: textOf(runCheck(by, control).counterexample?.violation),
  };
}

const textOf = (violation: Violation | undefined): string | undefined =>
  violation && violationText(violation);

const names = Object.keys(MUTANTS) as (keyof typeof MUTANTS)[];
const noticed = Object.fromEntries(names.map((name) => [name, notice(MUTANTS[name], CAUGHT[name].by)]));
console.log(JSON.stringify(noticed));
