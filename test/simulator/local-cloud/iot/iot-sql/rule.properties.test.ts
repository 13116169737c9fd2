import * as fc from "fast-check";
import { jsonText } from "../../../../../simulator/local-cloud/iot/iot-sql/json.ts";
import { compileRule } from "../../../../../simulator/local-cloud/iot/iot-sql/rule.ts";
import { SqlError } from "../../../../../simulator/local-cloud/iot/iot-sql/sql-error.ts";
import { message, select, V2 } from "./evaluate-sql.ts";

/** Members named as the statement below names its fields, so that the values reach every operator. */
const payloads = fc.oneof(
  fc.jsonValue(),
  fc.dictionary(fc.constantFrom("a", "b", "c", "__proto__"), fc.jsonValue()),
  fc.record({
    a: fc.constantFrom(0, 1, -2.5, "1", "x", true, null),
    b: fc.constantFrom(0, 2, 0.1, "1", "", false),
  }),
);

const expressions = [
  ...["=", "<>", "<", "<=", ">", ">=", "+", "-", "*", "/", "%", "AND", "OR"].map(
    (operator) => `a ${operator} b`,
  ),
  ..."abs ceil floor round upper lower length isNull isUndefined topic"
    .split(" ")
    .map((name) => `${name}(a)`),
  ..."mod trunc substring startswith endswith indexof get concat".split(" ").map((name) => `${name}(a, b)`),
  ...["Int", "Decimal", "Boolean", "String"].map((type) => `cast(a AS ${type})`),
  ...["NOT a", "a.b.c", "[a, b]", "{'k': a}", "CASE a WHEN b THEN c ELSE a END"],
  ...[
    "encode(a, 'base64')",
    "decode(a, 'base64')",
    "encode(*, 'base64')",
    "parse_time('yyyy', a)",
    "regexp_matches(a, 'x$')",
    "clientid()",
  ],
];
const everyExpression = compileRule(
  `SELECT ${expressions.map((text, i) => `${text} AS x${i}`).join(", ")} FROM 'a/b'`,
  V2,
);

test("any JSON payload -> every expression has a value or none, and never throws", () => {
  fc.assert(
    fc.property(payloads, (payload) => {
      expect(() => JSON.parse(jsonText(everyExpression.evaluate(message(payload))))).not.toThrow();
    }),
  );
});

test("any bytes -> never throws, and fields are Undefined unless they are a JSON object", () => {
  const rule = compileRule("SELECT a, encode(*, 'base64') AS data FROM 'a' WHERE isUndefined(b)", V2);
  fc.assert(
    fc.property(fc.uint8Array(), (bytes) => {
      expect(rule.evaluate(message(bytes))).toEqual({ data: Buffer.from(bytes).toString("base64") });
    }),
  );
});

test("a = b -> the same as b = a, and the opposite of a <> b", () => {
  const sql = "SELECT a = b AS ab, b = a AS ba, NOT a <> b AS opposite FROM 'a'";
  fc.assert(
    fc.property(fc.jsonValue(), fc.jsonValue(), (a, b) => {
      const { ab, ba, opposite } = select(sql, { a, b }) ?? {};
      expect([ab, opposite]).toEqual([ba, ba]);
    }),
  );
});

test("a JSON value -> equals its own copy", () => {
  fc.assert(
    fc.property(fc.jsonValue(), (a) => {
      expect(select("SELECT a = b AS x FROM 'a'", { a, b: a })).toEqual({ x: true });
    }),
  );
});

test("a < b -> the same as b > a, and never together with a >= b", () => {
  const sql = "SELECT a < b AS less, b > a AS greater, a >= b AS atLeast FROM 'a'";
  fc.assert(
    fc.property(payloads, (payload) => {
      const { less, greater, atLeast } = select(sql, payload) ?? {};
      expect(greater).toBe(less);
      expect(atLeast).toBe(less === undefined ? undefined : !less);
    }),
  );
});

test("SELECT * -> the JSON object as it came", () => {
  fc.assert(
    fc.property(fc.dictionary(fc.string(), fc.jsonValue()), (payload) => {
      const arrived = JSON.parse(JSON.stringify(payload));
      expect(select("SELECT * FROM 'a'", payload)).toEqual(arrived);
    }),
  );
});

test("any text as a statement -> a rule or an SqlError with a position inside it", () => {
  const words = fc.constantFrom(
    "SELECT",
    "FROM",
    "'a'",
    "*",
    "a",
    "(",
    ")",
    ",",
    "CASE",
    "WHEN",
    "[",
    "1",
    "AS",
    "\n",
    "=",
  );
  const statements = fc.oneof(
    fc.string(),
    fc.array(words, { maxLength: 12 }).map((list) => list.join(" ")),
  );
  fc.assert(
    fc.property(statements, (sql) => {
      try {
        expect(compileRule(sql, V2).topicFilter).not.toBe("");
      } catch (error) {
        if (!(error instanceof SqlError)) throw error;
        expect(error.line).toBeLessThanOrEqual(sql.split("\n").length);
        expect(error.column).toBeGreaterThanOrEqual(1);
      }
    }),
  );
});
