import {
  topicFilterProblem,
  topicMatches,
} from "../../../../../simulator/local-cloud/iot/iot-sql/topic-filter.ts";

/** Filter, topic, whether the rule is triggered. The first rows are the examples of iot-sql-from. */
test.each([
  ["topic/subtopic", "topic/subtopic", true],
  ["topic/subtopic", "topic/subtopic-2", false],
  ["a/#", "a/b", true],
  ["a/#", "a/e/f", true],
  ["a/#", "b/x", false],
  ["a/+", "a/b", true],
  ["a/+", "a/e/f", false],
  ["a/+", "b/x", false],
  ["sensor/#", "sensor", false],
  ["sensor/#", "sensor/", true],
  ["sensor/+", "sensor", false],
  ["sensor/+", "sensor/", true],
  ["+/b/#", "a/b/c/d", true],
  ["a", "A", false],
  ["#", "a/b", true],
  ["#", "$aws/things/x", false],
  ["+/things/x", "$aws/things/x", false],
  ["$aws/things/+", "$aws/things/x", true],
])("FROM '%s', message on %s -> %s", (filter, topic, triggered) => {
  expect(topicMatches(filter, topic)).toBe(triggered);
});

test.each(["", "a/#/b", "a#", "a/b+", "+a", "a\0"])("%j -> not a topic filter", (filter) => {
  expect(topicFilterProblem(filter)).toBeDefined();
});

test.each(["a", "#", "+", "a/+/b/#", "/", "$aws/rules"])("%j -> a topic filter", (filter) => {
  expect(topicFilterProblem(filter)).toBeUndefined();
});
