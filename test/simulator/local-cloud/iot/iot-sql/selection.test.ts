/** What SELECT puts together: names, `*`, nested names, and numbers as they go out. */
import { RuleEvaluationError } from "../../../../../simulator/local-cloud/iot/iot-sql/sql-error.ts";
import { select, selectText } from "./evaluate-sql.ts";

const color = { color: { red: 255, green: 0 }, temperature: 50, value: 7 };

test.each<[string, unknown]>([
  ["* AS message", { message: color }],
  ["* AS state.reported", { state: { reported: color } }],
  ["* AS value", { value: color }],
  ["15 AS speed, *", { speed: 15, ...color }],
  ["topic(1) AS t, *, 15 AS speed", { t: "topic", ...color, speed: 15 }],
  ["*, * AS copy", { ...color, copy: color }],
  ["*, 51 AS temperature", { ...color, temperature: 51 }],
  ["51 AS temperature, *", color],
  ["*, 1 AS color.blue", { ...color, color: { red: 255, green: 0, blue: 1 } }],
  ["*, 1 AS temperature.c", { ...color, temperature: { c: 1 } }],
  ["value", { value: 7 }],
  ["value, temperature", { value: 7, temperature: 50 }],
  ["value AS v", { v: 7 }],
  ["value * 2 AS twice", { twice: 14 }],
  ["value - 1 AS less", { less: 6 }],
  ["value + value AS sum, Value AS other", { sum: 14 }],
  ["round(value) AS r, {'value': value} AS o", { r: 7, o: { value: 7 } }],
  ["color.red", { red: 255 }],
  ["color.red, color.green AS g", { red: 255, g: 0 }],
  ["color.red AS bar.baz", { bar: { baz: 255 } }],
  ["color.red AS a.b.c, temperature AS a.b.d, value AS a.e", { a: { b: { c: 255, d: 50 }, e: 7 } }],
  ["missing AS a.b", {}],
  ["topic(2), timestamp()", { topic: "subtopic", timestamp: 1_481_825_251_155 }],
  ["get(color, 'red')", { get: 255 }],
  ["encode('hi', 'base64')", { encode: "aGk=" }],
  ["decode('eyJiIjozfQ==', 'base64').b", { b: 3 }],
])("SELECT %s -> %j", (items, outgoing) => {
  expect(select(`SELECT ${items} FROM 'topic/subtopic'`, color)).toEqual(outgoing);
});

test.each([
  ["value > 6", true],
  ["value = 7 AND color.red = 255", true],
  ["value.inner = 1", false],
])("WHERE %s -> holds: %s", (where, holds) => {
  expect(select(`SELECT value FROM 'a' WHERE ${where}`, color) !== undefined).toBe(holds);
});

test.each(["* AS x", "a AS b, *", "*"])(
  "SELECT %s, a payload that is no object -> a named error",
  (items) => {
    expect(() => select(`SELECT ${items} FROM 'a'`, new Uint8Array([1]))).toThrow(RuleEvaluationError);
  },
);

test("foo.bar AS bar.baz (iot-sql-json) -> the property under the nested name", () => {
  const foo = { bar: "RED", bar1: "GREEN", bar2: "BLUE" };
  expect(select("SELECT foo.bar AS bar.baz FROM 'topic/subtopic'", { foo })).toEqual({ bar: { baz: "RED" } });
});

describe("numbers", () => {
  test.each([
    ["9007199254740993", "9007199254740993"],
    ["-12345678901234567890", "-12345678901234567890"],
    ["1234567890123456789012345678901234", "1234567890123456789012345678901234"],
    ["0.1234567890123456789012345678901234", "0.1234567890123456789012345678901234"],
    ["1E400", "1E400"],
    ["1e-400", "1E-400"],
    ["21.50", "21.5"],
    ["-0.0", "0"],
  ])("%s in the payload -> goes out as %s, also from within", (number, out) => {
    expect(selectText("SELECT *, [a] AS l FROM 'a'", `{"a":${number},"o":{"b":[${number}]}}`)).toBe(
      `{"a":${out},"o":{"b":[${out}]},"l":[${out}]}`,
    );
  });
  test.each([
    ["a + 1", "9007199254740994"],
    ["a = 9007199254740992", "false"],
    ["a > 9007199254740992", "true"],
    ["concat('n', a)", '"n9007199254740993"'],
    ["cast(a AS String)", '"9007199254740993"'],
    ["cast('9007199254740993' AS Int)", "9007199254740993"],
    ["a % 10", "3"],
    ["abs(0 - a)", "9007199254740993"],
    ["floor(a / 2.0)", "4503599627370496"],
    ["9007199254740993 * 3", "27021597764222979"],
  ])("%s of 2^53 + 1 -> %s", (expression, out) => {
    expect(selectText(`SELECT ${expression} AS x FROM 'a'`, '{"a":9007199254740993}')).toBe(`{"x":${out}}`);
  });
  test.each(["1E1000", "-1e1000", "1E-1000", `1${"0".repeat(1_000)}`])(
    "%s in the payload -> refused by name, whatever is selected",
    (number) => {
      const evaluate = () => selectText("SELECT b FROM 'a'", `{"a":{"deep":[${number}]},"b":1}`);
      expect(evaluate).toThrow(expect.objectContaining({ code: "number-out-of-range" }));
      expect(evaluate).toThrow(number.slice(0, 40));
    },
  );
  test("a number out of range within decode() -> refused by name as well", () => {
    const inner = Buffer.from('{"a":1E1000}').toString("base64");
    expect(() => selectText("SELECT decode(d, 'base64') AS x FROM 'a'", `{"d":"${inner}"}`)).toThrow(
      "1E1000",
    );
  });
});

test("a stranger's members that a JSON library knows -> members like any other", () => {
  const payload =
    '{"isLosslessNumber":true,"value":"1","a":{"toJSON":1,"toStringTag":"[object Decimal]","s":1}}';
  expect(selectText("SELECT * FROM 'a'", payload)).toBe(payload);
});

test("a key that comes twice -> the last one counts, as where Java and JavaScript read it", () => {
  expect(selectText("SELECT * FROM 'a'", '{"a":1,"a":{"b":2}}')).toBe('{"a":{"b":2}}');
});
