import { Annotations, Match } from "aws-cdk-lib/assertions";
import { exampleConfig, propertiesById, synthesize } from "../example-app.ts";

const email = ["you@example.com", "me@example.org"];
const withEmail = synthesize({ ...exampleConfig, alarms: { email } });
// The synthesis prints the warning that is looked for below.
jest.spyOn(console, "error").mockImplementation(() => undefined);

const usual = synthesize();
const silent = synthesize({ ...exampleConfig, alarms: { email: [] } });
const warnings = ({ stacks }: typeof silent) =>
  Annotations.fromStack(stacks.pipeline).findWarning(
    "*",
    Match.stringLikeRegexp("nobody is told of an alarm"),
  );

test("addresses -> subscribed by SNS's own mail, past ours", () => {
  expect([...propertiesById(withEmail.pipeline, "AWS::SNS::Subscription").values()]).toEqual(
    email.map((Endpoint) => ({ Protocol: "email", Endpoint, TopicArn: "<AlarmTopic>" })),
  );
  expect(warnings(withEmail)).toEqual([]);
});

test("nothing said of it -> the first recipient of mails alone, and an output says to confirm", () => {
  const [subscription, ...others] = [...propertiesById(usual.pipeline, "AWS::SNS::Subscription").values()];
  expect(subscription).toMatchObject({ Protocol: "email", Endpoint: exampleConfig.mail.to[0] });
  expect(others).toEqual([]);
  expect(warnings(usual)).toEqual([]);
  usual.pipeline.hasOutput("AlarmRecipients", {
    Value: exampleConfig.mail.to[0],
    Description: Match.stringLikeRegexp("confirmed"),
  });
});

test("the first recipient has quiet hours -> its address; an alarm does not wait", () => {
  const quiet = { from: "22:00", to: "07:00", time_zone: "Europe/London" };
  const to = [{ address: "me@example.org", quiet }, "you@example.com"];
  const { pipeline } = synthesize({ ...exampleConfig, mail: { ...exampleConfig.mail, to } });
  expect([...propertiesById(pipeline, "AWS::SNS::Subscription").values()]).toMatchObject([
    { Endpoint: "me@example.org" },
  ]);
});

test("an empty list -> a topic without subscribers, and synthesis warns of it", () => {
  expect(propertiesById(silent.pipeline, "AWS::SNS::Topic")).toEqual(
    new Map([["AlarmTopic", { DisplayName: "ha2m alarms" }]]),
  );
  silent.pipeline.resourceCountIs("AWS::SNS::Subscription", 0);
  expect(warnings(silent)).toHaveLength(1);
  expect(Object.keys(silent.pipeline.findOutputs("AlarmRecipients"))).toEqual([]);
});

test("the topic -> no plain HTTP; alarms of this app and this account may publish, nobody else", () => {
  expect(propertiesById(silent.pipeline, "AWS::SNS::TopicPolicy").get("AlarmTopicPolicy")).toEqual({
    Topics: ["<AlarmTopic>"],
    PolicyDocument: {
      Version: "2012-10-17",
      Statement: [
        {
          Sid: "AllowPublishThroughSSLOnly",
          Effect: "Deny",
          Principal: "*",
          Action: "sns:Publish",
          Resource: "<AlarmTopic>",
          Condition: { Bool: { "aws:SecureTransport": "false" } },
        },
        {
          Sid: "AlarmsMayPublish",
          Effect: "Allow",
          Principal: { Service: "cloudwatch.amazonaws.com" },
          Action: "sns:Publish",
          Resource: "<AlarmTopic>",
          Condition: {
            StringEquals: { "aws:SourceAccount": "<AWS::AccountId>" },
            ArnLike: {
              "aws:SourceArn": "arn:<AWS::Partition>:cloudwatch:<AWS::Region>:<AWS::AccountId>:alarm:ha2m-*",
            },
          },
        },
      ],
    },
  });
});
