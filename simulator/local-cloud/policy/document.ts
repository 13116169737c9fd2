/**
 * Parses policy documents to statements. Source: IAM User Guide, "JSON policy element reference".
 *
 * Refused by name and place: Version other than 2012-10-17 (variables are plain text under the older one), NotAction,
 * Principal, NotPrincipal, any element that is not listed below, and a Deny with a variable that may have no value:
 * what AWS makes of such a statement depends on the element, and dropping it would allow what it denies.
 */
import { type ArnPattern, arnVariables, parseArnPattern } from "./arn-pattern.ts";
import { type Condition, parseConditions } from "./conditions.ts";
import { asRecord, asTexts, type Dialect, malformed } from "./elements.ts";
import { type Pattern, parsePattern, variablesOf } from "./pattern.ts";
import { PolicyError } from "./policy-error.ts";

/** One statement, parsed. */
export interface PolicyStatement {
  /** Names the statement in decisions: `role sender, policy 0: Statement[1]`, with its Sid if it has one. */
  readonly where: string;
  readonly effect: "Allow" | "Deny";
  readonly actions: readonly Pattern[];
  readonly resources: readonly ArnPattern[];
  /** True for NotResource: the statement is about all resources except these. */
  readonly otherResources: boolean;
  readonly conditions: readonly Condition[];
  /** The policy variables in it; if one has no value, the statement does not match. */
  readonly variables: readonly string[];
}

const VERSION = "2012-10-17";
const DOCUMENT_ELEMENTS = ["Version", "Id", "Statement"];
const STATEMENT_ELEMENTS = ["Sid", "Effect", "Action", "Resource", "NotResource", "Condition"];

/** Parses a policy document. @throws PolicyError */
export function parseDocument(
  document: unknown,
  where: string,
  dialect: Dialect,
): readonly PolicyStatement[] {
  const elements = asRecord(document, where);
  refuseUnknown(elements, DOCUMENT_ELEMENTS, `${where}: `);
  if (elements.Version !== VERSION) {
    const found = JSON.stringify(elements.Version) ?? "nothing";
    throw new PolicyError("policy-unsupported", `${where}: Version`, `expected "${VERSION}", found ${found}`);
  }
  const statements: readonly unknown[] = Array.isArray(elements.Statement)
    ? elements.Statement
    : [elements.Statement];
  return statements.map((statement, i) => parseStatement(statement, `${where}: Statement[${i}]`, dialect));
}

function parseStatement(statement: unknown, where: string, dialect: Dialect): PolicyStatement {
  const elements = asRecord(statement, where);
  refuseUnknown(elements, STATEMENT_ELEMENTS, `${where}.`);
  const actions = parseActions(elements.Action, `${where}.Action`, dialect);
  const otherResources = elements.NotResource !== undefined;
  if (otherResources && elements.Resource !== undefined)
    throw malformed(elements.NotResource, `${where}.NotResource`, "either Resource or NotResource");
  const element = otherResources ? "NotResource" : "Resource";
  const resources = parseResources(elements[element], `${where}.${element}`);
  const conditions = parseConditions(elements.Condition, `${where}.Condition`, dialect);
  const variables = [
    ...resources.flatMap(arnVariables),
    ...conditions.flatMap((condition) => condition.variables),
  ];
  const effect = parseEffect(elements.Effect, where);
  for (const variable of variables) {
    dialect.checkVariable(variable, where);
    if (effect === "Deny" && !dialect.alwaysHasValue(variable)) throw unresolved(variable, where);
  }
  const name = typeof elements.Sid === "string" && elements.Sid !== "" ? `${where} (${elements.Sid})` : where;
  return {
    where: name,
    effect,
    actions,
    resources,
    otherResources,
    conditions,
    variables,
  };
}

const unresolved = (variable: string, where: string): PolicyError =>
  new PolicyError(
    "policy-unsupported",
    where,
    `a Deny with \${${variable}} is not emulated: where the variable has no value it would deny nothing. ` +
      "Deny without it, or allow what is meant with NotResource",
  );

function parseEffect(effect: unknown, where: string): "Allow" | "Deny" {
  if (effect === "Allow" || effect === "Deny") return effect;
  throw malformed(effect, `${where}.Effect`, '"Allow" or "Deny"');
}

function parseActions(element: unknown, where: string, dialect: Dialect): readonly Pattern[] {
  return asTexts(element, where).map((action) => {
    const pattern = parsePattern(action, { wildcards: true });
    if (variablesOf(pattern).length > 0) throw malformed(action, where, "an action without variables");
    dialect.checkAction(action, where);
    return pattern;
  });
}

function parseResources(element: unknown, where: string): readonly ArnPattern[] {
  return asTexts(element, where).map((resource) => {
    if (resource !== "*" && !resource.startsWith("arn:")) throw malformed(resource, where, 'an ARN or "*"');
    const pattern = parseArnPattern(resource);
    if (pattern === undefined) throw malformed(resource, where, "no variable before the fifth colon");
    return pattern;
  });
}

function refuseUnknown(elements: object, known: readonly string[], prefix: string): void {
  const unknown = Object.keys(elements).find((name) => !known.includes(name));
  if (unknown === undefined) return;
  const problem = `this element is not emulated; these are: ${known.join(", ")}`;
  throw new PolicyError("policy-unsupported", prefix + unknown, problem);
}
