import { cast } from "../../../../../simulator/local-cloud/iot/iot-sql/cast.ts";
import {
  toBoolean,
  toDecimal,
  toInt,
  toText,
} from "../../../../../simulator/local-cloud/iot/iot-sql/conversions.ts";
import { parseJson, plainJson } from "../../../../../simulator/local-cloud/iot/iot-sql/json.ts";
import type { SqlValue } from "../../../../../simulator/local-cloud/iot/iot-sql/values.ts";

/** A value of the language from one of JavaScript, and back; undefined stands for Undefined. */
const sqlOf = (value: unknown): SqlValue =>
  value === undefined ? undefined : parseJson(new TextEncoder().encode(JSON.stringify(value)));
const plain = (value: SqlValue): unknown => (value === undefined ? undefined : plainJson(value));

/** iot-sql-data-types, "Conversions", with the rows in the page's order. `U` is Undefined. */
const U = undefined;
const conversions: readonly (readonly unknown[])[] = [
  // value, to decimal, to int, to boolean, to string
  [7, 7, 7, U, "7"],
  [-2.5, -2.5, -3, U, "-2.5"],
  [1.4, 1.4, 1, U, "1.4"],
  [1e-12, 1e-12, 0, U, "1E-12"],
  [1e21, 1e21, 1e21, U, "1000000000000000000000"],
  [true, U, U, true, "true"],
  [false, U, U, false, "false"],
  ["0", 0, 0, U, "0"],
  ["-1.2", -1.2, -1, U, "-1.2"],
  ["1.9", 1.9, 1, U, "1.9"],
  ["5E-12", 5e-12, 0, U, "5E-12"],
  ["+1", U, U, U, "+1"],
  [".5", U, U, U, ".5"],
  [" 1", U, U, U, " 1"],
  ["1E+5", U, U, U, "1E+5"],
  ["1E1000", U, U, U, "1E1000"],
  ["1E-1000", U, U, U, "1E-1000"],
  ["", U, U, U, ""],
  ["tRuE", U, U, true, "tRuE"],
  ["FALSE", U, U, false, "FALSE"],
  [[1, "a", true, null], U, U, U, '[1,"a",true,null]'],
  [{ a: 1, b: "c" }, U, U, U, '{"a":1,"b":"c"}'],
  [null, U, U, U, U],
  [U, U, U, U, U],
];

test.each(conversions)("%j -> standard conversions", (value, decimal, int, boolean, text) => {
  const sql = sqlOf(value);
  expect([toDecimal(sql), toInt(sql), toBoolean(sql), toText(sql)].map(plain)).toEqual([
    decimal,
    int,
    boolean,
    text,
  ]);
});

/** iot-sql-functions, "cast()". */
const casts: readonly (readonly unknown[])[] = [
  // value, Decimal, Int, Boolean, String
  [10, 10, 10, true, "10"],
  [1.9, 1.9, 1, true, "1.9"],
  [-1.1, -1.1, -2, true, "-1.1"],
  [0, 0, 0, false, "0"],
  [true, 1, 1, true, "true"],
  [false, 0, 0, false, "false"],
  ["1.9", 1.9, 1, U, "1.9"],
  ["True", U, U, true, "True"],
  ["x", U, U, U, "x"],
  [[1], U, U, U, "[1]"],
  [{}, U, U, U, "{}"],
  [null, U, U, U, U],
  [U, U, U, U, U],
];

test.each(casts)("%j -> cast to each type", (value, decimal, int, boolean, text) => {
  const results = (["Decimal", "Int", "Boolean", "String"] as const).map((target) =>
    plain(cast(sqlOf(value), target)),
  );
  expect(results).toEqual([decimal, int, boolean, text]);
});
