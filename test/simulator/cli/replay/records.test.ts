import { readRecord } from "../../../../simulator/cli/replay/records.ts";

const base64 = (text: string): string => Buffer.from(text).toString("base64");
const SENT_MS = Date.UTC(2030, 5, 1);
const FUNCTION = "arn:aws:lambda:us-east-1:123456789012:function:ha2m-send_cluster_mail";

test("a rule's error record -> rule, topic, every error, the device's message; published again, as a reading that is late", () => {
  const payload = '{"temperature_c":"21,5 °C"}';
  const body = JSON.stringify({
    ruleName: "ha2m_readings",
    topic: "rosie/reading/kitchen/0",
    cloudwatchTraceId: "x",
    clientId: "kitchen-0",
    base64OriginalPayload: base64(payload),
    failures: [
      { failedAction: "DynamoDBv2Action", failedResource: "Readings", errorMessage: "throttled" },
      { failedAction: "DynamoDBv2Action", failedResource: "Clusters", errorMessage: "no such table" },
    ],
  });
  expect(readRecord(body, {}, SENT_MS)).toEqual({
    source: "rule ha2m_readings",
    errors: ["DynamoDBv2Action on Readings: throttled", "DynamoDBv2Action on Clusters: no such table"],
    topic: "rosie/reading/kitchen/0",
    payload,
    replay: {
      action: "publish",
      topic: "rosie/late/kitchen/0",
      payload: Buffer.from(payload),
      rule: "ha2m_late_readings",
    },
  });
});

test.each([
  [
    "of a deployment with a name",
    "home_readings",
    "home/reading/shed-2/3",
    "home/late/shed-2/3",
    "home_late_readings",
  ],
  [
    "that failed as a late one",
    "home_late_readings",
    "home/late/shed-2/3",
    "home/late/shed-2/3",
    "home_late_readings",
  ],
  [
    "by Basic Ingest, named in full",
    "ha2m_readings",
    "$aws/rules/ha2m_readings/rosie/reading/kitchen/0",
    "rosie/late/kitchen/0",
    "ha2m_late_readings",
  ],
  ["an event", "home_events", "home/event/shed-2/3", "home/event/shed-2/3", undefined],
  ["of somebody else's rule", "their_rule", "home/reading/shed-2/3", "home/reading/shed-2/3", undefined],
])("a message %s -> goes where it says nothing false", (_, ruleName, topic, again, rule) => {
  const body = JSON.stringify({ ruleName, topic, base64OriginalPayload: base64("{}") });
  expect(readRecord(body, {}, SENT_MS).replay).toEqual({
    action: "publish",
    topic: again,
    payload: Buffer.from("{}"),
    ...(rule === undefined ? {} : { rule }),
  });
});

test("an event that its function never got -> the function gets it as of then, and nothing else of the message", () => {
  const payload = JSON.stringify({
    v: 1,
    type: "node_dead",
    subject: 0,
    term: 4,
    at: "2030-05-31T23:59:58.000Z",
    extra: 1,
  });
  const record = {
    ruleName: "home_events",
    topic: "home/event/shed-2/3",
    base64OriginalPayload: base64(payload),
    failures: [{ failedAction: "LambdaAction", failedResource: FUNCTION, errorMessage: "throttled" }],
  };
  const { replay } = readRecord(JSON.stringify(record), {}, SENT_MS);
  expect(replay).toMatchObject({ action: "invoke", functionArn: FUNCTION });
  expect(JSON.parse(replay.action === "invoke" ? replay.payload : "")).toEqual({
    v: 1,
    type: "node_dead",
    subject: 0,
    term: 4,
    at: "2030-05-31T23:59:58.000Z",
    cluster_id: "shed-2",
    node: 3,
    received_at: SENT_MS,
    original_base64: base64(payload),
  });
});

test("bytes that are no text -> published as they were", () => {
  const bytes = Buffer.from([0xff, 0x00, 0xfe]);
  const body = JSON.stringify({ ruleName: "r", topic: "t", base64OriginalPayload: bytes.toString("base64") });
  expect(readRecord(body, {}, SENT_MS).replay).toEqual({ action: "publish", topic: "t", payload: bytes });
});

describe("a function's failed event", () => {
  const bodyOf = (requestPayload: unknown) =>
    JSON.stringify({
      version: "1.0",
      requestContext: {
        requestId: "1",
        functionArn: `${FUNCTION}:$LATEST`,
        condition: "RetriesExhausted",
        approximateInvokeCount: 3,
      },
      requestPayload,
      responsePayload: { errorType: "MessageRejected", errorMessage: "not verified" },
    });

  test("of a device -> its error, the device's message; the function is given the whole event again, without a version", () => {
    const event = { cluster_id: "kitchen", node: 1, original_base64: base64("dead") };
    expect(readRecord(bodyOf(event), {}, SENT_MS)).toEqual({
      source: "function ha2m-send_cluster_mail",
      errors: ["MessageRejected: not verified (RetriesExhausted, 3 attempts)"],
      topic: undefined,
      payload: "dead",
      replay: { action: "invoke", functionArn: FUNCTION, payload: JSON.stringify(event) },
    });
  });

  test("of the sweep -> what it was asked", () => {
    const event = { scheduled_time: "2030-06-01T00:00:00Z" };
    expect(readRecord(bodyOf(event), {}, SENT_MS).payload).toBe(JSON.stringify(event));
  });
});

describe("a dead letter", () => {
  const BODY = '{"scheduled_time":"2030-06-01T00:00:00Z"}';

  test("of a schedule -> its error; its target is given the input again", () => {
    const target = "arn:aws:lambda:us-east-1:123456789012:function:ha2m-sweep_clusters";
    const attributes = {
      ERROR_CODE: "AccessDeniedException",
      ERROR_MESSAGE: "not authorized",
      SCHEDULE_ARN: "arn:aws:scheduler:us-east-1:123456789012:schedule/ha2m/ha2m-sweep_clusters",
      TARGET_ARN: target,
    };
    expect(readRecord(BODY, attributes, SENT_MS)).toEqual({
      source: "schedule ha2m-sweep_clusters",
      errors: [`AccessDeniedException: not authorized (target ${target})`],
      topic: undefined,
      payload: BODY,
      replay: { action: "invoke", functionArn: target, payload: BODY },
    });
  });

  test("of an event bus's rule, whose target is a topic -> told, and not repeated", () => {
    const attributes = {
      RULE_ARN: "arn:aws:events:us-east-1:123456789012:rule/ha2m/ha2m-mails",
      TARGET_ARN: "arn:aws:sns:us-east-1:123456789012:ha2m",
    };
    expect(readRecord("{}", attributes, SENT_MS)).toMatchObject({
      source: "event rule ha2m-mails",
      errors: ["no error code: no message (target arn:aws:sns:us-east-1:123456789012:ha2m)"],
      replay: { action: "none", why: expect.stringMatching(/the mail itself/) },
    });
  });
});

test.each([
  ["no JSON", "hello"],
  ["JSON that is no object", "[1]"],
  ["an object of somebody else's", '{"topic":1,"requestPayload":{}}'],
  ["null", "null"],
])("%s -> shown as it is, and not repeated", (_, body) => {
  expect(readRecord(body, {}, SENT_MS)).toMatchObject({
    source: "unknown",
    payload: body,
    replay: { action: "none" },
  });
});
