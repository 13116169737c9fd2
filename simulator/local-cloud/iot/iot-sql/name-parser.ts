/** Parses expressions that begin with a name: a field of the payload, or a call. */
import { decodeBase64, encodeBase64 } from "./base64.ts";
import { cast, castTargets } from "./cast.ts";
import { toInt, toText } from "./conversions.ts";
import { type SqlFunction, sqlFunctions } from "./functions.ts";
import type { Token } from "./lexer.ts";
import { compilePattern } from "./pattern.ts";
import type { Expression } from "./syntax.ts";
import { compileTimeFormat } from "./time-format.ts";
import type { TokenReader } from "./token-reader.ts";

type ParseExpression = (reader: TokenReader) => Expression;

/** Reads the arguments of a call with a syntax of its own; the reader stands after the opening parenthesis. */
type ParseSpecial = (reader: TokenReader, parse: ParseExpression) => Special;
interface Special {
  readonly args: readonly Expression[];
  readonly call: SqlFunction["call"];
}

const specialForms: ReadonlyMap<string, ParseSpecial> = new Map<string, ParseSpecial>([
  ["cast", parseCast],
  ["encode", parseEncode],
  ["decode", parseDecode],
  ["regexp_matches", parseMatches],
  ["parse_time", parseParseTime],
]);

/** Parses such an expression. @param parse reads an argument @throws SqlError */
export function parseNamed(reader: TokenReader, parse: ParseExpression): Expression {
  const name = reader.take();
  if (!reader.takeIf("(")) return { kind: "field", name: name.text };
  const special = specialForms.get(name.text.toLowerCase());
  const expression =
    special === undefined ? parseCall(reader, name, parse) : called(name, special(reader, parse));
  reader.expect(")", `to close ${name.text}(`);
  return expression;
}

const called = (name: Token, { args, call }: Special): Expression => ({
  kind: "call",
  name: name.text,
  callee: { arity: [args.length, args.length], call },
  args,
});

function parseCall(reader: TokenReader, name: Token, parse: ParseExpression): Expression {
  const callee = sqlFunctions.get(name.text.toLowerCase());
  if (callee === undefined) throw reader.refusal("sql-unsupported", "this function is not supported", name);
  const args: Expression[] = [];
  while (!reader.sees(")") && (args.length === 0 || reader.takeIf(","))) args.push(parse(reader));
  const [fewest, most] = callee.arity;
  if (args.length < fewest || args.length > most) {
    throw reader.refusal("sql-unsupported", `${arityText(callee)}, not ${args.length}`, name);
  }
  return { kind: "call", name: name.text, callee, args };
}

function arityText({ arity: [fewest, most] }: SqlFunction): string {
  if (fewest === most) return `takes ${most} argument(s)`;
  return most === Number.POSITIVE_INFINITY
    ? `takes ${fewest} arguments or more`
    : `takes ${fewest} to ${most} arguments`;
}

function parseCast(reader: TokenReader, parse: ParseExpression): Special {
  const operand = parse(reader);
  reader.expect("AS", "and a type: cast(value AS Int)");
  const target = castTargets.get(reader.peek().text.toLowerCase());
  if (target === undefined || reader.peek().kind !== "word") {
    throw reader.refusal("sql-syntax", `expected a type: ${[...castTargets.keys()].join(", ")}`);
  }
  reader.take();
  return { args: [operand], call: ([value]) => cast(value, target) };
}

function parseEncode(reader: TokenReader, parse: ParseExpression): Special {
  const operand = reader.takeIf("*") ? undefined : parse(reader);
  takeScheme(reader, "encode");
  if (operand !== undefined) return { args: [operand], call: ([value]) => encodeBase64(value) };
  return { args: [], call: (_, { context }) => Buffer.from(context.payload).toString("base64") };
}

function parseDecode(reader: TokenReader, parse: ParseExpression): Special {
  const operand = parse(reader);
  takeScheme(reader, "decode");
  return { args: [operand], call: ([value]) => decodeBase64(value) };
}

function takeScheme(reader: TokenReader, name: string): void {
  reader.expect(",", `and a scheme: ${name}(value, 'base64')`);
  const scheme = reader.peek();
  if (scheme.kind !== "text" || scheme.text !== "base64")
    throw reader.refusal("sql-unsupported", `the scheme of ${name}() is the text 'base64'`);
  reader.take();
}

function parseMatches(reader: TokenReader, parse: ParseExpression): Special {
  const operand = parse(reader);
  reader.expect(",", "and a pattern: regexp_matches(value, 'pattern')");
  const token = takeText(reader, "the pattern of regexp_matches()");
  const pattern = compilePattern(token.text);
  if (!("test" in pattern)) throw reader.refusal("sql-unsupported", pattern.problem, token);
  return {
    args: [operand],
    call: ([value]) => {
      const text = toText(value);
      return text === undefined ? undefined : pattern.test(text);
    },
  };
}

function parseParseTime(reader: TokenReader, parse: ParseExpression): Special {
  const pattern = takeText(reader, "the pattern of parse_time()");
  reader.expect(",", "and a time: parse_time('yyyy-MM-dd', timestamp())");
  const time = parse(reader);
  const zone = reader.takeIf(",") ? takeText(reader, "the time zone of parse_time()").text : "UTC";
  const format = compileTimeFormat(pattern.text, zone);
  if ("problem" in format) throw reader.refusal("sql-unsupported", format.problem, pattern);
  return {
    args: [time],
    call: ([value]) => {
      const ms = toInt(value);
      return ms === undefined ? undefined : format(ms.toNumber());
    },
  };
}

function takeText(reader: TokenReader, what: string): Token {
  if (reader.peek().kind !== "text") throw reader.refusal("sql-unsupported", `${what} is a quoted text here`);
  return reader.take();
}
