/**
 * Identity policies of roles, from the template with its intrinsic functions resolved.
 * Not emulated: resource policies, permissions boundaries, session and organisation policies. `document.ts` and
 * `conditions.ts` say what is refused at load.
 */
import { type PolicyStatement, parseDocument } from "./document.ts";
import { type Dialect, malformed } from "./elements.ts";
import { evaluatePolicy, type PolicyDecision } from "./evaluate-policy.ts";
import { PolicyError } from "./policy-error.ts";

export type { PolicyStatement };

/** One call of an AWS API by a role. */
export interface IamRequest {
  /** `ses:SendEmail`; letters of either case. */
  readonly action: string;
  /** The ARN, or `*` for an action that has no resource. */
  readonly resource: string;
  /** By condition key, such as `ses:FromAddress`, in any case: its values. A key that is not here has none. */
  readonly context: Readonly<Record<string, string | readonly string[]>>;
  /** Who calls, for the text of a refusal. @default the context's `aws:PrincipalArn`, else "the role" */
  readonly principal?: string;
}

const ACTION = /^(?:\*|[A-Za-z0-9-]+:[A-Za-z0-9*?]+)$/;
const VARIABLE = /^[A-Za-z0-9-]+:[^\s,']+$/;

/** "Service Authorization Reference", keys of type ArrayOf…: those of the services that the template's roles call. */
const MULTIVALUED = new Set(
  ["aws:CalledVia", "aws:TagKeys", "dynamodb:Attributes", "dynamodb:LeadingKeys", "ses:Recipients"].map(
    (key) => key.toLowerCase(),
  ),
);

const iamDialect: Dialect = {
  checkAction(action, where) {
    if (!ACTION.test(action)) throw malformed(action, where, 'an action such as "ses:SendEmail"');
  },
  checkVariable(variable, where) {
    if (VARIABLE.test(variable)) return;
    throw new PolicyError(
      "policy-unsupported",
      where,
      `policy variable \${${variable}} is not a plain condition key`,
    );
  },
  checkConditionKey() {}, // any key: one that the request does not have has no value
  alwaysHasValue: () => false,
  isMultivalued: (key) => MULTIVALUED.has(key.toLowerCase()),
};

/** Parses one policy document. @param where names it in errors and decisions @throws PolicyError */
export const compileIamPolicy = (document: unknown, where: string): PolicyStatement[] => [
  ...parseDocument(document, where, iamDialect),
];

/** Decides about a call by the statements of all policies of a role. */
export function decideIam(statements: readonly PolicyStatement[], request: IamRequest): PolicyDecision {
  const context = new Map(Object.entries(request.context).map(([key, value]) => [key.toLowerCase(), value]));
  const valuesOf = (key: string) => [context.get(key.toLowerCase()) ?? []].flat();
  // "You can't use a multivalued context key as a policy variable."
  const lookUp = (key: string) => {
    const value = context.get(key.toLowerCase());
    return typeof value === "string" ? value : undefined;
  };
  const principal = request.principal ?? lookUp("aws:PrincipalArn") ?? "the role";
  return evaluatePolicy(statements, {
    principal,
    action: request.action,
    resource: request.resource,
    lookUp,
    valuesOf,
  });
}
