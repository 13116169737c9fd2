/**
 * cdk-nag's AwsSolutions rules, for every form that the stacks can take. An exception stands beside the resource that it
 * is for, with its reason: Validations.of(…).acknowledge(…) in lib/constructs.
 */
import { App, Stack } from "aws-cdk-lib";
import { Topic } from "aws-cdk-lib/aws-sns";
import { Queue } from "aws-cdk-lib/aws-sqs";
import { AwsSolutionsChecks } from "cdk-nag";
import type { IConstruct } from "constructs";
import { variants } from "./variants.ts";

/** Rules and the resources that break them. */
const findings = (root: IConstruct): string[] =>
  new AwsSolutionsChecks()
    .validateScope(root)
    .violations.flatMap(({ ruleName, violatingResources }) =>
      violatingResources.map(({ constructPath }) => `${ruleName}: ${constructPath}`),
    );

test.each(Object.entries(variants))("%s -> no finding without an argued exception", (_, { stacks }) => {
  expect(findings(stacks.pipeline.node.root)).toEqual([]);
});

test("resources that break a rule -> found: the rules are run at all", () => {
  const stack = new Stack(new App(), "S");
  new Topic(stack, "Topic");
  new Queue(stack, "Queue");
  expect(findings(stack)).toEqual(
    expect.arrayContaining(["AwsSolutions-SNS3: S/Topic/Resource", "AwsSolutions-SQS4: S/Queue/Resource"]),
  );
});
