/** The roles of the template, with their policies and access keys. */

import { Remembered } from "../remembered.ts";
import type { Assembly, ResolvedResource } from "../template/assembly.ts";
import { TemplateError } from "../template/intrinsics.ts";
import type { PolicyDecision } from "./evaluate-policy.ts";
import { compileIamPolicy, decideIam, type PolicyStatement } from "./iam.ts";

interface Role {
  readonly name: string;
  readonly accessKeyId: string;
  readonly statements: readonly PolicyStatement[];
  /** Decisions so far about calls without a context, which stay valid because the template does not change. */
  readonly decided: Remembered<PolicyDecision>;
}

/** A call, as a policy is asked about it. */
export interface Call {
  readonly action: string;
  readonly resource: string;
  readonly context?: Readonly<Record<string, string | readonly string[]>>;
}

/**
 * Decides which calls each role may make.
 * Not emulated: managed policies (refused by name), permission boundaries, trust policies, sessions.
 */
export class Roles {
  readonly #byArn = new Map<string, Role>();
  readonly #byKey = new Map<string, Role>();

  /** @throws PolicyError when a policy holds what the evaluator does not implement. */
  constructor(assembly: Assembly) {
    const policies = assembly.resources("AWS::IAM::Policy");
    for (const resource of assembly.resources("AWS::IAM::Role")) {
      const role = {
        name: resource.name,
        accessKeyId: `AKIALOCAL${String(this.#byArn.size).padStart(11, "0")}`,
        statements: [...inline(resource), ...attached(resource, policies)],
        decided: new Remembered<PolicyDecision>(),
      };
      this.#byArn.set(resource.arn, role);
      this.#byKey.set(role.accessKeyId, role);
    }
  }

  /** The access key id that identifies a role to the fronts. @throws Error when the template has no such role */
  accessKeyId(roleArn: string): string {
    return this.#of(roleArn).accessKeyId;
  }

  /** The decision of a role's policies about a call. */
  evaluate(roleArn: string, call: Call): PolicyDecision {
    return ask(this.#of(roleArn), call);
  }

  /** Asserts that a role may make a call. @throws Error with the decision's text when it may not */
  demand(roleArn: string, call: Call): void {
    const decision = this.evaluate(roleArn, call);
    if (!decision.allowed) throw new Error(decision.text);
  }

  /**
   * The decision about a call with an access key; undefined: the key is of no role, so that the account's owner calls.
   */
  decideByKey(accessKeyId: string, call: Call): PolicyDecision | undefined {
    const role = this.#byKey.get(accessKeyId);
    return role === undefined ? undefined : ask(role, call);
  }

  /** The name of the role with an access key; undefined: the key is the account's owner's. */
  nameOf(accessKeyId: string): string | undefined {
    return this.#byKey.get(accessKeyId)?.name;
  }

  /** Whether an access key is a role's. */
  isRole(accessKeyId: string): boolean {
    return this.#byKey.has(accessKeyId);
  }

  #of(roleArn: string): Role {
    const role = this.#byArn.get(roleArn);
    if (role === undefined)
      throw new TemplateError(`the template has no role ${roleArn}; make it in the same app`);
    return role;
  }
}

function ask(role: Role, { action, resource, context = {} }: Call): PolicyDecision {
  const evaluate = () =>
    decideIam(role.statements, { action, resource, context: { ...context }, principal: role.name });
  return Object.keys(context).length > 0 ? evaluate() : role.decided.get(`${action} ${resource}`, evaluate);
}

interface InlinePolicy {
  readonly PolicyName: string;
  readonly PolicyDocument: unknown;
}

function inline({ stack, logicalId, properties }: ResolvedResource): PolicyStatement[] {
  const where = `${stack}/${logicalId}`;
  const managed = (properties.ManagedPolicyArns ?? []) as readonly unknown[];
  if (managed.length > 0)
    throw new TemplateError(`${where}: managed policies are not emulated: ${managed.join(", ")}`);
  const policies = (properties.Policies ?? []) as readonly InlinePolicy[];
  return policies.flatMap(({ PolicyName, PolicyDocument }) =>
    compileIamPolicy(PolicyDocument, `${where} policy ${PolicyName}`),
  );
}

const attached = (role: ResolvedResource, policies: readonly ResolvedResource[]): PolicyStatement[] =>
  policies
    .filter(({ properties }) => ((properties.Roles ?? []) as readonly unknown[]).includes(role.name))
    .flatMap(({ stack, logicalId, properties }) =>
      compileIamPolicy(properties.PolicyDocument, `${stack}/${logicalId}`),
    );
