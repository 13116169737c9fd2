/** The topic rules: whether each is there, and enabled. */
import { paginateListTopicRules, type TopicRuleListItem } from "@aws-sdk/client-iot";
import { DEPLOY } from "../shared/stack-outputs.ts";
import { type Finding, good, unchecked, wrong } from "./finding.ts";
import { type Deployed, type Look, literal } from "./look.ts";
import type { Target } from "./target.ts";
import { resourcesOf } from "./template.ts";

/** Whether the deployed IoT rules are there, enabled, and as in their stacks. */
export async function examineRules({ target }: Look, deployed: Deployed): Promise<Finding[]> {
  const expected = [...deployed.templates].flatMap(([stack, template]) =>
    resourcesOf(template, "AWS::IoT::TopicRule").map(({ Properties }) => ({
      stack,
      name: literal(Properties?.RuleName),
    })),
  );
  if (expected.length === 0) return [unchecked("rule", "not checked: no rule is deployed")];
  const rules: TopicRuleListItem[] = [];
  for await (const { rules: page = [] } of paginateListTopicRules({ client: target.clients.iot }, {}))
    rules.push(...page);
  return expected.map((rule) => judge(target, rule, rules));
}

/** @param expected a rule's name, and its stack's */
export function judge(
  target: Target,
  { name, stack }: { readonly name: string; readonly stack: string },
  rules: readonly TopicRuleListItem[],
): Finding {
  const rule = rules.find(({ ruleName }) => ruleName === name);
  if (rule === undefined)
    return wrong(
      "rule",
      `${name} is not there, though its stack is: somebody deleted it; destroy the stack, which holds no data, and deploy it again`,
      `npx cdk destroy ${stack} && ${DEPLOY}`,
    );
  return rule.ruleDisabled === true
    ? wrong(
        "rule",
        `${name} is disabled: what nodes publish is lost`,
        target.aws(`iot enable-topic-rule --rule-name ${name}`),
      )
    : good("rule", `${name} is enabled`);
}
