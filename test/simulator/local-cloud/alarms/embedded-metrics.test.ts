import { embeddedMetrics } from "../../../../simulator/local-cloud/alarms/embedded-metrics.ts";

const line = (directive: object, fields: object = {}) => ({
  stove: "left",
  degrees: 180,
  ...fields,
  _aws: {
    Timestamp: 1_900_000_000_000,
    CloudWatchMetrics: [
      { Namespace: "home", Dimensions: [["stove"]], Metrics: [{ Name: "degrees" }], ...directive },
    ],
  },
});
const datum = {
  namespace: "home",
  metric: "degrees",
  dimensions: { stove: "left" },
  value: 180,
  at: 1_900_000_000_000,
};

test("a metric with two sets of dimensions, one of them empty -> a value each, at the line's own time", () => {
  expect(embeddedMetrics(line({ Dimensions: [["stove"], []] }))).toEqual([
    datum,
    { ...datum, dimensions: {} },
  ]);
});

test.each([
  ["no directive", { degrees: 180 }],
  ["a directive that is none", { degrees: 180, _aws: "now" }],
  ["without a time", { degrees: 180, _aws: { CloudWatchMetrics: [] } }],
  ["a value that is no number", line({}, { degrees: "hot" })],
  ["a dimension that is not there", line({ Dimensions: [["kitchen"]] })],
  ["a dimension that is no text", line({}, { stove: 1 })],
  ["no set of dimensions", line({ Dimensions: [] })],
])("%s -> a line and no more", (_, fields) => {
  expect(embeddedMetrics(fields)).toEqual([]);
});
