/**
 * The clauses of a rule statement. Source: AWS IoT Core Developer Guide, "AWS IoT SQL reference", "SELECT clause",
 * "FROM clause", "WHERE clause".
 *
 * An item without AS is named by the last part of a field, or by a function's name as it is written; the guide does not
 * say so, people who use it do. A dotted name makes objects within objects (`SELECT * AS state.reported`). Items are
 * put together in their order: of two values of one name, which `*` may bring, the later one counts.
 *
 * Refused: SET, SELECT VALUE, nested queries, any other item without a name, two items of one name, two `*` without
 * one, and a statement without FROM (Basic Ingest only).
 */
import { parseExpression } from "./expression-parser.ts";
import { tokenize } from "./lexer.ts";
import type { Expression, SelectItem, Statement } from "./syntax.ts";
import { isReserved, TokenReader } from "./token-reader.ts";
import { topicFilterProblem } from "./topic-filter.ts";

/** Parses a rule statement. @throws SqlError */
export function parseStatement(sql: string): Statement {
  const reader = new TokenReader(tokenize(sql));
  if (reader.sees("SET")) throw reader.refusal("sql-unsupported", "SET is not supported");
  reader.expect("SELECT", "at the start of the statement");
  const items = parseItems(reader);
  const topicFilter = parseFrom(reader);
  const where = parseWhere(reader);
  if (reader.peek().kind !== "end") throw reader.refusal("sql-syntax", "expected the end of the statement");
  return { items, topicFilter, where };
}

function parseItems(reader: TokenReader): SelectItem[] {
  const items: SelectItem[] = [];
  do items.push(parseItem(reader, items));
  while (reader.takeIf(","));
  return items;
}

function parseItem(reader: TokenReader, earlier: readonly SelectItem[]): SelectItem {
  refuseSelectValue(reader);
  const first = reader.peek();
  const value = reader.takeIf("*") ? "*" : parseExpression(reader);
  const path = reader.takeIf("AS") ? parseAlias(reader) : ownName(value);
  if (path === undefined)
    throw reader.refusal(
      "sql-unsupported",
      "an item that is neither a field nor a call needs a name: add AS name",
    );
  const other = earlier.find((item) => collide(item.path, path));
  if (other === undefined) return { path, value };
  const both = path.length === 0 ? "* without a name" : path.join(".");
  const problem =
    other.path.length === path.length
      ? `two items are named ${both}`
      : `${both} and ${other.path.join(".")} are in one another's place`;
  throw reader.refusal("sql-unsupported", `${problem}; give one another name with AS`, first);
}

/** Whether two names are equal, or one begins with the other. A `*` without a name collides only with another one. */
function collide(one: readonly string[], other: readonly string[]): boolean {
  if (one.length === 0 || other.length === 0) return one.length === other.length;
  return one.slice(0, other.length).join(".") === other.slice(0, one.length).join(".");
}

/** `value` is a field as well: the keyword is one where what follows can only begin an expression. */
function refuseSelectValue(reader: TokenReader): void {
  if (!reader.sees("VALUE")) return;
  const next = reader.peek(1);
  const begins =
    next.kind === "text" ||
    next.kind === "number" ||
    (next.kind === "word" &&
      (!isReserved(next) || ["CASE", "NOT", "NULL", "TRUE", "FALSE"].some((word) => reader.sees(word, 1)))) ||
    ["[", "{", "("].some((symbol) => reader.sees(symbol, 1)) ||
    (reader.sees("*", 1) && reader.sees("FROM", 2));
  if (begins) throw reader.refusal("sql-unsupported", "SELECT VALUE is not supported");
}

function ownName(value: Expression | "*"): readonly string[] | undefined {
  if (value === "*") return [];
  const named = value.kind === "field" || value.kind === "member" || value.kind === "call";
  return named ? [value.name] : undefined;
}

function parseAlias(reader: TokenReader): readonly string[] {
  const names: string[] = [];
  do {
    const token = reader.peek();
    if (token.kind !== "word" || isReserved(token))
      throw reader.refusal("sql-syntax", "a name after AS is a plain word that is not reserved");
    names.push(reader.take().text);
  } while (reader.takeIf("."));
  return names;
}

function parseFrom(reader: TokenReader): string {
  reader.expect("FROM", "and a topic filter after the selected items");
  const token = reader.peek();
  const quoted = token.kind === "text" && token.found.startsWith("'");
  if (!quoted) throw reader.refusal("sql-syntax", "the topic filter stands in single quotes");
  const problem = topicFilterProblem(token.text);
  if (problem !== undefined) throw reader.refusal("sql-syntax", problem);
  return reader.take().text;
}

function parseWhere(reader: TokenReader): Statement["where"] {
  if (!reader.takeIf("WHERE")) return undefined;
  reader.inWhere = true;
  return parseExpression(reader);
}
