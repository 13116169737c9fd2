/**
 * The policies of SNS topics, as far as they are about AWS's services: whether an alarm may publish to its topic.
 *
 * Emulated: statements about everybody or a service. Statements about accounts and roles are skipped, because a role's
 * own policies decide about its calls. Refused by name: NotPrincipal, and what `document.ts` refuses.
 */

import type { ResolvedResource } from "../template/assembly.ts";
import { TemplateError } from "../template/intrinsics.ts";
import type { Account } from "../template/resource-types.ts";
import { compileIamPolicy, decideIam, type PolicyStatement } from "./iam.ts";

const ALARMS = "cloudwatch.amazonaws.com";

interface RawStatement {
  readonly Principal?: unknown;
  readonly NotPrincipal?: unknown;
}

/** Decides whether CloudWatch may publish to a topic. */
export class TopicPolicies {
  /** By the topic's ARN: the statements that apply to CloudWatch. */
  readonly #statements = new Map<string, readonly PolicyStatement[]>();
  readonly #account: Account;

  /** @throws PolicyError, TemplateError */
  constructor(resources: readonly ResolvedResource[], account: Account) {
    for (const { stack, logicalId, properties } of resources) {
      const where = `${stack}/${logicalId}`;
      const statements = aboutAlarms(properties.PolicyDocument, where);
      for (const topicArn of properties.Topics as readonly string[])
        this.#statements.set(topicArn, [...(this.#statements.get(topicArn) ?? []), ...statements]);
    }
    this.#account = account;
  }

  /** Asserts that an alarm may publish. @throws Error with the decision's text when the topic does not allow it */
  demandForAlarm(topicArn: string, alarmArn: string): void {
    const decision = decideIam(this.#statements.get(topicArn) ?? [], {
      action: "sns:Publish",
      resource: topicArn,
      principal: `${ALARMS}, for ${alarmArn},`,
      context: {
        "aws:SourceAccount": this.#account.accountId,
        "aws:SourceArn": alarmArn,
        "aws:SecureTransport": "true",
      },
    });
    if (!decision.allowed) throw new Error(decision.text);
  }
}

function aboutAlarms(document: unknown, where: string): readonly PolicyStatement[] {
  const { Statement, ...rest } = document as { readonly Statement: RawStatement | readonly RawStatement[] };
  const statements = [Statement].flat() as readonly RawStatement[];
  const about = statements.flatMap(({ Principal, NotPrincipal, ...statement }, i) => {
    if (NotPrincipal !== undefined)
      throw new TemplateError(`${where}: Statement[${i}].NotPrincipal is not emulated`);
    return isAlarms(Principal) ? [statement] : [];
  });
  return about.length === 0 ? [] : compileIamPolicy({ ...rest, Statement: about }, where);
}

function isAlarms(principal: unknown): boolean {
  if (principal === "*") return true;
  const { AWS, Service } = (principal ?? {}) as { readonly AWS?: unknown; readonly Service?: unknown };
  return [AWS].flat().includes("*") || [Service].flat().includes(ALARMS);
}
