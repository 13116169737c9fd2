import { queuedText } from "../../../../simulator/local-cloud/events/queued-text.ts";

const base64 = (text: string) => Buffer.from(text).toString("base64");

test.each<[string, unknown, string]>([
  ["a rule's error record", { ruleName: "r", base64OriginalPayload: base64("warm") }, "warm"],
  [
    "a function's failed event, with the message",
    { requestPayload: { node: 1, original_base64: base64("{}") }, responsePayload: { errorType: "Oops" } },
    "Oops: {}",
  ],
  [
    "a function's failed event, without it",
    { requestPayload: { node: 1 }, responsePayload: { errorType: "Oops" } },
    'Oops: {"node":1}',
  ],
  ["a function's failed event that is null", { requestPayload: null, responsePayload: null }, "failed: null"],
  ["another record", { a: 1 }, '{"a":1}'],
  ["null", null, "null"],
])("%s -> what it is about", (_, record, expected) => {
  expect(queuedText(JSON.stringify(record))).toBe(expected);
});

test("no JSON -> as it is", () => {
  expect(queuedText("plain words")).toBe("plain words");
});

test("control characters, escape sequences, a thousand characters -> one short line", () => {
  const text = queuedText(
    JSON.stringify({ base64OriginalPayload: base64(`\u001b[2J\r\n${"x".repeat(1_000)}`) }),
  );
  expect(text).toMatch(/^\ufffd\[2J\ufffd\ufffdx+…$/);
  expect(text).toHaveLength(201);
});
