import { compileRule } from "../../../../../simulator/local-cloud/iot/iot-sql/rule.ts";
import { SqlError, SUPPORTED } from "../../../../../simulator/local-cloud/iot/iot-sql/sql-error.ts";
import { V2 } from "./evaluate-sql.ts";

function refusalOf(sql: string, options = V2): SqlError {
  try {
    compileRule(sql, options);
  } catch (error) {
    if (error instanceof SqlError) return error;
    throw error;
  }
  throw new Error(`not refused: ${sql}`);
}

/** Statement, position (line:column), what was found, and a word of the reason. */
const refusals: readonly (readonly [string, string, string, RegExp])[] = [
  ["SELECT md5(a) AS id FROM 'a'", "1:8", "md5", /function is not supported/],
  ["SELECT time_to_epoch(a, 'yyyy') AS y FROM 'a'", "1:8", "time_to_epoch", /function/],
  ["SELECT newuuid(1) AS y FROM 'a'", "1:8", "newuuid", /takes 0 argument/],
  ["SELECT substring(a) AS y FROM 'a'", "1:8", "substring", /takes 2 to 3 arguments, not 1/],
  ["SELECT decode(a, 'hex') AS y FROM 'a'", "1:18", "'hex'", /base64/],
  ["SELECT decode(*, 'base64') AS y FROM 'a'", "1:15", '"*"', /another value/],
  ["SELECT parse_time(a, 1) AS y FROM 'a'", "1:19", "a", /pattern of parse_time\(\) is a quoted text/],
  ["SELECT parse_time('yyyy', 1, a) AS y FROM 'a'", "1:30", "a", /time zone of parse_time\(\) is a quoted/],
  ["SELECT parse_time('xxxx', 1) AS y FROM 'a'", "1:19", "'xxxx'", /letter x is not supported/],
  ["SELECT parse_time('yyyy', 1, 'Mars/Base') AS y FROM 'a'", "1:19", "'yyyy'", /"Mars\/Base" is not known/],
  ["SELECT parse_time('HH z', 1, 'Europe/Berlin') AS y FROM 'a'", "1:19", "'HH z'", /write Z for its offset/],
  ["SELECT a,\n  rand() AS r\nFROM 'a'", "2:3", "rand", /function/],
  ["SELECT concat('a') AS x FROM 'a'", "1:8", "concat", /takes 2 arguments or more, not 1/],
  ["SELECT topic(1, 2) AS x FROM 'a'", "1:8", "topic", /takes 0 to 1 arguments, not 2/],
  ["SELECT abs() AS x FROM 'a'", "1:8", "abs", /takes 1 argument/],
  ["SELECT VALUE color FROM 'a'", "1:8", "VALUE", /SELECT VALUE/],
  ["SELECT (SELECT v FROM e) AS t FROM 'a'", "1:9", "SELECT", /nested/],
  ["SET @x = 1 SELECT a FROM 'a'", "1:5", '"@x"', /SET/],
  ["SET x = 1 SELECT a FROM 'a'", "1:1", "SET", /SET/],
  ["SELECT VALUE * FROM 'a'", "1:8", "VALUE", /SELECT VALUE/],
  ["SELECT value [1] FROM 'a'", "1:8", "value", /SELECT VALUE/],
  ["SELECT VALUE CASE a WHEN 1 THEN 2 END FROM 'a'", "1:8", "VALUE", /SELECT VALUE/],
  ["SELECT a + 1 FROM 'a'", "1:14", "FROM", /add AS name/],
  ["SELECT 15 FROM 'a'", "1:11", "FROM", /add AS name/],
  ["SELECT a AS b. FROM 'a'", "1:16", "FROM", /reserved/],
  ["SELECT a AS b.c, d AS b.c FROM 'a'", "1:18", "d", /two items are named b.c/],
  ["SELECT a AS b, d AS b.c FROM 'a'", "1:16", "d", /b.c and b are in one another's place/],
  ["SELECT a AS b.c.d, * AS b.c FROM 'a'", "1:20", '"*"', /b.c and b.c.d are in one another's place/],
  ["SELECT a.x, b.x FROM 'a'", "1:13", "b", /two items are named x/],
  ["SELECT topic(1), topic(2) FROM 'a'", "1:18", "topic", /two items are named topic/],
  ["SELECT *, a, * FROM 'a'", "1:14", '"*"', /two items are named \* without a name/],
  ["SELECT a AS from FROM 'a'", "1:13", "from", /reserved/],
  ["SELECT a, b AS a FROM 'a'", "1:11", "b", /two items are named a/],
  ["SELECT abs(*) AS x FROM 'a'", "1:12", '"*"', /another value/],
  ["SELECT end FROM 'a'", "1:8", "end", /reserved/],
  ["SELECT a", "1:9", "the end of the statement", /FROM/],
  ["SELECT a FROM", "1:14", "the end of the statement", /single quotes/],
  ["SELECT a FROM topic/#", "1:21", '"#"', /no meaning/],
  ["SELECT a FROM topic", "1:15", "topic", /single quotes/],
  ['SELECT a FROM "a/b"', "1:15", '"a/b"', /single quotes/],
  ["SELECT a FROM 'a/#/b'", "1:15", "'a/#/b'", /last level/],
  ["SELECT a FROM 'a/b+'", "1:15", "'a/b+'", /whole level/],
  ["SELECT a FROM ''", "1:15", "''", /at least one/],
  ["SELECT a FROM 'a' WHERE b = 1 LIMIT 1", "1:31", "LIMIT", /end of the statement/],
  ["SELECT a FROM 'a';", "1:18", '";"', /semicolon/],
  ["SELECT a -- all\nFROM 'a'", "1:10", '"--"', /comments/],
  ["SELECT a FROM 'a' WHERE b != 1", "1:27", '"!="', /<>/],
  ["SELECT a FROM 'a' WHERE b == 1", "1:27", '"=="', /write =/],
  ["SELECT a || b AS x FROM 'a'", "1:10", '"||"', /concat/],
  ["SELECT a FROM 'a' WHERE a < b < c", "1:31", '"<"', /chain/],
  ["SELECT a IN [1] AS x FROM 'a'", "1:10", "IN", /WHERE clause only/],
  ["SELECT a FROM 'a' WHERE a IN (1, 2)", "1:30", '"("', /array/],
  ["SELECT -a AS x FROM 'a'", "1:9", "a", /0 - value/],
  ["SELECT CASE WHEN a THEN 1 END AS x FROM 'a'", "1:13", "WHEN", /CASE condition WHEN true/],
  ["SELECT CASE a END AS x FROM 'a'", "1:15", "END", /WHEN/],
  ["SELECT CASE a WHEN 1 THEN 2 AS x FROM 'a'", "1:29", "AS", /END/],
  ["SELECT cast(a AS Date) AS x FROM 'a'", "1:18", "Date", /string, nvarchar/],
  ["SELECT encode(*, 'hex') AS x FROM 'a'", "1:18", "'hex'", /base64/],
  ["SELECT regexp_matches(a, b) AS x FROM 'a'", "1:26", "b", /quoted text/],
  ["SELECT regexp_matches(a, '[') AS x FROM 'a'", "1:26", "'['", /not a regular expression/],
  ["SELECT regexp_matches(a, '^\\d$') AS x FROM 'a'", "1:26", "'^\\d$'", /backslash; write \[0-9\]/],
  ["SELECT 'a FROM b", "1:8", `"'"`, /closing quote/],
  ["SELECT 'it''s' AS x FROM 'a'", "1:12", "'s'", /FROM/],
  ["SELECT 12ab AS x FROM 'a'", "1:8", '"12ab"', /not a number/],
  [
    "SELECT 12345678901234567890123456789012345 AS x FROM 'a'",
    "1:8",
    "12345678901234567890123456789012345",
    /34 digits/,
  ],
  [
    "SELECT 0.10000000000000000000000000000000001 AS x FROM 'a'",
    "1:8",
    "0.10000000000000000000000000000000001",
    /34 digits/,
  ],
  ["SELECT a FROM 'a' WHERE b < 1E1000", "1:29", "1E1000", /1E-999/],
  ["SELECT -1E-1000 AS x FROM 'a'", "1:9", "1E-1000", /1E-999/],
  ["SELECT {a: 1} AS x FROM 'a'", "1:9", "a", /quoted text/],
  ["SELECT get(a, 'b').0 AS x FROM 'a'", "1:20", '"0"', /get\(object/],
  ["SELECT – AS x FROM 'a'", "1:8", '"–"', /no meaning/],
  ["", "1:1", "the end of the statement", /SELECT/],
];

test.each(refusals)("%s -> refused at %s", (sql, position, found, reason) => {
  const error = refusalOf(sql);
  expect(`${error.line}:${error.column}`).toBe(position);
  expect(error.found).toBe(found);
  expect(error.message).toMatch(reason);
});

test("any refusal -> the message has position, find, and all that is supported", () => {
  const { message } = refusalOf("SELECT a,\n rand() AS x FROM 'a'");
  expect(message).toContain("SQL line 2, column 2: found rand: this function is not supported");
  for (const line of SUPPORTED) expect(message).toContain(line);
});

test.each(["2015-10-08", "beta", ""])("SQL version %j -> refused with the version to set", (sqlVersion) => {
  const error = refusalOf("SELECT a FROM 'a'", { sqlVersion });
  expect(error.code).toBe("sql-version");
  expect(error.message).toContain("2016-03-23");
});

test("SQL version 2015-10-08 -> what AWS would do with it is said", () => {
  const { message } = refusalOf("SELECT a FROM 'a'", { sqlVersion: "2015-10-08" });
  expect(message).toMatch(/AWS runs this version \(and takes it where none is set\).*10\.0 as a Decimal/);
});

test("keywords and function names in any case, text in either quote -> the same rule", () => {
  const payload = new TextEncoder().encode('{"a":"X"}');
  const context = { topic: "t", clientId: "c", timestampMs: 0, payload };
  const rule = compileRule(`select LOWER(a) as b from 't' where NOT isnull(a) and A = "x" or a = "X"`, V2);
  expect(rule.evaluate(context)).toBeUndefined(); // A is another field than a
  expect(compileRule(`select LOWER(a) as b from 't' where a = "X"`, V2).evaluate(context)).toEqual({
    b: "x",
  });
});
