import { explainIssues } from "../../../lib/contract/explain.ts";
import { ClusterEvent, Reading } from "../../../lib/contract/messages.ts";

const READING = {
  v: 1,
  measured_at: "2026-01-31T06:15:00.000Z",
  temperature_c: 21.5,
  seq: 0,
  term: 0,
  sleep_s: 900,
  battery_mv: 5_000,
  unwritable_eeproms: 0,
  suspects: 0,
};
const EVENT = {
  v: 1,
  type: "node_dead",
  subject: 0,
  term: 0,
  seq: 0,
  at: "2026-01-31T06:15:00.000Z",
  took_over: true,
  state: { primary: 1, suspects: [], dead: [0], never_admitted: [], last_seen: [] },
};

const explain = (schema: typeof Reading | typeof ClusterEvent, message: unknown): string =>
  explainIssues(schema.safeParse(message, { reportInput: true }).error?.issues ?? [], "message");

test.each<[string, object, string]>([
  ["another version", { v: 2 }, "v: expected 1"],
  ["no version", { v: undefined }, "v: missing, expected 1"],
  [
    "a time that is none",
    { measured_at: "yesterday" },
    "measured_at: expected a time of the calendar in UTC with milliseconds, such as 2026-01-31T06:15:00.000Z",
  ],
  [
    "an hour that is none",
    { measured_at: "2026-01-31T26:15:00.000Z" },
    "measured_at: expected a time of the calendar in UTC with milliseconds, such as 2026-01-31T06:15:00.000Z",
  ],
  [
    "the 30th of February",
    { measured_at: "2026-02-30T06:15:00.000Z" },
    "measured_at: expected a time of the calendar in UTC with milliseconds, such as 2026-01-31T06:15:00.000Z",
  ],
  ["a text for a number", { temperature_c: "warm" }, "temperature_c: expected a number"],
  ["too warm", { temperature_c: 125.5 }, "temperature_c: expected at most 125"],
  ["too cold", { temperature_c: -56 }, "temperature_c: expected at least -55"],
  ["half a count", { seq: 0.5 }, "seq: expected a whole number"],
  ["a field too many", { surprise: 1 }, 'message: has the unknown field "surprise"'],
  ["two wrong", { seq: -1, term: null }, "seq: expected at least 0; term: expected a number"],
])("a reading with %s -> the field, and what belongs there", (_, changes, expected) => {
  expect(explain(Reading, { ...READING, ...changes })).toBe(expected);
});

test.each<[string, object, string]>([
  [
    "an unknown type",
    { type: "node_alive" },
    'type: expected "node_dead" or "node_admitted" or "node_unconnected" or "setup_fault" or "setup_mended" or "sensor_failed"',
  ],
  ["a fault of no sensor", { fault: "crc" }, "fault: belongs to sensor_failed, and to nothing else"],
  [
    "an unknown fault",
    { type: "sensor_failed", fault: "cold" },
    'fault: expected "absent" or "crc" or "all-zero" or "power-on-value" or "out-of-range"',
  ],
  ["a ninth node", { subject: 8 }, "subject: expected less than 8"],
  ["a text for a truth", { took_over: "yes" }, "took_over: expected true or false"],
  ["no list", { state: { ...EVENT.state, dead: 1 } }, "state.dead: expected a list"],
  [
    "a list too long",
    { state: { ...EVENT.state, dead: Array(9).fill(0) } },
    "state.dead: expected at most 8 items",
  ],
])("an event with %s -> the field, and what belongs there", (_, changes, expected) => {
  expect(explain(ClusterEvent, { ...EVENT, ...changes })).toBe(expected);
});

test("no message at all, or another thing -> an object is expected", () => {
  expect(explain(Reading, undefined)).toBe("message: missing, expected an object");
  expect(explain(Reading, "warm")).toBe("message: expected an object");
});

test("a hostile message -> no value of it, five fields, and no line break", () => {
  const evil = Object.fromEntries(Object.keys(READING).map((key) => [key, "evil\r\n"]));
  const text = explain(Reading, { ...evil, ["key\r\n".repeat(1_000)]: 1 });
  expect(text).not.toMatch(/evil|\r|\n/);
  expect(text.split("; ")).toHaveLength(5);
  const key = explain(Reading, { ...READING, ["k\n".repeat(1_000)]: 1 });
  expect(key).not.toMatch(/\n/);
  expect(key.length).toBeLessThan(120);
});
