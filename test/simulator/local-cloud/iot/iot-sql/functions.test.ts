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
  ['substring("012345", 0)', "012345"],
  ['substring("012345", 2)', "2345"],
  ['substring("012345", 2.745)', "2345"],
  ["substring(123, 2)", "3"],
  ['substring("012345", -1)', "012345"],
  ["substring(true, 1.2)", "rue"],
  ["substring(false, -2.411E247)", "false"],
  ['substring("012345", 1, 3)', "12"],
  ['substring("012345", -50, 50)', "012345"],
  ['substring("012345", 3, 1)', ""],
  ["trunc(2.3, 0)", 2],
  ["trunc(2.3123, 2)", 2.31],
  ["trunc(2.888, 2)", 2.88],
  ["trunc(2.00, 5)", 2],
  [
    "parse_time(\"yyyy.MM.dd G 'at' HH:mm:ss z\", 100000000, 'America/Belize' )",
    "1970.01.01 AD at 21:46:40 CST",
  ],
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
  ["substring('abc', 4)", ""],
  ["substring('abc', '1')", "bc"],
  ["substring('abc', 1E300)", ""],
  ["substring('abc', 'x')", undefined],
  ["substring('abc', 0, m)", undefined],
  ["substring('abc', m)", undefined],
  ["substring(NULL, 0)", undefined],
  ["substring([1, 2], 1, 2)", "1"],
  ["trunc('2.888', 1)", 2.8],
  ["trunc(-2.888, 1)", -2.8],
  ["trunc(17, 3)", 17],
  ["trunc(2.888, -4)", 2],
  ["trunc(2.888, 1.9)", 2.8],
  ["trunc(2.888, 99)", 2.888],
  ["trunc(2.888, '1')", undefined],
  ["trunc('x', 1)", undefined],
  ["trunc(NULL, 1)", undefined],
  ["decode('eyAidGVtcGVyYXR1cmUiOiAzMyB9Cg==', \"base64\").temperature", 33],
  ["decode('aGk=', 'base64')", "hi"],
  ["decode('WzEsMl0=', 'base64')", [1, 2]],
  ["decode('NDI=', 'base64')", "42"],
  ["decode('', 'base64')", ""],
  ["decode('aGk', 'base64')", null],
  ["decode('a!==', 'base64')", null],
  ["decode('/w==', 'base64')", null],
  ["decode(5, 'base64')", undefined],
  ["decode(m, 'base64')", undefined],
  ["parse_time('yyyy', m)", undefined],
  ["parse_time('yyyy', '0')", "1970"],
  ["parse_time('yyyy', 1E30)", undefined],
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

test("decode(encode(*, 'base64'), 'base64') -> a payload that is no JSON, as a text", () => {
  const payload = new TextEncoder().encode("21.5 °C");
  expect(valueOfSql("decode(encode(*, 'base64'), 'base64')", payload)).toBe("21.5 °C");
});

describe("who and what the message is", () => {
  const about = {
    accountId: "123456789012",
    principal: "ba67293af50bf2506f5f93469686da660c7c844e7b3950bfb16813e0d31e9373",
    traceId: "12345678-1234-1234-1234-123456789012",
    newUuid: () => "123a4567-b89c-12d3-e456-789012345000",
  };
  test.each([
    ["accountid()", about.accountId],
    ["principal()", about.principal],
    ["traceid()", about.traceId],
    ["newuuid()", about.newUuid()],
    ["NEWUUID()", about.newUuid()],
  ])("%s -> as the cloud knows it", (expression, value) => {
    expect(valueOfSql(expression, {}, about)).toBe(value);
  });
  test("over HTTP -> clientid() is n/a, traceid() is Undefined", () => {
    const http = { clientId: "n/a", principal: "ABCD1EFG3HIJK2LMNOP5" };
    expect(valueOfSql("[clientid(), principal(), isUndefined(traceid())]", {}, http)).toEqual([
      "n/a",
      "ABCD1EFG3HIJK2LMNOP5",
      true,
    ]);
  });
});
