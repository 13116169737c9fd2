/**
 * The decision, the same for IAM and IoT policies: denied unless a statement allows it; an explicit Deny wins.
 * Source: IAM User Guide, "Policy evaluation logic".
 */
import { resourceMatches } from "./arn-pattern.ts";
import type { PolicyStatement } from "./document.ts";
import { type LookUp, patternMatchesIgnoringCase } from "./pattern.ts";

/** Whether a request is allowed, and by which statement or why not. */
export type PolicyDecision =
  /** `by`: the statement that allows it. */
  | { readonly allowed: true; readonly by: string }
  /** `text`: one sentence for a log, naming principal, action, resource and reason. */
  | { readonly allowed: false; readonly why: "explicit-deny" | "no-statement-allows"; readonly text: string };

/** A request: who wants to do what to which resource. */
export interface PolicyRequest {
  /** Who asks, as the text names it. */
  readonly principal: string;
  readonly action: string;
  readonly resource: string;
  /** Values of policy variables. */
  readonly lookUp: LookUp;
  /** Values of a condition key; none where the request has no such key. */
  readonly valuesOf: (key: string) => readonly string[];
}

/** Decides about a request; the order of the statements does not matter. */
export function evaluatePolicy(
  statements: readonly PolicyStatement[],
  request: PolicyRequest,
): PolicyDecision {
  const matching = statements.filter((statement) => statementMatches(statement, request));
  const deny = matching.find((statement) => statement.effect === "Deny");
  if (deny !== undefined) return refuse(request, "explicit-deny", `${deny.where} denies it`);
  const allow = matching[0];
  if (allow !== undefined) return { allowed: true, by: allow.where };
  return refuse(request, "no-statement-allows", `none of the ${statements.length} statement(s) allows it`);
}

function statementMatches(
  statement: PolicyStatement,
  { action, resource, lookUp, valuesOf }: PolicyRequest,
): boolean {
  return (
    statement.variables.every((variable) => lookUp(variable) !== undefined) &&
    // Names of actions have no case.
    statement.actions.some((pattern) => patternMatchesIgnoringCase(pattern, action, lookUp)) &&
    statement.resources.some((pattern) => resourceMatches(pattern, resource, lookUp)) !==
      statement.otherResources &&
    statement.conditions.every((condition) => condition.holds(valuesOf(condition.key), lookUp))
  );
}

/** A refusal. The resource is quoted as JSON: a topic is a stranger's text and must not break a line of the log. */
function refuse(
  { principal, action, resource }: PolicyRequest,
  why: "explicit-deny" | "no-statement-allows",
  reason: string,
): PolicyDecision {
  const text = `${principal} is not authorized to perform ${action} on ${JSON.stringify(resource)}: ${reason}`;
  return { allowed: false, why, text };
}
