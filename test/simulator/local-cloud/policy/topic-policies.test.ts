/** Whether an alarm may tell a topic: what the topic's policy says to CloudWatch. */
import { TopicPolicies } from "../../../../simulator/local-cloud/policy/topic-policies.ts";

const ACCOUNT = { accountId: "123456789012", region: "eu-central-1" };
const TOPIC = "arn:aws:sns:eu-central-1:123456789012:people";
const alarm = (name: string) => `arn:aws:cloudwatch:eu-central-1:123456789012:alarm:${name}`;

const MAY = {
  Sid: "AlarmsMayPublish",
  Effect: "Allow",
  Principal: { Service: "cloudwatch.amazonaws.com" },
  Action: "sns:Publish",
  Resource: TOPIC,
  Condition: {
    StringEquals: { "aws:SourceAccount": "123456789012" },
    ArnLike: { "aws:SourceArn": alarm("home-*") },
  },
};
const TLS_ONLY = {
  Effect: "Deny",
  Principal: "*",
  Action: "sns:Publish",
  Resource: TOPIC,
  Condition: { Bool: { "aws:SecureTransport": "false" } },
};

const policies = (...statements: readonly object[]) =>
  new TopicPolicies(
    [
      {
        stack: "S",
        logicalId: "P",
        type: "AWS::SNS::TopicPolicy",
        name: "P",
        arn: "P",
        properties: {
          Topics: [TOPIC],
          PolicyDocument: { Version: "2012-10-17", Statement: statements },
        },
      },
    ],
    ACCOUNT,
  );

test("an alarm of the name that the policy lets -> may tell; one of another name, or another topic -> may not", () => {
  const some = policies(TLS_ONLY, MAY);
  expect(() => some.demandForAlarm(TOPIC, alarm("home-mails"))).not.toThrow();
  expect(() => some.demandForAlarm(TOPIC, alarm("house-mails"))).toThrow(
    /cloudwatch\.amazonaws\.com, for arn:.*house-mails, is not authorized to perform sns:Publish/,
  );
  expect(() => some.demandForAlarm(`${TOPIC}2`, alarm("home-mails"))).toThrow("sns:Publish");
});

test.each([
  ["no statement", []],
  ["another service", [{ ...MAY, Principal: { Service: ["events.amazonaws.com"] } }]],
  ["an account", [{ ...MAY, Principal: { AWS: "123456789012" } }]],
  ["another account's alarms", [{ ...MAY, Condition: { StringEquals: { "aws:SourceAccount": "1" } } }]],
  ["a Deny beside it", [MAY, { ...MAY, Sid: "No", Effect: "Deny" }]],
])("%s -> may not", (_, statements) => {
  expect(() => policies(...statements).demandForAlarm(TOPIC, alarm("home-mails"))).toThrow("sns:Publish");
});

test("everybody, in either form -> may", () => {
  for (const Principal of ["*", { AWS: "*" }])
    expect(() => policies({ ...MAY, Principal }).demandForAlarm(TOPIC, alarm("home-mails"))).not.toThrow();
});

test("NotPrincipal -> refused by name", () => {
  const { Principal, ...rest } = MAY;
  expect(() => policies({ ...rest, NotPrincipal: Principal })).toThrow(
    "S/P: Statement[0].NotPrincipal is not emulated",
  );
});
