import type { CloudLogEntry } from "../../../simulator/local-cloud/cloud-log.ts";
import { EventBuses } from "../../../simulator/local-cloud/event-buses.ts";
import type { ResolvedResource } from "../../../simulator/local-cloud/template/assembly.ts";
import { ManualClock } from "./functions/runner-fixture.ts";
import { ACCOUNT } from "./template/assembly-fixture.ts";

const BUS_ARN = "arn:aws:events:eu-central-1:123456789012:event-bus/ha2m";
const TOPIC_ARN = "arn:aws:sns:eu-central-1:123456789012:mails";
const QUEUE_ARN = "arn:aws:sqs:eu-central-1:123456789012:untold";
const ROLE_ARN = "arn:aws:iam::123456789012:role/r";
const TARGET = {
  Id: "Target0",
  Arn: TOPIC_ARN,
  RoleArn: ROLE_ARN,
  DeadLetterConfig: { Arn: QUEUE_ARN },
  RetryPolicy: { MaximumEventAgeInSeconds: 60 },
  InputTransformer: {
    InputPathsMap: { line: "$.detail.line", n: "$.detail.n" },
    InputTemplate: '"<line> (<n>)"',
  },
};
const RULE = {
  Name: "r",
  EventBusName: "ha2m",
  EventPattern: { source: ["lambda"], detail: { send: [true] } },
  Targets: [TARGET],
};

const resource = (type: string, name: string, arn: string, properties = {}): ResolvedResource => ({
  stack: "S",
  logicalId: "R",
  type,
  name,
  arn,
  properties,
});

function open(changes: Readonly<Record<string, unknown>> = {}, { refuse = false } = {}) {
  const log: CloudLogEntry[] = [];
  const published: { readonly topicArn: string; readonly roleArn: string; readonly message: string }[] = [];
  const kept: { readonly queueArn: string; readonly body: string }[] = [];
  const buses = new EventBuses(
    [resource("AWS::Events::EventBus", "ha2m", BUS_ARN)],
    [resource("AWS::Events::Rule", "r", "rule", { ...RULE, ...changes })],
    ACCOUNT,
    {
      publish: (topicArn, roleArn, message) => {
        if (refuse) throw new Error("not authorized");
        published.push({ topicArn, roleArn, message });
      },
      keep: (queueArn, body) => kept.push({ queueArn, body }),
    },
    new ManualClock(),
    (entry) => log.push(entry),
  );
  const put = (detail: unknown) =>
    buses.put(BUS_ARN, { source: "lambda", detailType: "Result", resources: [BUS_ARN], detail });
  return { buses, put, log, published, kept };
}

test("an event that the rule's pattern takes -> the topic gets the template's text, with the target's role", () => {
  const { put, published, log } = open();
  put({ send: true, line: 'node 0 says "no"', n: 2 });
  expect(published).toEqual([
    { topicArn: TOPIC_ARN, roleArn: ROLE_ARN, message: '"node 0 says \\"no\\" (2)"' },
  ]);
  expect(log).toMatchObject([
    {
      source: "bus ha2m",
      code: "event-put",
      text: "Result",
      fields: {
        version: "0",
        id: expect.stringMatching(/^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/),
        "detail-type": "Result",
        source: "lambda",
        account: "123456789012",
        region: "eu-central-1",
        time: "2030-06-01T00:00:00Z",
        resources: [BUS_ARN],
        detail: { send: true },
      },
    },
  ]);
});

test("a field of the template that the event has not -> nothing stands in its place", () => {
  const { put, published } = open();
  put({ send: true, line: "x" });
  expect(published[0]?.message).toBe('"x ("")"');
});

test("events that no rule takes, of another bus's rule, of a disabled one -> nobody is told", () => {
  const fixtures = [open(), open({ EventBusName: "other" }), open({ State: "DISABLED" })];
  fixtures[0]?.put({ send: false, line: "x" });
  fixtures[1]?.put({ send: true, line: "x" });
  fixtures[2]?.put({ send: true, line: "x" });
  expect(fixtures.flatMap(({ published }) => published)).toEqual([]);
});

test("a target without a transformer -> gets the event as it is", () => {
  const { InputTransformer: _, ...target } = TARGET;
  const { put, published } = open({ Targets: [target] });
  put({ send: true });
  expect(JSON.parse(published[0]?.message ?? "")).toMatchObject({ source: "lambda", detail: { send: true } });
});

test("the topic cannot be told -> the event in the target's dead-letter queue, or lost, and the log says which", () => {
  const kept = open({}, { refuse: true });
  kept.put({ send: true, line: "x" });
  expect(kept.kept).toMatchObject([{ queueArn: QUEUE_ARN }]);
  expect(JSON.parse(kept.kept[0]?.body ?? "")).toMatchObject({ detail: { line: "x" } });
  expect(kept.log.map(({ code }) => code)).toEqual(["event-put", "target-failed"]);

  const { DeadLetterConfig: _, ...target } = TARGET;
  const lost = open({ Targets: [target] }, { refuse: true });
  lost.put({ send: true, line: "x" });
  expect(lost.log.map(({ code }) => code)).toEqual(["event-put", "target-failed", "event-lost"]);
});

test("a bus that the template does not have -> an error that names it", () => {
  const { buses } = open();
  expect(() =>
    buses.put(`${BUS_ARN}2`, { source: "lambda", detailType: "", resources: [], detail: {} }),
  ).toThrow(`the template has no event bus ${BUS_ARN}2`);
});

describe("what is not emulated -> refused by name when the template is read", () => {
  const withTarget = (changes: Readonly<Record<string, unknown>>) => ({
    Targets: [{ ...TARGET, ...changes }],
  });
  const cases: [string, Readonly<Record<string, unknown>>, RegExp][] = [
    ["a rule on a schedule", { ScheduleExpression: "rate(1 day)" }, /S\/R: not emulated: ScheduleExpression/],
    [
      "a function as target",
      withTarget({ Arn: "arn:aws:lambda:x" }),
      /S\/R\.Targets\[0\]: the target arn:aws:lambda:x/,
    ],
    [
      "a target without a role",
      withTarget({ RoleArn: undefined }),
      /S\/R\.Targets\[0\]\.RoleArn: expected a text/,
    ],
    ["a constant input", withTarget({ Input: "{}" }), /S\/R\.Targets\[0\]: not emulated: Input/],
    [
      "a path with an index",
      withTarget({ InputTransformer: { InputPathsMap: { a: "$.resources[0]" }, InputTemplate: '"<a>"' } }),
      /InputPathsMap\.a: the path \$\.resources\[0\] is not emulated/,
    ],
    [
      "a template that is an object",
      withTarget({ InputTransformer: { InputPathsMap: {}, InputTemplate: '{"a":<a>}' } }),
      /InputTemplate: expected one text in quotation marks/,
    ],
  ];
  test.each(cases)("%s", (_, changes, message) => {
    expect(() => open(changes)).toThrow(message);
  });
});
