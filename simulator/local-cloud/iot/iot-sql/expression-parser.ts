/**
 * Expressions of a rule statement, by descent. The documentation gives no precedence; this is ANSI SQL's, which the
 * "SELECT clause" page refers to: OR, AND, NOT, comparison, + and -, then * / %. Comparisons do not chain.
 */
import { decimalOf } from "./decimal.ts";
import { parseNamed } from "./name-parser.ts";
import type { BinaryOperator } from "./operators.ts";
import type { Case, Expression } from "./syntax.ts";
import { isReserved, type TokenReader } from "./token-reader.ts";
import type { SqlValue } from "./values.ts";

type Parse = (reader: TokenReader) => Expression;

const COMPARISONS = ["=", "<>", "<=", ">=", "<", ">"] as const;
const CONSTANTS: ReadonlyMap<string, SqlValue> = new Map<string, SqlValue>([
  ["TRUE", true],
  ["FALSE", false],
  ["NULL", null],
]);

const leftToRight =
  (operators: readonly BinaryOperator[], operand: Parse): Parse =>
  (reader) => {
    let left = operand(reader);
    for (;;) {
      const operator = reader.takeOneOf(operators);
      if (operator === undefined) return left;
      left = { kind: "binary", operator, left, right: operand(reader) };
    }
  };

const parseProduct = leftToRight(["*", "/", "%"], parseMember);
const parseSum = leftToRight(["+", "-"], parseProduct);
const parseConjunction = leftToRight(["AND"], parseNegation);
const parseDisjunction = leftToRight(["OR"], parseConjunction);

/** Parses an expression. @throws SqlError */
export function parseExpression(reader: TokenReader): Expression {
  return parseDisjunction(reader);
}

function parseNegation(reader: TokenReader): Expression {
  return reader.takeIf("NOT") ? { kind: "not", operand: parseNegation(reader) } : parseComparison(reader);
}

function parseComparison(reader: TokenReader): Expression {
  const left = parseSum(reader);
  if (reader.sees("IN")) return parseIn(reader, left);
  const operator = reader.takeOneOf(COMPARISONS);
  if (operator === undefined) return left;
  const right = parseSum(reader);
  if (COMPARISONS.some((text) => reader.sees(text))) {
    throw reader.refusal("sql-unsupported", "comparisons do not chain; use AND, or parentheses");
  }
  return { kind: "binary", operator, left, right };
}

function parseIn(reader: TokenReader, left: Expression): Expression {
  if (!reader.inWhere) throw reader.refusal("sql-unsupported", "IN is documented for the WHERE clause only");
  reader.take();
  if (reader.sees("(")) throw reader.refusal("sql-unsupported", "IN takes an array, such as [1, 2]");
  return { kind: "binary", operator: "IN", left, right: parseSum(reader) };
}

function parseMember(reader: TokenReader): Expression {
  let object = parsePrimary(reader);
  while (reader.takeIf(".")) {
    const name = reader.peek();
    if (name.kind !== "word") {
      throw reader.refusal(
        "sql-syntax",
        "after a point comes a plain name; for any other use get(object, 'name')",
      );
    }
    reader.take();
    object = { kind: "member", object, name: name.text };
  }
  return object;
}

function parsePrimary(reader: TokenReader): Expression {
  const token = reader.peek();
  if (token.kind === "text") return { kind: "literal", value: reader.take().text };
  if (token.kind === "number") return { kind: "literal", value: decimalOf(reader.take().text) };
  if (reader.sees("CASE")) return parseCase(reader);
  const constant = token.kind === "word" ? CONSTANTS.get(token.text.toUpperCase()) : undefined;
  if (constant !== undefined) {
    reader.take();
    return { kind: "literal", value: constant };
  }
  if (token.kind === "word" && !isReserved(token)) return parseNamed(reader, parseExpression);
  if (token.kind === "symbol") return parseBracketed(reader);
  throw reader.refusal("sql-syntax", "expected a value; a reserved word cannot name a field");
}

function parseBracketed(reader: TokenReader): Expression {
  if (reader.takeIf("-")) return parseNegativeNumber(reader);
  if (reader.takeIf("[")) {
    return { kind: "array", items: parseList(reader, "]", () => parseExpression(reader)) };
  }
  if (reader.takeIf("{")) {
    return { kind: "object", entries: parseList(reader, "}", () => parseEntry(reader)) };
  }
  reader.expect("(", "or another value");
  if (reader.sees("SELECT")) throw reader.refusal("sql-unsupported", "nested queries are not supported");
  const inside = parseExpression(reader);
  reader.expect(")", "to close the parenthesis");
  return inside;
}

function parseNegativeNumber(reader: TokenReader): Expression {
  if (reader.peek().kind !== "number") {
    throw reader.refusal("sql-unsupported", "a minus sign stands before a number only; write 0 - value");
  }
  return { kind: "literal", value: decimalOf(`-${reader.take().text}`) };
}

function parseList<Item>(reader: TokenReader, close: "]" | "}", parseItem: () => Item): Item[] {
  const items: Item[] = [];
  if (reader.takeIf(close)) return items;
  do items.push(parseItem());
  while (reader.takeIf(","));
  reader.expect(close, "or a comma");
  return items;
}

function parseEntry(reader: TokenReader): readonly [string, Expression] {
  if (reader.peek().kind !== "text")
    throw reader.refusal("sql-syntax", "the key of an object is a quoted text");
  const key = reader.take().text;
  reader.expect(":", "after the key of an object");
  return [key, parseExpression(reader)];
}

function parseCase(reader: TokenReader): Case {
  reader.take();
  if (reader.sees("WHEN")) {
    throw reader.refusal("sql-unsupported", "CASE needs a value: CASE condition WHEN true THEN …");
  }
  const operand = parseExpression(reader);
  const branches: Case["branches"][number][] = [];
  reader.expect("WHEN", "after the value of CASE");
  do {
    const when = parseExpression(reader);
    reader.expect("THEN", "after the value of WHEN");
    branches.push({ when, result: parseExpression(reader) });
  } while (reader.takeIf("WHEN"));
  const otherwise = reader.takeIf("ELSE") ? parseExpression(reader) : undefined;
  reader.expect("END", "to close CASE");
  return { kind: "case", operand, branches, otherwise };
}
