/**
 * Words of a rule's SQL statement.
 *
 * Text stands in single or double quotes, exactly as written. A backslash in it is refused: the documentation does not
 * say whether the rules engine takes it as it is or as an escape, so a pattern writes `[0-9]` for a digit and `[.]` for
 * a point. A quote inside text is written by using the other quote mark. Comments are refused, as AWS does ("AWS IoT
 * SQL reference").
 */
import { decimalOf } from "./decimal.ts";
import { SqlError, type SqlPosition } from "./sql-error.ts";

/** A word of a statement, with its place. */
export interface Token extends SqlPosition {
  readonly kind: "word" | "number" | "text" | "symbol" | "end";
  /** As written; for `text` without its quotes. */
  readonly text: string;
  /** The token as it is quoted in an error. */
  readonly found: string;
}

const SPACE = /\s+/y;
/** The shapes of tokens, in the order in which they are tried: longer ones first. */
const SHAPES: readonly (readonly [Token["kind"], RegExp])[] = [
  ["word", /[A-Za-z_][A-Za-z0-9_]*/y],
  ["number", /\d+(?:\.\d+)?(?:[eE]-?\d+)?(?![\w.])/y],
  ["text", /'[^']*'|"[^"]*"/y],
  ["symbol", /<>|<=|>=|[()[\]{},:.*/%+\-=<>]/y],
];

/** "Data types". */
const DIGITS_MAX = 34;

/** What people write, and what to write instead. */
const REFUSED: readonly (readonly [RegExp, string])[] = [
  [/--|\/\*/y, "comments are not supported"],
  [/!=/y, "write <> for unequal"],
  [/==/y, "write = for equal"],
  [/\|\|/y, "write concat(a, b) to join text"],
  [/`/y, "a name is written without quotes"],
  [/@\w*/y, "variables (SET) are not supported"],
  [/;/y, "a rule is one statement without a semicolon"],
  [/['"]/y, "text without its closing quote mark"],
  [/\d[\w.]*/y, "not a number"],
];

/** Splits a statement into tokens; the last one has kind `end`. @throws SqlError */
export function tokenize(sql: string): readonly Token[] {
  const tokens: Token[] = [];
  let offset = skipSpace(sql, 0);
  while (offset < sql.length) {
    const token = readToken(sql, offset);
    tokens.push(token);
    offset = skipSpace(sql, offset + (token.kind === "text" ? token.text.length + 2 : token.text.length));
  }
  return [
    ...tokens,
    { kind: "end", text: "", found: "the end of the statement", ...positionOf(sql, offset) },
  ];
}

function readToken(sql: string, offset: number): Token {
  const at = positionOf(sql, offset);
  const refused = REFUSED.slice(0, 3).find(([shape]) => matchAt(shape, sql, offset) !== undefined);
  for (const [kind, shape] of refused === undefined ? SHAPES : []) {
    const found = matchAt(shape, sql, offset);
    if (found !== undefined) return toToken(kind, found, at);
  }
  throw refusal(sql, offset, at);
}

function toToken(kind: Token["kind"], found: string, at: SqlPosition): Token {
  const text = kind === "text" ? found.slice(1, -1) : found;
  if (kind === "text" && text.includes("\\")) {
    throw new SqlError(
      "sql-unsupported",
      at,
      found,
      "text with a backslash; write [0-9] for a digit, [.] for a point",
    );
  }
  if (kind === "number") checkNumber(text, found, at);
  return { kind, text, found: kind === "word" || kind === "text" ? found : `"${found}"`, ...at };
}

function checkNumber(text: string, found: string, at: SqlPosition): void {
  if (decimalOf(text) === undefined)
    throw new SqlError("sql-syntax", at, found, "a number has a magnitude from 1E-999 to 9.99…E999");
  if (text.replace(/[eE].*$/, "").replace(/^0+|[.]/g, "").length > DIGITS_MAX)
    throw new SqlError("sql-syntax", at, found, `a number has ${DIGITS_MAX} digits at most`);
}

function refusal(sql: string, offset: number, at: SqlPosition): SqlError {
  for (const [shape, problem] of REFUSED) {
    const found = matchAt(shape, sql, offset);
    if (found !== undefined) return new SqlError("sql-syntax", at, `"${found}"`, problem);
  }
  const character = String.fromCodePoint(sql.codePointAt(offset) ?? 0);
  return new SqlError(
    "sql-syntax",
    at,
    JSON.stringify(character),
    "this character has no meaning outside text",
  );
}

function matchAt(shape: RegExp, sql: string, offset: number): string | undefined {
  shape.lastIndex = offset;
  return shape.exec(sql)?.[0];
}

const skipSpace = (sql: string, offset: number): number =>
  offset + (matchAt(SPACE, sql, offset)?.length ?? 0);

function positionOf(sql: string, offset: number): SqlPosition {
  const lines = sql.slice(0, offset).split("\n");
  return { line: lines.length, column: (lines.at(-1)?.length ?? 0) + 1 };
}
