/**
 * The checker's transitions, violations and reasons as text for people. No other file makes text of them; no code
 * parses it.
 */
import { LAWS, type Violation } from "../protocol/laws.ts";
import type { Unmet } from "./checks.ts";
import { FAULT_CLASSES, type FaultClass } from "./fault-classes.ts";
import type { CheckedCause } from "./layout.ts";
import { SCHEDULES } from "./liveness.ts";
import type { Need, Outside } from "./promises.ts";
import { chipOf, isOperation, nodeOf, type Transition } from "./transition.ts";

/** `boots (power-on)`: how a wake begins. */
const wokenText = (cause: CheckedCause): string => (cause === "deep-sleep" ? "wakes" : `boots (${cause})`);

const faultText = (fault: FaultClass, detail = ""): string =>
  `FAULT ${fault}: ${FAULT_CLASSES[fault]}${detail}`;

/** What happens in a transition, without how a wake begins. */
function eventText(transition: Transition): string {
  switch (transition.kind) {
    case "reads":
      return `reads chip ${transition.chip}`;
    case "writes":
      return `writes to chip ${transition.chip}`;
    case "acts":
      return "ACTS: connects, measures, publishes, and is done";
    case "cannot-publish":
      return "may act, and has no network";
    case "raises-busy":
      return "raises the busy line";
    case "lowers-busy":
      return "lowers the busy line";
    case "crash":
      return `is reset, and what it remembers is lost${transition.pageWritten ? "; its page is written" : ""}`;
    case "power-on":
      return "has its power back";
    case "chip-is-well-again":
      return "is well again";
    case "node-is-connected-again":
      return "is connected again";
    case "long-after":
      return "has held back for a day of wakes";
    case "from-here-on":
      return "from here on, with nothing more going wrong";
    case "page-rot":
    case "worn-page":
      return faultText(transition.kind, ` (page ${transition.page})`);
    default:
      return faultText(transition.kind);
  }
}

/** `boots (power-on), reads chip 0`: what a node does, or what happens to a node or chip. */
export function transitionText(transition: Transition): string {
  if (!isOperation(transition)) return eventText(transition);
  const { woken, leadsTo } = transition;
  const begins = woken === undefined ? "" : `${wokenText(woken)}, `;
  return `${begins}${eventText(transition)}${leadsTo === "act" ? ", and begins to ACT" : ""}`;
}

/** `node 0`, `chip 1`: what a transition happens to; empty: neither. */
export function subjectText(transition: Transition): string {
  const node = nodeOf(transition);
  if (node !== undefined) return `node ${node}`;
  const chip = chipOf(transition);
  return chip === undefined ? "" : `chip ${chip}`;
}

/** One line for each transition, numbered from 1. */
export function storyOf(transitions: readonly Transition[]): string[] {
  return transitions.map(
    (transition, index) =>
      `${String(index + 1).padStart(4)}  ${subjectText(transition).padEnd(7)} ${transitionText(transition)}`,
  );
}

/** `nodes 0 and 1 act at once`: the violation as a clause. */
export function violationText(violation: Violation): string {
  switch (violation.law) {
    case "at-most-one-acts":
      return `nodes ${violation.others.join(", ")} and ${violation.node} act at once`;
    case "terms-only-rise": {
      const { node, term, before } = violation;
      return `node ${node} acts under term ${term} after node ${before.node} did under ${before.term}`;
    }
    case "somebody-acts-again":
      return violation.unit === "rounds"
        ? `nobody acts within ${violation.bound} rounds of wakes${violation.order === undefined ? "" : `, ${SCHEDULES[violation.order].order}`}`
        : `nobody acts within ${violation.bound} s`;
    case "nobody-well-is-expelled":
      return `node ${violation.by} expels node ${violation.node}, which is well`;
  }
}

const NEEDS: Readonly<Record<Need, string>> = {
  "third-chip": "a third chip",
  "timer-never-early": "a timer that does not end a sleep too early",
  watchdog: "a watchdog that ends a wake",
};

/** `needs a third chip`: what a cluster lacks to survive a class of faults. */
export const needText = (need: Need): string => `needs ${NEEDS[need]}`;

/** `promised is one thing at a time`: why a check is outside the promise. */
export function outsideText(outside: Outside): string {
  switch (outside.why) {
    case "needs":
      return needText(outside.need);
    case "several-faults":
      return "promised is one thing at a time";
    case "several-resets":
      return "promised is one reset besides";
  }
}

/** `never came about: a node is suspected`: why an exhaustive search proves nothing; undefined: nothing is unmet. */
export function unmetText({ laws, schedules, faults }: Unmet): string | undefined {
  const missing = [
    ...laws.map((law) => LAWS[law].sometimes),
    ...schedules.map((schedule) => SCHEDULES[schedule].sometimes),
    ...faults.map((fault) => `${fault} made a difference`),
  ];
  return missing.length === 0 ? undefined : `never came about: ${missing.join("; ")}`;
}
