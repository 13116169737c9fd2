import type { CloudLogEntry } from "../../../../simulator/local-cloud/cloud-log.ts";
import { EventBuses } from "../../../../simulator/local-cloud/events/event-buses.ts";
import type { ResolvedResource } from "../../../../simulator/local-cloud/template/assembly.ts";
import { ManualClock } from "../functions/runner-fixture.ts";
import { ACCOUNT } from "../template/assembly-fixture.ts";

const BUS_ARN = "arn:aws:events:eu-central-1:123456789012:event-bus/ha2m";
const FUNCTION_ARN = "arn:aws:lambda:eu-central-1:123456789012:function:tell";
const QUEUE_ARN = "arn:aws:sqs:eu-central-1:123456789012:untold";
const TARGET = {
  Id: "Target0",
  Arn: FUNCTION_ARN,
  DeadLetterConfig: { Arn: QUEUE_ARN },
  RetryPolicy: { MaximumEventAgeInSeconds: 60 },
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
  const invoked: { readonly functionArn: string; readonly ruleArn: string; readonly event: unknown }[] = [];
  const kept: { readonly queueArn: string; readonly body: string }[] = [];
  const buses = new EventBuses(
    [resource("AWS::Events::EventBus", "ha2m", BUS_ARN)],
    [resource("AWS::Events::Rule", "r", "rule", { ...RULE, ...changes })],
    ACCOUNT,
    {
      invoke: (functionArn, ruleArn, event) => {
        if (refuse) throw new Error("not authorized");
        invoked.push({ functionArn, ruleArn, event });
      },
      keep: (queueArn, body) => kept.push({ queueArn, body }),
    },
    new ManualClock(),
    (entry) => log.push(entry),
  );
  const put = (detail: unknown) =>
    buses.put(BUS_ARN, { source: "lambda", detailType: "Result", resources: [BUS_ARN], detail });
  return { buses, put, log, invoked, kept };
}

test("an event that the rule's pattern takes -> the function gets it as it is, on behalf of the rule", () => {
  const { put, invoked, log } = open();
  const detail = { send: true, line: 'node 0 says "no"', n: 2 };
  put(detail);
  expect(invoked).toEqual([{ functionArn: FUNCTION_ARN, ruleArn: "rule", event: log[0]?.fields }]);
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
        detail,
      },
    },
  ]);
});

test("events that no rule takes, of another bus's rule, of a disabled one -> nobody is told", () => {
  const fixtures = [open(), open({ EventBusName: "other" }), open({ State: "DISABLED" })];
  fixtures[0]?.put({ send: false, line: "x" });
  fixtures[1]?.put({ send: true, line: "x" });
  fixtures[2]?.put({ send: true, line: "x" });
  expect(fixtures.flatMap(({ invoked }) => invoked)).toEqual([]);
});

test("the function does not let the rule -> the event in the target's dead-letter queue, or lost, and the log says which", () => {
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
      "a topic as target: it would get texts in quotation marks",
      withTarget({ Arn: "arn:aws:sns:x" }),
      /S\/R\.Targets\[0\]: the target arn:aws:sns:x is not emulated; functions are/,
    ],
    [
      "a role to invoke with",
      withTarget({ RoleArn: "arn:aws:iam::1:role/r" }),
      /Targets\[0\]: not emulated: RoleArn/,
    ],
    ["a constant input", withTarget({ Input: "{}" }), /S\/R\.Targets\[0\]: not emulated: Input/],
    [
      "a transformed input",
      withTarget({ InputTransformer: { InputPathsMap: {}, InputTemplate: '"a"' } }),
      /not emulated: InputTransformer/,
    ],
  ];
  test.each(cases)("%s", (_, changes, message) => {
    expect(() => open(changes)).toThrow(message);
  });
});
