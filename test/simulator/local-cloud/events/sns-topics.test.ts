import type { CloudLogEntry } from "../../../../simulator/local-cloud/cloud-log.ts";
import { Topics } from "../../../../simulator/local-cloud/events/sns-topics.ts";
import type { ResolvedResource } from "../../../../simulator/local-cloud/template/assembly.ts";
import { ManualClock } from "../functions/runner-fixture.ts";

const arnOf = (name: string) => `arn:aws:sns:eu-central-1:123456789012:${name}`;
const resource = (type: string, name: string, properties = {}): ResolvedResource => ({
  stack: "S",
  logicalId: name,
  type,
  name,
  arn: arnOf(name),
  properties,
});
const subscription = (TopicArn: string, Protocol: string, Endpoint: string) =>
  resource("AWS::SNS::Subscription", "s", { TopicArn, Protocol, Endpoint });

function open() {
  const log: CloudLogEntry[] = [];
  const topics = new Topics(
    [resource("AWS::SNS::Topic", "mails"), resource("AWS::SNS::Topic", "empty")],
    [
      subscription(arnOf("mails"), "sms", "+447700900123"),
      subscription(arnOf("mails"), "email", "you@example.com"),
      subscription(arnOf("other"), "email", "other@example.com"),
    ],
    new ManualClock(),
    (entry) => log.push(entry),
  );
  return { topics, log };
}

test("a message -> told to the log with whom it would have gone to", () => {
  const { topics, log } = open();
  topics.publish(arnOf("mails"), "node 0 stopped");
  topics.publish(arnOf("empty"), "nobody listens");
  expect(log).toMatchObject([
    {
      level: "info",
      source: "topic mails",
      code: "notice-published",
      text: "to sms +447700900123, email you@example.com: node 0 stopped",
    },
    { source: "topic empty", text: "to nobody: nobody listens" },
  ]);
});

test("a message with a subject -> the log shows the subject, and keeps both", () => {
  const { topics, log } = open();
  topics.publish(arnOf("empty"), '{"long":"message"}', "ALARM: all of it");
  expect(log).toMatchObject([
    {
      text: "to nobody: ALARM: all of it",
      fields: { message: '{"long":"message"}', subject: "ALARM: all of it" },
    },
  ]);
});

test("a topic that the template does not have -> an error that names it", () => {
  expect(() => open().topics.publish(arnOf("none"), "x")).toThrow(
    `the template has no topic ${arnOf("none")}`,
  );
});
