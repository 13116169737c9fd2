import { compilePattern } from "../../../../simulator/local-cloud/events/event-pattern.ts";

const EVENT = {
  source: "lambda",
  resources: ["a", "b"],
  detail: { responsePayload: { send: true, why: "opened", count: 3, none: null } },
};

/** Those of the user guide's examples that need no content filter are among them. */
test.each<[string, unknown, boolean]>([
  ["one value of a field", { source: ["lambda"] }, true],
  ["one of several values", { source: ["aws.ec2", "lambda"] }, true],
  ["another value", { source: ["aws.lambda"] }, false],
  ["a nested true", { detail: { responsePayload: { send: [true] } } }, true],
  ["true as text", { detail: { responsePayload: { send: ["true"] } } }, false],
  ["a number", { detail: { responsePayload: { count: [3] } } }, true],
  ["null", { detail: { responsePayload: { none: [null] } } }, true],
  ["a field that is not there", { detail: { requestPayload: { send: [true] } } }, false],
  [
    "two fields of which one differs",
    { source: ["lambda"], detail: { responsePayload: { why: ["x"] } } },
    false,
  ],
  ["a list with one value in common", { resources: ["b", "c"] }, true],
  ["a list with none in common", { resources: ["c"] }, false],
  ["an object where the event has a text", { source: { name: ["lambda"] } }, false],
  ["a field of every object's prototype", { constructor: { name: ["Object"] } }, false],
])("%s -> matches as it should", (_, pattern, matches) => {
  expect(compilePattern(pattern, "S/Rule.EventPattern")(EVENT)).toBe(matches);
});

test.each<[string, unknown, RegExp]>([
  [
    "a content filter",
    { detail: { why: [{ prefix: "open" }] } },
    /^S\/R\.detail\.why: the filter \{"prefix":"open"\}/,
  ],
  ["alternatives", { $or: [{ a: [1] }] }, /^S\/R: \$or is not emulated/],
  [
    "a value outside a list",
    { source: "lambda" },
    /^S\/R\.source: expected a list of values, found "lambda"/,
  ],
])("%s -> refused by name and place", (_, pattern, message) => {
  expect(() => compilePattern(pattern, "S/R")).toThrow(message);
});
