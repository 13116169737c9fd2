import { jsonText } from "../../../../../simulator/local-cloud/iot/iot-sql/json.ts";
import { compileRule } from "../../../../../simulator/local-cloud/iot/iot-sql/rule.ts";
import { RuleEvaluationError } from "../../../../../simulator/local-cloud/iot/iot-sql/sql-error.ts";
import { message, select, V2 } from "./evaluate-sql.ts";

const color = { color: "red", temperature: 50 };
const coordinates = { lat_long: [47.606, -122.332] };
const stopLight = `SELECT CASE color WHEN 'green' THEN 'go' WHEN 'yellow' THEN 'caution' WHEN 'red' THEN 'stop'
  ELSE 'you are not at a stop light' END as instructions FROM 'topic/subtopic'`;

/** Payload, statement and outgoing payload as the AWS IoT Core Developer Guide prints them; the page comes first. */
const documented: readonly (readonly [string, string, unknown, unknown])[] = [
  [
    "iot-sql-reference",
    "SELECT color AS rgb FROM 'topic/subtopic' WHERE temperature > 50",
    { ...color, temperature: 100 },
    { rgb: "red" },
  ],
  ["iot-sql-select", "SELECT * FROM 'topic/subtopic'", color, color],
  ["iot-sql-select", "SELECT color FROM 'topic/subtopic'", color, { color: "red" }],
  ["iot-sql-select", "SELECT color AS my_color FROM 'topic/subtopic'", color, { my_color: "red" }],
  [
    "iot-sql-select",
    "SELECT color as my_color, temperature as fahrenheit FROM 'topic/subtopic'",
    color,
    { my_color: "red", fahrenheit: 50 },
  ],
  ["iot-sql-select", "SELECT *, 15 as speed FROM 'topic/subtopic'", color, { ...color, speed: 15 }],
  [
    "iot-sql-select",
    "SELECT color.red as red_value FROM 'topic/subtopic'",
    { color: { red: 255, green: 0, blue: 0 }, temperature: 50 },
    { red_value: 255 },
  ],
  [
    "iot-sql-select",
    "SELECT (temperature - 32) * 5 / 9 AS celsius, upper(color) as my_color FROM 'topic/subtopic'",
    color,
    { celsius: 10, my_color: "RED" },
  ],
  [
    "iot-sql-where",
    "SELECT color AS my_color FROM 'topic/subtopic' WHERE temperature > 50 AND color <> 'red'",
    { color: "red", temperature: 40 },
    undefined,
  ],
  [
    "iot-sql-literals",
    "SELECT {'latitude': get(lat_long, 0),'longitude':get(lat_long, 1)} as lat_long FROM 'topic/subtopic'",
    coordinates,
    { lat_long: { latitude: 47.606, longitude: -122.332 } },
  ],
  [
    "iot-sql-literals",
    "SELECT [lat,long] as lat_long FROM 'topic/subtopic'",
    { lat: 47.606, long: -122.332 },
    { lat_long: [47.606, -122.332] },
  ],
  ["iot-sql-case", stopLight, { color: "yellow" }, { instructions: "caution" }],
  [
    "iot-sql-json",
    `SELECT * from 'iot/rules' WHERE get(get(get(mydata,"item2"),"0"),"my-key") = "myValue"`,
    { mydata: { item2: { "0": { "my-key": "myValue" } } } },
    { mydata: { item2: { "0": { "my-key": "myValue" } } } },
  ],
  ["iot-sql-data-types", "SELECT NULL AS n FROM 'topic/subtopic'", {}, { n: null }],
  ["iot-sql-data-types", "SELECT foo, bar FROM 'topic/subtopic'", { foo: null }, { foo: null }],
  [
    "iot-sql-operators",
    "SELECT * FROM 'a/b' WHERE 3 in arr",
    { arr: [1, 2, 3, "hello"] },
    { arr: [1, 2, 3, "hello"] },
  ],
  ["iot-sql-operators", "SELECT * FROM 'a/b' WHERE 4 in arr", { arr: [1, 2, 3, "hello"] }, undefined],
];

test.each(documented)("example of the %s page: %s", (_page, sql, payload, outgoing) => {
  expect(select(sql, payload)).toEqual(outgoing);
});

describe("CASE (iot-sql-case)", () => {
  test("no branch matches -> ELSE", () => {
    expect(select(stopLight, { color: "blue" })).toEqual({ instructions: "you are not at a stop light" });
  });
  test("the value is Undefined -> Undefined, even with ELSE", () => {
    expect(select(stopLight, {})).toEqual({});
  });
  test("no match and no ELSE -> Undefined", () => {
    expect(select("SELECT CASE a WHEN 1 THEN 'one' END AS x FROM 'a'", { a: 2 })).toEqual({});
  });
  test("two branches match -> the first", () => {
    expect(select("SELECT CASE 1 WHEN a THEN 'a' WHEN b THEN 'b' END AS x FROM 'a'", { a: 1, b: 1 })).toEqual(
      { x: "a" },
    );
  });
});

describe("WHERE", () => {
  test.each([
    ["missing = 1", "a missing field is Undefined"],
    ["NOT missing", "NOT Undefined is Undefined"],
    ["missing <> 1", "<> with Undefined is Undefined"],
    ["missing > 1 OR 1 = 1", "OR with Undefined is Undefined"],
    ["'true'", "a text is not true"],
    ["1", "a number is not true"],
  ])("%s -> no match: %s", (where) => {
    expect(select(`SELECT 1 AS x FROM 'a' WHERE ${where}`, {})).toBeUndefined();
  });
  test("precedence: NOT before AND before OR, arithmetic before comparison", () => {
    expect(select("SELECT 1 AS x FROM 'a' WHERE 1 = 1 OR 1 = 2 AND NOT 1 = 1", {})).toEqual({ x: 1 });
    expect(select("SELECT 1 AS x FROM 'a' WHERE 1 + 2 * 3 = 7", {})).toEqual({ x: 1 });
  });
});

describe("a payload that is not a JSON object (binary-payloads)", () => {
  const bytes = new Uint8Array([0xff, 0x00, 0x7b]);
  const aboutIt = "SELECT topic(2) AS t, timestamp() AS at, encode(*, 'base64') AS data, color FROM 'a/b'";

  test.each([
    ["bytes that are not UTF-8", bytes, "/wB7"],
    ["empty", new Uint8Array(), ""],
    ["a JSON number", 80, "ODA="],
    ["a JSON array", [1], "WzFd"],
    ["broken JSON", new TextEncoder().encode("{"), "ew=="],
  ])("%s -> fields are Undefined, functions still work", (_title, payload, data) => {
    expect(select(aboutIt, payload, { topic: "a/b", timestampMs: 7 })).toEqual({ t: "b", at: 7, data });
  });
  test("SELECT * -> a named error with the topic and what to do", () => {
    expect(() => select("SELECT * FROM 'a/b'", bytes, { topic: "a/b" })).toThrow(RuleEvaluationError);
    expect(() => select("SELECT * FROM 'a/b'", bytes, { topic: "a/b" })).toThrow(
      /"a\/b".*encode\(\*, 'base64'\)/,
    );
  });
  test("SELECT * whose WHERE does not hold -> no match, no error", () => {
    expect(select("SELECT * FROM 'a/b' WHERE device_type = 'thermostat'", bytes)).toBeUndefined();
  });
  test("nested deeper than 100 levels -> counts as not JSON", () => {
    const deep = (levels: number) =>
      new TextEncoder().encode(`{"a":${"[".repeat(levels)}${"]".repeat(levels)}}`);
    expect(select("SELECT isUndefined(a) AS x FROM 'a'", deep(99))).toEqual({ x: false });
    expect(select("SELECT isUndefined(a) AS x FROM 'a'", deep(101))).toEqual({ x: true });
    expect(select("SELECT isUndefined(a) AS x FROM 'a'", deep(60_000))).toEqual({ x: true });
  });
});

test("a member called __proto__ -> a member like any other", () => {
  const payload = new TextEncoder().encode('{"__proto__":{"a":1}}');
  const everything = compileRule("SELECT *, get(__proto__, 'a') AS b FROM 'a'", V2).evaluate(
    message(payload),
  );
  expect(jsonText(everything)).toBe('{"__proto__":{"a":1},"b":1}');
  expect(select("SELECT constructor AS x, toString AS y FROM 'a'", {})).toEqual({});
});

const readings = `SELECT topic(3) AS cluster_id, cast(topic(4) AS Int) AS node,
   CASE v = 1 AND regexp_matches(measured_at, '^[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}[.][0-9]{3}Z$')
     AND temperature_c * 1 = temperature_c AND temperature_c >= -55 AND temperature_c <= 125 AND seq >= 0
     WHEN true THEN concat(measured_at, '#', topic(4)) END AS reading_key,
   concat('heartbeat#', topic(4)) AS item_key, measured_at, temperature_c, seq, term, sleep_s, battery_mv, unwritable_eeproms,
   suspects, timestamp() AS received_at, floor(timestamp() / 1000) + 31536000 AS expires_at_s
 FROM 'rosie/reading/+/+'`;
const events = `SELECT topic(3) AS cluster_id, cast(topic(4) AS Int) AS node, v, type, subject, term, seq, at, took_over, state,
   fault, timestamp() AS received_at, encode(*, 'base64') AS original_base64 FROM 'rosie/event/+/+'`;
const reading = {
  v: 1,
  measured_at: "2026-01-01T00:15:00.000Z",
  temperature_c: 21.5,
  seq: 3,
  term: 1,
  sleep_s: 900,
  battery_mv: 5200,
  unwritable_eeproms: 0,
  suspects: 0,
};
const about = { topic: "rosie/reading/kitchen/0", timestampMs: 1_767_226_500_123 };

describe("the rules of this project", () => {
  test("a reading -> its key, the heartbeat's key and an expiry in whole seconds", () => {
    const { v, ...fields } = reading;
    expect(v).toBe(1);
    expect(select(readings, reading, about)).toEqual({
      ...fields,
      cluster_id: "kitchen",
      node: 0,
      reading_key: "2026-01-01T00:15:00.000Z#0",
      item_key: "heartbeat#0",
      received_at: 1_767_226_500_123,
      expires_at_s: 1_767_226_500 + 31_536_000,
    });
  });
  test.each([
    ["another version", { v: 2 }],
    ["a time without milliseconds", { measured_at: "2026-01-01T00:15:00Z" }],
    ["a temperature as text", { temperature_c: "21.5" }],
    ["a temperature out of range", { temperature_c: 126 }],
    ["no temperature", { temperature_c: undefined }],
    ["null for seq", { seq: null }],
  ])("a reading with %s -> no reading_key, so that the table refuses it", (_title, change) => {
    const selected = select(readings, { ...reading, ...change }, about);
    expect(selected).not.toHaveProperty("reading_key");
    expect(selected).toHaveProperty("item_key", "heartbeat#0");
  });
  test("an event -> its fields by name, the rest of the topic, and the message as it was sent", () => {
    const event = {
      v: 1,
      type: "node_dead",
      subject: 1,
      term: 2,
      seq: 9,
      at: "2026-01-01T00:15:00.000Z",
      took_over: true,
      state: { primary: 0 },
    };
    const selected = select(
      events,
      { ...event, extra: true },
      { topic: "rosie/event/kitchen/0", timestampMs: 5 },
    );
    const original_base64 = Buffer.from(JSON.stringify({ ...event, extra: true })).toString("base64");
    expect(selected).toEqual({ ...event, cluster_id: "kitchen", node: 0, received_at: 5, original_base64 });
  });
  test("FROM -> matches the topics of nodes only", () => {
    const rule = compileRule(readings, V2);
    expect(rule.topicFilter).toBe("rosie/reading/+/+");
    expect(rule.matches("rosie/reading/kitchen/0")).toBe(true);
    expect(rule.matches("rosie/event/kitchen/0")).toBe(false);
    expect(rule.matches("rosie/reading/kitchen")).toBe(false);
  });
});
