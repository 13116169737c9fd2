/**
 * Two deployments of one account stand side by side: in one region under two names, and under one name in two regions.
 * Whatever must be unique there, and has a name that we give it, has another in each.
 */
import type { Template } from "aws-cdk-lib/assertions";
import { propertiesOf } from "../lib/example-app.ts";
import { templatesOf, variants, whole } from "./variants.ts";

/** The property that names a resource of the type, in its account and region. */
const NAMED: Readonly<Record<string, string>> = {
  "AWS::CloudWatch::Alarm": "AlarmName",
  "AWS::CloudWatch::Dashboard": "DashboardName",
  "AWS::Events::EventBus": "Name",
  "AWS::Events::Rule": "Name",
  "AWS::IoT::Policy": "PolicyName",
  "AWS::IoT::Thing": "ThingName",
  "AWS::IoT::TopicRule": "RuleName",
  "AWS::Lambda::Function": "FunctionName",
  "AWS::Logs::LogGroup": "LogGroupName",
  "AWS::Scheduler::Schedule": "Name",
  "AWS::SES::EmailIdentity": "EmailIdentity",
  "AWS::Scheduler::ScheduleGroup": "Name",
};
/** CloudFormation makes up these names, from the stack's: the property that would name one has to be absent. */
const MADE_UP: Readonly<Record<string, string>> = {
  "AWS::DynamoDB::GlobalTable": "TableName",
  "AWS::IAM::Role": "RoleName",
  "AWS::SNS::Topic": "TopicName",
  "AWS::SQS::Queue": "QueueName",
  "AWS::SecretsManager::Secret": "Name",
};
/** They have an id that AWS makes up, or belong to a resource above. */
const NAMELESS: readonly string[] = [
  "AWS::CloudFormation::WaitConditionHandle",
  "AWS::IoT::Certificate",
  "AWS::IoT::PolicyPrincipalAttachment",
  "AWS::IoT::ThingPrincipalAttachment",
  "AWS::Lambda::EventInvokeConfig",
  "AWS::Lambda::Permission",
  "AWS::Lambda::Url",
  "AWS::SNS::Subscription",
  "AWS::SNS::TopicPolicy",
  "AWS::SQS::QueuePolicy",
];
/** Of the account, whatever the region. */
const GLOBAL: readonly string[] = ["AWS::CloudWatch::Dashboard", "AWS::IAM::Role"];

type Form = ReturnType<typeof whole>;
const templates = (form: Form): readonly Template[] => Object.values(templatesOf(form));
const typesOf = (form: Form): string[] =>
  templates(form).flatMap((template) =>
    Object.values(template.toJSON().Resources as Record<string, { readonly Type: string }>).map(
      ({ Type }) => Type,
    ),
  );
const valuesOf = (form: Form, type: string, property: string): string[] =>
  templates(form).flatMap((template) =>
    propertiesOf(template, type).map((properties) => String(properties[property])),
  );

/** `AWS::IoT::Thing kitchen-0`, and the stacks. */
const namesOf = (form: Form): string[] => [
  ...Object.values(form.stacks).map(({ stackName }) => `stack ${stackName}`),
  ...Object.entries(NAMED).flatMap(([type, property]) =>
    valuesOf(form, type, property).map((name) => `${type} ${name}`),
  ),
];
const common = (x: readonly string[], y: readonly string[]): string[] => x.filter((one) => y.includes(one));

const unnamed = whole();
/** A sender is the account's: the second deployment to use it says that it is there. */
const home = whole("home", { identity_exists: true });

test("every type of resource -> known here to have a name of ours, one that is made up, or none", () => {
  const known = [...Object.keys(NAMED), ...Object.keys(MADE_UP), ...NAMELESS];
  const types = [...new Set(Object.values(variants).flatMap(typesOf))];
  expect(types.filter((type) => !known.includes(type))).toEqual([]);
  expect(known.filter((type) => !types.includes(type))).toEqual([]);
});

test("names that CloudFormation makes up -> none is written", () => {
  for (const [type, property] of Object.entries(MADE_UP))
    expect(new Set(valuesOf(home, type, property))).toEqual(new Set(["undefined"]));
});

test.each([
  ["one without a name and one with", unnamed, home],
  ["two names of which one begins the other", home, whole("home2", { identity: undefined })],
])("%s, in one region -> no physical name in common", (_, x, y) => {
  expect(namesOf(x).length).toBeGreaterThan(40);
  expect(common(namesOf(x), namesOf(y))).toEqual([]);
});

test("one name in two regions -> no name of the account's in common", () => {
  const inRegion = (region: string): string[] =>
    GLOBAL.flatMap((type) => valuesOf(home, type, NAMED[type] ?? MADE_UP[type] ?? ""))
      .filter((name) => name !== "undefined")
      .map((name) => name.replaceAll("<AWS::Region>", region));
  expect(inRegion("eu-west-1")).toContain("home-eu-west-1");
  expect(common(inRegion("eu-west-1"), inRegion("us-east-1"))).toEqual([]);
});

test("what travels and what is counted -> no topic, no right to publish and no metric of another deployment", () => {
  const wires = (form: Form): string[] => [
    ...templates(form).flatMap((template) =>
      propertiesOf(template, "AWS::IoT::TopicRule").map(
        ({ TopicRulePayload }) =>
          /FROM '(.*)'$/.exec((TopicRulePayload as { readonly Sql: string }).Sql)?.[1] ?? "no FROM",
      ),
    ),
    ...templates(form)
      .flatMap((template) => propertiesOf(template, "AWS::IoT::Policy"))
      .flatMap(({ PolicyDocument }) => JSON.stringify(PolicyDocument).match(/topic\/[^"]+/g) ?? []),
    ...valuesOf(form, "AWS::CloudWatch::Alarm", "Namespace")
      .filter((namespace) => !/^(?:AWS\/|undefined$)/.test(namespace))
      .map((namespace) => `metrics of ${namespace}`),
    ...valuesOf(form, "AWS::CloudWatch::Dashboard", "DashboardBody").flatMap(
      (body) => body.match(/SEARCH\('\{\w+,/g) ?? [],
    ),
  ];
  expect(new Set(wires(home))).toEqual(
    new Set([
      "home/reading/+/+",
      "home/event/+/+",
      "home/late/+/+",
      ...["home/reading/", "home/event/", "$aws/rules/home_readings/home/reading/"].map(
        (prefix) =>
          `topic/${prefix}\${iot:Connection.Thing.Attributes[cluster]}/\${iot:Connection.Thing.Attributes[node]}`,
      ),
      "SEARCH('{home,",
      "metrics of home",
    ]),
  );
  expect(common(wires(unnamed), wires(home))).toEqual([]);
});

test("each part's alarms, and no others -> may publish to its alarm topic", () => {
  const sources = JSON.stringify(
    templates(home).flatMap((template) => propertiesOf(template, "AWS::SNS::TopicPolicy")),
  ).match(/alarm:[^"]+/g);
  expect(sources).toEqual(["alarm:home-*"]);
});
