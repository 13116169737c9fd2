import { outsideContract } from "../../../../simulator/local-cloud/iot/contract-check.ts";

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
const check = (topic: string, message: unknown) =>
  outsideContract(topic, Buffer.from(typeof message === "string" ? message : JSON.stringify(message)));

test("a reading within the contract, also with a field that the rule does not select -> nothing to say", () => {
  expect(check("rosie/reading/kitchen/0", READING)).toBeUndefined();
  expect(check("rosie/reading/kitchen/0", { ...READING, colour: "red" })).toBeUndefined();
});

test.each<[string, string, unknown, string]>([
  [
    "too warm",
    "rosie/reading/kitchen/0",
    { ...READING, temperature_c: 200 },
    "temperature_c: expected at most 125",
  ],
  ["not JSON", "rosie/reading/kitchen/0", "21.5 degrees", "the reading is not JSON"],
  ["no object", "rosie/event/kitchen/0", "null", "event: expected an object"],
  ["a reading on the event's topic", "rosie/event/kitchen/0", READING, 'type: missing, expected "node_dead"'],
  ["a ninth node", "rosie/reading/kitchen/8", READING, "the topic's last level: expected a node from 0 to 7"],
  ["a node with a second name", "rosie/reading/kitchen/00", READING, "the topic's last level"],
])("%s -> says what belongs there", (_, topic, message, expected) => {
  expect(check(topic, message)).toContain(expected);
});

test.each(["other/temperature/kitchen/0", "rosie/other/kitchen/0", "rosie"])(
  "the topic %s -> not the contract's",
  (topic) => {
    expect(check(topic, "x")).toBeUndefined();
  },
);
