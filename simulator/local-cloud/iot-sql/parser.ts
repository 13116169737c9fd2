/**
 * The clauses of a rule statement.
 * Source: AWS IoT Core Developer Guide, "AWS IoT SQL reference", "SELECT clause", "FROM clause", "WHERE clause".
 *
 * Refused: SET, SELECT VALUE, nested queries, an expression other than a field without a name (AS), two items of one
 * name, `*` anywhere but first, and a statement without FROM (Basic Ingest only).
 */
import { parseExpression } from "./expression-parser.ts";
import { tokenize } from "./lexer.ts";
import type { SelectItem, Statement } from "./syntax.ts";
import { isReserved, TokenReader } from "./token-reader.ts";
import { topicFilterProblem } from "./topic-filter.ts";

/** Throws SqlError. */
export function parseStatement(sql: string): Statement {
  const reader = new TokenReader(tokenize(sql));
  if (reader.sees("SET")) throw reader.refusal("sql-unsupported", "SET is not supported");
  reader.expect("SELECT", "at the start of the statement");
  const everything = reader.takeIf("*");
  const items = everything && !reader.takeIf(",") ? [] : parseItems(reader);
  const topicFilter = parseFrom(reader);
  const where = parseWhere(reader);
  if (reader.peek().kind !== "end") throw reader.refusal("sql-syntax", "expected the end of the statement");
  return { everything, items, topicFilter, where };
}

function parseItems(reader: TokenReader): SelectItem[] {
  if (reader.sees("VALUE") && !reader.sees("(", 1)) {
    throw reader.refusal("sql-unsupported", "SELECT VALUE, and a field named value, are not supported");
  }
  const items: SelectItem[] = [];
  do items.push(parseItem(reader, items));
  while (reader.takeIf(","));
  return items;
}

function parseItem(reader: TokenReader, earlier: readonly SelectItem[]): SelectItem {
  if (reader.sees("*"))
    throw reader.refusal("sql-unsupported", "* comes first, as in SELECT *, expression AS name");
  const first = reader.peek();
  const value = parseExpression(reader);
  const name = reader.takeIf("AS") ? parseAlias(reader) : value.kind === "field" ? value.name : undefined;
  if (name === undefined) {
    throw reader.refusal("sql-unsupported", "an item that is not a plain field needs a name: add AS name");
  }
  if (earlier.some((item) => item.name === name)) {
    throw reader.refusal(
      "sql-unsupported",
      `two items are named ${name}; give one another name with AS`,
      first,
    );
  }
  return { name, value };
}

function parseAlias(reader: TokenReader): string {
  const token = reader.peek();
  if (token.kind !== "word" || (isReserved(token) && !reader.sees("VALUE"))) {
    throw reader.refusal("sql-syntax", "a name after AS is a plain word that is not reserved");
  }
  const name = reader.take().text;
  if (reader.sees(".")) throw reader.refusal("sql-unsupported", "a name after AS has no point");
  return name;
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
