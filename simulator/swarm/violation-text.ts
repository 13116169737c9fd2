/** The text of a violation in the swarm's report, which gives its time beside it. */
import type { Violation } from "../protocol/laws.ts";

/** `node 1 begins to act while node 0 does`: a violation as part of a line. */
export function violationText(violation: Violation): string {
  switch (violation.law) {
    case "at-most-one-acts":
      return `node ${violation.node} begins to act while node ${violation.others[0]} does`;
    case "terms-only-rise": {
      const { node, term, before } = violation;
      return term < before.term
        ? `node ${node} acts under term ${term}, after node ${before.node} did under ${before.term}`
        : `node ${node} and node ${before.node} both act under term ${term}`;
    }
    case "somebody-acts-again":
      return `nobody acts within ${violation.bound} ${violation.unit}`;
    case "nobody-well-is-expelled":
      return `node ${violation.by} says that node ${violation.node} is dead, although it is healthy`;
  }
}
