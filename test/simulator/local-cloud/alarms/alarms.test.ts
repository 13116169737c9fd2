/** Alarms on a clock that the test moves: when they ring, when they end, and what they cannot be. */
import { Alarms } from "../../../../simulator/local-cloud/alarms/alarms.ts";
import type { CloudLogEntry } from "../../../../simulator/local-cloud/cloud-log.ts";
import type { ResolvedResource } from "../../../../simulator/local-cloud/template/assembly.ts";
import { ManualClock } from "../functions/runner-fixture.ts";

const ACCOUNT = { accountId: "123456789012", region: "us-east-1" };
const TOPIC = "arn:aws:sns:us-east-1:123456789012:people";
const MINUTE_MS = 60_000;

/** The kettle's errors in five minutes, 1 or more. */
const KETTLE = {
  AlarmDescription: "The kettle boils.",
  Namespace: "AWS/Lambda",
  MetricName: "Errors",
  Dimensions: [{ Name: "FunctionName", Value: "kettle" }],
  Statistic: "Sum",
  Period: 300,
  EvaluationPeriods: 1,
  Threshold: 1,
  ComparisonOperator: "GreaterThanOrEqualToThreshold",
  TreatMissingData: "notBreaching",
  AlarmActions: [TOPIC],
  OKActions: [TOPIC],
};

/** What stands in `Metrics` where an alarm is on a query. */
const NO_METRIC = {
  Namespace: undefined,
  MetricName: undefined,
  Dimensions: undefined,
  Statistic: undefined,
  Period: undefined,
};

const resourceOf = (properties: object): ResolvedResource => ({
  stack: "S",
  logicalId: "A",
  type: "AWS::CloudWatch::Alarm",
  name: "too-hot",
  arn: "arn:aws:cloudwatch:us-east-1:123456789012:alarm:too-hot",
  properties: Object.fromEntries(
    Object.entries({ ...KETTLE, ...properties }).filter(([, value]) => value !== undefined),
  ),
});

function open(properties: object = {}, publish: (topicArn: string) => void = () => {}) {
  const clock = new ManualClock();
  const log: CloudLogEntry[] = [];
  const told: { readonly subject: string; readonly message: string }[] = [];
  const startMs = clock.now();
  const alarms = new Alarms(
    [resourceOf(properties)],
    ACCOUNT,
    {
      publish: (topicArn, _, notice) => {
        publish(topicArn);
        told.push(notice);
      },
    },
    clock,
    (entry) => log.push(entry),
  );
  alarms.start();
  const datum = (value: number, changes: object = {}) =>
    alarms.take({
      namespace: "AWS/Lambda",
      metric: "Errors",
      dimensions: { FunctionName: "kettle" },
      value,
      at: clock.now(),
      ...changes,
    });
  /** Each change, with the minute of the cloud's time. */
  const changes = () =>
    log
      .filter(({ code }) => code === "alarm-state")
      .map(({ at, fields }) => `${(at - startMs) / MINUTE_MS} ${fields?.state}`);
  const pass = (minutes: number) => clock.pass(minutes * MINUTE_MS);
  return { alarms, clock, log, told, datum, changes, pass };
}

test("one datum that breaches -> rings at the next full minute, ends when five minutes have passed over it, told both times", () => {
  const { datum, changes, pass, told } = open();
  pass(2.5);
  datum(1);
  pass(60);
  expect(changes()).toEqual(["3 ALARM", "8 OK"]);
  expect(told.map(({ subject }) => subject)).toEqual([
    'ALARM: "too-hot" in US East (N. Virginia)',
    'OK: "too-hot" in US East (N. Virginia)',
  ]);
  expect(JSON.parse(told[0]?.message ?? "")).toMatchObject({
    AlarmName: "too-hot",
    AlarmDescription: "The kettle boils.",
    OldStateValue: "OK",
    NewStateValue: "ALARM",
    NewStateReason:
      "Threshold Crossed: 1 out of the last 1 datapoints [1] was greater than or equal to the threshold (1)",
    StateChangeTime: "2030-06-01T00:03:00.000+0000",
    Trigger: { MetricName: "Errors", Namespace: "AWS/Lambda", Statistic: "Sum", Period: 300 },
  });
});

test("it goes on breaching -> one change, however many data", () => {
  const { datum, changes, pass } = open();
  for (let minute = 0; minute < 30; minute++) {
    datum(2);
    pass(1);
  }
  pass(60);
  expect(changes()).toEqual(["1 ALARM", "35 OK"]);
});

test("data below the threshold, of another function, of another metric, with a dimension more -> nothing", () => {
  const { datum, changes, pass } = open();
  datum(0.5);
  datum(9, { dimensions: { FunctionName: "stove" } });
  datum(9, { metric: "Throttles" });
  datum(9, { dimensions: { FunctionName: "kettle", Version: "1" } });
  datum(9, { dimensions: {} });
  pass(60);
  expect(changes()).toEqual([]);
});

test.each([
  ["Sum", 3],
  ["Maximum", 2],
  ["Minimum", 1],
  ["Average", 1.5],
  ["SampleCount", 2],
])("1 and 2 within five minutes, %s -> %d", (Statistic, value) => {
  for (const [Threshold, rings] of [
    [value, true],
    [value + 0.1, false],
  ] as const) {
    const { datum, changes, pass } = open({ Statistic, Threshold });
    datum(1);
    pass(2);
    datum(2);
    // The three minutes in which both are in the window.
    pass(3);
    expect(changes().some((change) => change.endsWith("ALARM"))).toBe(rings);
  }
});

test.each([
  ["GreaterThanThreshold", 1, false],
  ["GreaterThanThreshold", 2, true],
  ["LessThanThreshold", 1, false],
  ["LessThanThreshold", 0, true],
  ["LessThanOrEqualToThreshold", 1, true],
  ["GreaterThanOrEqualToThreshold", 1, true],
])("%s 1, found %d -> rings: %s", (ComparisonOperator, value, rings) => {
  const { datum, changes, pass } = open({ ComparisonOperator });
  datum(value);
  pass(1);
  expect(changes()).toEqual(rings ? ["1 ALARM"] : []);
});

test("two of three periods -> the first alone does not ring, the second does; over when one is left", () => {
  const { datum, changes, pass } = open({ EvaluationPeriods: 3, DatapointsToAlarm: 2 });
  datum(1);
  pass(10);
  expect(changes()).toEqual([]);
  datum(1);
  pass(60);
  // Both count until the first leaves the window, which is a quarter of an hour.
  expect(changes()).toEqual(["11 ALARM", "16 OK"]);
});

describe("what is missed when it does not come", () => {
  const HEARTBEAT = {
    ComparisonOperator: "LessThanThreshold",
    TreatMissingData: "breaching",
    EvaluationPeriods: 3,
  };

  test("every five minutes as it should -> nothing", () => {
    const { datum, changes, pass } = open(HEARTBEAT);
    for (let i = 0; i < 20; i++) {
      datum(1);
      pass(5);
    }
    expect(changes()).toEqual([]);
  });

  test("never -> rings when three periods since the start are over: before it all was well", () => {
    const { changes, pass } = open(HEARTBEAT);
    pass(60);
    expect(changes()).toEqual(["15 ALARM"]);
  });

  test("it stops, and comes again -> rings when three periods are empty, and ends with the first", () => {
    const { datum, changes, pass } = open(HEARTBEAT);
    datum(1);
    pass(5);
    datum(1);
    pass(35);
    datum(1);
    pass(2);
    expect(changes()).toEqual(["21 ALARM", "41 OK"]);
  });
});

describe("missing data that is ignored", () => {
  const HOURLY = {
    Statistic: "Maximum",
    Period: 3_600,
    ComparisonOperator: "LessThanThreshold",
    TreatMissingData: "ignore",
  };

  test("no data at all -> stays as it is", () => {
    const { changes, pass } = open(HOURLY);
    pass(1_000);
    expect(changes()).toEqual([]);
  });

  test("a 0 rings, silence changes nothing, a count ends it", () => {
    const { datum, changes, pass } = open(HOURLY);
    datum(0);
    pass(600);
    datum(4);
    pass(600);
    expect(changes()).toEqual(["1 ALARM", "601 OK"]);
  });

  test("two periods, a 0 in one of them alone -> it cannot be said, and nothing changes", () => {
    const { datum, changes, pass } = open({ ...HOURLY, EvaluationPeriods: 2 });
    datum(0);
    pass(60);
    expect(changes()).toEqual([]);
    datum(0);
    pass(1);
    expect(changes()).toEqual(["61 ALARM"]);
  });
});

test("a query -> counts every action of the one rule together", () => {
  const { alarms, clock, changes, pass } = open({
    ...NO_METRIC,
    Threshold: 2,
    Metrics: [
      { Id: "q", Expression: `SELECT SUM(Failure) FROM "AWS/IoT" WHERE RuleName = 'readings'`, Period: 300 },
    ],
  });
  const failure = (RuleName: string, ActionType: string) =>
    alarms.take({
      namespace: "AWS/IoT",
      metric: "Failure",
      dimensions: { RuleName, ActionType },
      value: 1,
      at: clock.now(),
    });
  failure("readings", "DynamoDBv2Action");
  failure("events", "LambdaAction");
  pass(1);
  expect(changes()).toEqual([]);
  failure("readings", "SqsAction");
  pass(1);
  expect(changes()).toEqual(["2 ALARM"]);
});

test("a datum of a minute that is past, as a long invocation has -> counted where it belongs", () => {
  const { clock, datum, changes, pass } = open();
  const began = clock.now();
  pass(3);
  datum(1, { at: began });
  pass(60);
  expect(changes()).toEqual(["4 ALARM", "6 OK"]);
});

test("actions that are switched off -> the change is logged, nobody is told", () => {
  const { datum, changes, pass, told } = open({ ActionsEnabled: false });
  datum(1);
  pass(1);
  expect([changes(), told]).toEqual([["1 ALARM"], []]);
});

test("a topic that refuses -> an error that names topic and alarm, and the cloud goes on", () => {
  const { datum, log, pass } = open({}, () => {
    throw new Error("not allowed");
  });
  datum(1);
  pass(1);
  expect(log.find(({ code }) => code === "alarm-untold")).toMatchObject({
    level: "error",
    source: "alarm too-hot",
    text: `${TOPIC} was not told of ALARM: Error: not allowed`,
  });
});

test("stopped -> nothing is looked at any more", () => {
  const { alarms, datum, changes, pass } = open();
  datum(1);
  alarms.stop();
  pass(60);
  expect(changes()).toEqual([]);
});

test("nothing happens for ten years -> the clock is not asked for anything", () => {
  const { clock, pass } = open();
  const schedule = jest.spyOn(clock, "schedule");
  pass(10 * 365 * 1_440);
  expect(schedule).not.toHaveBeenCalled();
});

test("an alarm on what nothing here counts -> named", () => {
  const { alarms } = open({ Namespace: "AWS/SES", MetricName: "Reputation.BounceRate" });
  expect(alarms.notEmulated).toEqual([
    { type: "AWS::CloudWatch::Alarm: on AWS/SES Reputation.BounceRate", count: 1 },
  ]);
  expect(open().alarms.notEmulated).toEqual([]);
  expect(open({ Namespace: "ours", MetricName: "readings" }).alarms.notEmulated).toEqual([]);
});

test.each([
  [{ Unit: "Count" }, "S/A: not emulated: Unit"],
  [{ InsufficientDataActions: [TOPIC] }, "S/A: not emulated: InsufficientDataActions"],
  [{ Statistic: "p99" }, "the Statistic p99 is not emulated; these are: Average, Maximum"],
  [{ TreatMissingData: undefined }, "the TreatMissingData missing is not emulated"],
  [{ ComparisonOperator: "LessThanLowerThreshold" }, "the comparison LessThanLowerThreshold is not emulated"],
  [{ Period: 10 }, "S/A.Period: high-resolution alarms are not emulated"],
  [{ Threshold: undefined }, "S/A.Threshold: expected a number"],
  [{ EvaluationPeriods: 0 }, "S/A.EvaluationPeriods: expected a whole number from 1"],
  [
    { AlarmActions: ["arn:aws:automate:us-east-1:ec2:stop"] },
    "S/A.AlarmActions: the action arn:aws:automate",
  ],
  [{ Dimensions: ["FunctionName"] }, "S/A.Dimensions[0]: expected an object"],
])("%j -> refused by name", (properties, problem) => {
  expect(() => open(properties)).toThrow(problem);
});

test.each([
  [[{ Id: "a" }, { Id: "b" }], "S/A.Metrics: metric math is not emulated"],
  [
    [{ Id: "a", Expression: "FILL(m1, 0)", Period: 60 }],
    "S/A.Metrics: the expression FILL(m1, 0) is not emulated",
  ],
  [[{ Id: "a", MetricStat: {} }], "S/A.Metrics: not emulated: MetricStat"],
])("metrics %j -> refused by name", (Metrics, problem) => {
  expect(() => open({ ...NO_METRIC, Metrics })).toThrow(problem);
});
