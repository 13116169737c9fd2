/** What begins with a name: a field of the payload, or a call. */
import { castTargets } from "./cast.ts";
import { type SqlFunction, sqlFunctions } from "./functions.ts";
import type { Token } from "./lexer.ts";
import { compilePattern } from "./pattern.ts";
import type { Expression } from "./syntax.ts";
import type { TokenReader } from "./token-reader.ts";

type ParseExpression = (reader: TokenReader) => Expression;

/** Calls with a syntax of their own; the reader stands after the opening parenthesis. */
const specialForms: ReadonlyMap<string, (reader: TokenReader, parse: ParseExpression) => Expression> =
  new Map([
    ["cast", parseCast],
    ["encode", parseEncode],
    ["regexp_matches", parseMatches],
  ]);

/** Throws SqlError. `parse` reads an argument. */
export function parseNamed(reader: TokenReader, parse: ParseExpression): Expression {
  const name = reader.take();
  if (!reader.takeIf("(")) return { kind: "field", name: name.text };
  const special = specialForms.get(name.text.toLowerCase());
  const expression = special === undefined ? parseCall(reader, name, parse) : special(reader, parse);
  reader.expect(")", `to close ${name.text}(`);
  return expression;
}

function parseCall(reader: TokenReader, name: Token, parse: ParseExpression): Expression {
  const callee = sqlFunctions.get(name.text.toLowerCase());
  if (callee === undefined) throw reader.refusal("sql-unsupported", "this function is not supported", name);
  const args: Expression[] = [];
  while (!reader.sees(")") && (args.length === 0 || reader.takeIf(","))) args.push(parse(reader));
  const [fewest, most] = callee.arity;
  if (args.length < fewest || args.length > most) {
    throw reader.refusal("sql-unsupported", `${arityText(callee)}, not ${args.length}`, name);
  }
  return { kind: "call", callee, args };
}

function arityText({ arity: [fewest, most] }: SqlFunction): string {
  if (fewest === most) return `takes ${most} argument(s)`;
  return most === Number.POSITIVE_INFINITY
    ? `takes ${fewest} arguments or more`
    : `takes ${fewest} to ${most} arguments`;
}

function parseCast(reader: TokenReader, parse: ParseExpression): Expression {
  const operand = parse(reader);
  reader.expect("AS", "and a type: cast(value AS Int)");
  const target = castTargets.get(reader.peek().text.toLowerCase());
  if (target === undefined || reader.peek().kind !== "word") {
    throw reader.refusal("sql-syntax", `expected a type: ${[...castTargets.keys()].join(", ")}`);
  }
  reader.take();
  return { kind: "cast", operand, target };
}

function parseEncode(reader: TokenReader, parse: ParseExpression): Expression {
  const operand = reader.takeIf("*") ? "payload" : parse(reader);
  reader.expect(",", "and a scheme: encode(value, 'base64')");
  const scheme = reader.peek();
  if (scheme.kind !== "text" || scheme.text !== "base64") {
    throw reader.refusal("sql-unsupported", "the scheme of encode() is the text 'base64'");
  }
  reader.take();
  return { kind: "encode", operand };
}

function parseMatches(reader: TokenReader, parse: ParseExpression): Expression {
  const operand = parse(reader);
  reader.expect(",", "and a pattern: regexp_matches(value, 'pattern')");
  const token = reader.peek();
  if (token.kind !== "text") {
    throw reader.refusal("sql-unsupported", "the pattern of regexp_matches() is a quoted text here");
  }
  const pattern = compilePattern(reader.take().text);
  if (pattern instanceof RegExp) return { kind: "matches", operand, pattern };
  throw reader.refusal("sql-unsupported", pattern.problem, token);
}
