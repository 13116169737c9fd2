import type { CloudLogEntry } from "../../../../simulator/local-cloud/cloud-log.ts";
import { Scheduler } from "../../../../simulator/local-cloud/events/scheduler.ts";
import type { ResolvedResource } from "../../../../simulator/local-cloud/template/assembly.ts";
import { ManualClock, START_MS } from "../functions/runner-fixture.ts";

const FUNCTION_ARN = "arn:aws:lambda:eu-central-1:123456789012:function:sweep";
const ROLE_ARN = "arn:aws:iam::123456789012:role/r";
const QUEUE_ARN = "arn:aws:sqs:eu-central-1:123456789012:missed";
const TARGET = {
  Arn: FUNCTION_ARN,
  RoleArn: ROLE_ARN,
  Input: '{"at":"<aws.scheduler.scheduled-time>"}',
  RetryPolicy: { MaximumRetryAttempts: 10 },
  DeadLetterConfig: { Arn: QUEUE_ARN },
};
const PROPERTIES = {
  ScheduleExpression: "rate(15 minutes)",
  FlexibleTimeWindow: { Mode: "OFF" },
  GroupName: "ha2m",
  Target: TARGET,
};
const MINUTE_MS = 60_000;

const resource = (properties: Readonly<Record<string, unknown>>): ResolvedResource => ({
  stack: "S",
  logicalId: "Schedule",
  type: "AWS::Scheduler::Schedule",
  name: "S-Schedule",
  arn: "arn:aws:scheduler:eu-central-1:123456789012:schedule/S-Schedule",
  properties,
});

function open(
  changes: Readonly<Record<string, unknown>> = {},
  { refuseInvoke = false, refuseSend = false } = {},
) {
  const clock = new ManualClock();
  const log: CloudLogEntry[] = [];
  const invoked: { readonly functionArn: string; readonly roleArn: string; readonly payload: unknown }[] = [];
  const sent: {
    readonly queueArn: string;
    readonly roleArn: string;
    readonly body: string;
    readonly attributes: Readonly<Record<string, string>>;
  }[] = [];
  const refusal = new Error("not authorized");
  const scheduler = new Scheduler(
    [resource({ ...PROPERTIES, ...changes })],
    {
      invoke: (functionArn, roleArn, payload) => {
        if (refuseInvoke) throw refusal;
        invoked.push({ functionArn, roleArn, payload });
      },
      send: (queueArn, roleArn, body, attributes) => {
        if (refuseSend) throw refusal;
        sent.push({ queueArn, roleArn, body, attributes });
      },
    },
    clock,
    (entry) => log.push(entry),
  );
  return { scheduler, clock, log, invoked, sent };
}

test("a rate schedule -> at once and then at every period, with the time that each was due, to the second", () => {
  const { scheduler, clock, invoked, log } = open();
  expect(scheduler.names).toEqual(["S-Schedule"]);
  scheduler.start();
  clock.pass(30 * MINUTE_MS);
  expect(invoked).toEqual(
    ["2030-06-01T00:00:00Z", "2030-06-01T00:15:00Z", "2030-06-01T00:30:00Z"].map((at) => ({
      functionArn: FUNCTION_ARN,
      roleArn: ROLE_ARN,
      payload: { at },
    })),
  );
  expect(log).toEqual([]);
});

test.each<[string, number]>([
  ["rate(1 minute)", MINUTE_MS],
  ["rate(2 hours)", 120 * MINUTE_MS],
  ["rate(1 day)", 1_440 * MINUTE_MS],
])("%s -> not before its period is over", (ScheduleExpression, periodMs) => {
  const { scheduler, clock, invoked } = open({ ScheduleExpression });
  scheduler.start();
  clock.pass(periodMs - 1);
  expect(invoked).toHaveLength(1);
  clock.pass(1);
  expect(invoked).toHaveLength(2);
});

test("stopped, or disabled -> nothing more is started", () => {
  const stopped = open();
  stopped.scheduler.start();
  stopped.clock.pass(0);
  stopped.scheduler.stop();
  stopped.clock.pass(60 * MINUTE_MS);
  expect(stopped.invoked).toHaveLength(1);

  const disabled = open({ State: "DISABLED" });
  disabled.scheduler.start();
  disabled.clock.pass(60 * MINUTE_MS);
  expect(disabled.invoked).toEqual([]);
});

test("context attributes -> filled in; one that there is not stays as it is", () => {
  const Input =
    '{"arn":"<aws.scheduler.schedule-arn>","id":"<aws.scheduler.execution-id>","n":"<aws.scheduler.attempt-number>","x":"<aws.scheduler.other>"}';
  const { scheduler, clock, invoked } = open({ Target: { ...TARGET, Input } });
  scheduler.start();
  clock.pass(15 * MINUTE_MS);
  expect(invoked[0]?.payload).toEqual({
    arn: "arn:aws:scheduler:eu-central-1:123456789012:schedule/S-Schedule",
    id: expect.stringMatching(/^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/),
    n: "1",
    x: "<aws.scheduler.other>",
  });
  const ids = invoked.map(({ payload }) => (payload as { id: string }).id);
  expect(new Set(ids).size).toBe(2);
});

describe("the role may not invoke", () => {
  test("-> its input in the dead-letter queue, sent with the same role, and the next one is tried", () => {
    const { scheduler, clock, sent, log } = open({}, { refuseInvoke: true });
    scheduler.start();
    clock.pass(15 * MINUTE_MS);
    expect(sent).toEqual(
      ["2030-06-01T00:00:00Z", "2030-06-01T00:15:00Z"].map((at) => ({
        queueArn: QUEUE_ARN,
        roleArn: ROLE_ARN,
        body: JSON.stringify({ at }),
        attributes: expect.objectContaining({
          ERROR_MESSAGE: "Error: not authorized",
          SCHEDULED_TIME: at,
          SCHEDULE_ARN: "arn:aws:scheduler:eu-central-1:123456789012:schedule/S-Schedule",
          TARGET_ARN: FUNCTION_ARN,
        }),
      })),
    );
    expect(log[0]).toMatchObject({
      at: START_MS,
      level: "warn",
      source: "schedule S-Schedule",
      code: "schedule-failed",
      text: `S-Schedule could not invoke ${FUNCTION_ARN}: Error: not authorized`,
    });
  });

  test("nor send to the queue -> the log says that it is lost", () => {
    const { scheduler, clock, log } = open({}, { refuseInvoke: true, refuseSend: true });
    scheduler.start();
    clock.pass(0);
    expect(log.map(({ level, code }) => [level, code])).toEqual([
      ["warn", "schedule-failed"],
      ["error", "schedule-lost"],
    ]);
  });
});

describe("what is not emulated -> refused by name when the template is read", () => {
  const cases: [string, Readonly<Record<string, unknown>>, RegExp][] = [
    [
      "cron",
      { ScheduleExpression: "cron(0 8 * * ? *)" },
      /S\/Schedule: the schedule cron\(0 8 \* \* \? \*\)/,
    ],
    ["once", { ScheduleExpression: "at(2030-01-01T00:00:00)" }, /the schedule at\(2030-01-01T00:00:00\)/],
    ["a rate of nothing", { ScheduleExpression: "rate(0 minutes)" }, /the schedule rate\(0 minutes\)/],
    ["a flexible window", { FlexibleTimeWindow: { Mode: "FLEXIBLE" } }, /flexible time windows/],
    ["a start date", { StartDate: "2030-01-01T00:00:00Z" }, /S\/Schedule: not emulated: StartDate/],
    [
      "a queue as target",
      { Target: { ...TARGET, Arn: QUEUE_ARN } },
      /the target arn:aws:sqs:.* functions are/,
    ],
    [
      "an alias as target",
      { Target: { ...TARGET, Arn: `${FUNCTION_ARN}:live` } },
      /sweep:live is not emulated/,
    ],
    [
      "a target of another kind",
      { Target: { ...TARGET, SqsParameters: {} } },
      /S\/Schedule\.Target: not emulated: SqsParameters/,
    ],
    [
      "an input that is no JSON",
      { Target: { ...TARGET, Input: "now" } },
      /Target\.Input: expected JSON, found now/,
    ],
  ];
  test.each(cases)("%s", (_, changes, message) => {
    expect(() => open(changes)).toThrow(message);
  });
});
