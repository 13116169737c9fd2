import { Annotations, Match } from "aws-cdk-lib/assertions";
import { exampleConfig, propertiesById, synthesize } from "../example-app.ts";

const email = ["you@example.com", "me@example.org"];
const withEmail = synthesize({ ...exampleConfig, alarms: { email } });
const silent = synthesize();
const infos = ({ stacks }: typeof silent) =>
  Annotations.fromStack(stacks.pipeline).findInfo("*", Match.stringLikeRegexp("nobody is told of an alarm"));

test("addresses -> subscribed by SNS's own mail, past ours", () => {
  expect([...propertiesById(withEmail.pipeline, "AWS::SNS::Subscription").values()]).toEqual(
    email.map((Endpoint) => ({ Protocol: "email", Endpoint, TopicArn: "<AlarmTopic>" })),
  );
  expect(infos(withEmail)).toEqual([]);
});

test("no address -> a topic without subscribers, and synthesis says so", () => {
  expect(propertiesById(silent.pipeline, "AWS::SNS::Topic")).toEqual(
    new Map([["AlarmTopic", { DisplayName: "ha2m alarms" }]]),
  );
  silent.pipeline.resourceCountIs("AWS::SNS::Subscription", 0);
  expect(infos(silent)).toHaveLength(1);
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
