import { valueOfSql } from "./evaluate-sql.ts";

/** Expression and result as printed on the iot-sql-functions page. */
const documented: readonly (readonly [string, unknown])[] = [
  ["abs(-5)", 5],
  ['abs("-5.123")', 5.123],
  ["cast(true as Int)", 1],
  ["ceil(1.2)", 2],
  ["ceil(-1.2)", -1],
  ["concat([1, 2, 3], 4)", [1, 2, 3, 4]],
  ['concat([1, 2, 3], "hello")', [1, 2, 3, "hello"]],
  ['concat("con", "cat")', "concat"],
  ['concat(1, "hello")', "1hello"],
  ['concat("he","is","man")', "heisman"],
  ['concat([1, 2, 3], "hello", [4, 5, 6])', [1, 2, 3, "hello", 4, 5, 6]],
  ['endswith("cat","at")', true],
  ["floor(1.2)", 1],
  ["floor(-1.2)", -2],
  ['get(["a", "b", "c"], 1) ', "b"],
  ['get({"a":"b"}, "a")', "b"],
  ['indexof("abcd", "bc")', 1],
  ["isNull(5)", false],
  ["isNull(Null)", true],
  ["isUndefined(5)", false],
  ["isUndefined(floor([1,2,3]))", true],
  ['length("hi")', 2],
  ["length(false)", 5],
  ['lower("HELLO")', "hello"],
  ['lower(["HELLO"])', '["hello"]'],
  ["mod(8, 3)", 2],
  ['regexp_matches("aaaa", "a{2,}")', true],
  ['regexp_matches("aaaa", "b")', false],
  ["Round(1.2)", 1],
  ["Round(1.5)", 2],
  ["Round(1.7)", 2],
  ["Round(-1.1)", -1],
  ["Round(-1.5)", -2],
  ['startswith("ranger","ran")', true],
  ["timestamp()", 1_481_825_251_155],
  ['upper("hello")', "HELLO"],
  ['upper(["hello"])', '["HELLO"]'],
];

test.each(documented)("example: %s -> %j", (expression, result) => {
  expect(valueOfSql(expression)).toEqual(result);
});

/** The tables of the same page; `m` is a missing field. */
const tables: readonly (readonly [string, unknown])[] = [
  ["abs(true)", undefined],
  ["abs(NULL)", undefined],
  ["ceil('x')", undefined],
  ["floor('-1.5')", -2],
  ["round(0 - 0.4)", 0],
  ["concat(1, 2)", undefined],
  ["concat('a', m)", undefined],
  ["concat('a', NULL)", undefined],
  ["concat([1], NULL)", [1, null]],
  ["concat([1], m)", undefined],
  ["concat('a', {'b': [true]})", 'a{"b":[true]}'],
  ['get("abc", 1)', "b"],
  ['get("abc", 3)', undefined],
  ["get([1, 2], -1)", undefined],
  ["get([1, 2], '1')", 2],
  ["get([1, 2], 'x')", undefined],
  ["get({'1': 2}, 1)", undefined],
  ["get({'a': 1}, 'toString')", undefined],
  ["get(5, 0)", undefined],
  ["endswith(m, 'a')", undefined],
  ["startswith(12, 1)", true],
  ["indexof('abc', 'x')", -1],
  ["isNull(m)", false],
  ["isUndefined(NULL)", false],
  ["length(NULL)", undefined],
  ["mod('8', 3)", 2],
  ["mod(8, true)", undefined],
  ["regexp_matches(123, '^1')", true],
  ["regexp_matches(m, 'a')", undefined],
  ["regexp_matches(NULL, 'a')", undefined],
  ["encode('hi', 'base64')", "aGk="],
  ["encode([1], 'base64')", "WzFd"],
  ["encode(m, 'base64')", undefined],
  ["clientid()", "kitchen-0"],
];

test.each(tables)("%s -> %j", (expression, result) => {
  expect(valueOfSql(expression)).toEqual(result);
});

describe("topic()", () => {
  const things = { topic: "things/myThings/thingOne" };
  const ingest = { topic: "$aws/rules/BuildingManager/Buildings/Building5/Floor2/Room201/Lights" };
  test.each([
    ["topic()", things, "things/myThings/thingOne"],
    ["topic(1)", things, "things"],
    ["topic(4)", things, undefined],
    ["topic(0)", things, undefined],
    ["topic('2')", things, "myThings"],
    ["topic(2)", { topic: "a//b" }, ""],
    ["topic()", ingest, "Buildings/Building5/Floor2/Room201/Lights"],
    ["topic(3)", ingest, "Floor2"],
  ])("%s on %j -> %j", (expression, about, result) => {
    expect(valueOfSql(expression, {}, about)).toBe(result);
  });
});
