/**
 * A strict evaluator for a named part of AWS IoT SQL, version 2016-03-23.
 * Source: AWS IoT Core Developer Guide, "AWS IoT SQL reference" and the pages below it.
 *
 * `SUPPORTED` in sql-error.ts names the part. Everything else is refused by `compileRule`, with its position: SET, SELECT
 * VALUE, nested queries, substitution templates, Protobuf, decode(), parse_time(), newuuid(), and functions that call
 * other services. Text has no escapes; see lexer.ts. Limits of numbers: values.ts. Of payloads: payload.ts.
 */
import { evaluate } from "./evaluate.ts";
import { parseStatement } from "./parser.ts";
import { type MessageContext, type OpenMessage, openMessage } from "./payload.ts";
import { RuleEvaluationError, SqlError } from "./sql-error.ts";
import type { Statement } from "./syntax.ts";
import { topicMatches } from "./topic-filter.ts";
import { objectOf, type SqlValue } from "./values.ts";

export const SQL_VERSION = "2016-03-23";

/** A compiled rule statement. */
export interface Rule {
  /** The FROM clause. */
  readonly topicFilter: string;
  /** Whether a message on this topic triggers the rule. `sensor/#` does not match `sensor`. */
  matches(topic: string): boolean;
  /**
   * What the rule hands to its actions; undefined when WHERE does not hold. Fields that are Undefined are left out.
   * Does not look at the topic filter again: ask `matches` first.
   * @throws RuleEvaluationError when the statement has `SELECT *` and the payload is not a JSON object.
   */
  evaluate(message: MessageContext): Record<string, unknown> | undefined;
}

/**
 * Reads a rule's SQL statement.
 * @throws SqlError with position, what was found and what is supported; also for any other SQL version.
 */
export function compileRule(sql: string, options: { readonly sqlVersion: string }): Rule {
  if (options.sqlVersion !== SQL_VERSION) {
    const found = JSON.stringify(options.sqlVersion);
    throw new SqlError(
      "sql-version",
      { line: 1, column: 1 },
      found,
      `set awsIotSqlVersion to ${SQL_VERSION}`,
    );
  }
  const statement = parseStatement(sql);
  return {
    topicFilter: statement.topicFilter,
    matches: (topic) => topicMatches(statement.topicFilter, topic),
    evaluate: (message) => run(statement, openMessage(message)),
  };
}

function run(statement: Statement, message: OpenMessage): Record<string, unknown> | undefined {
  // The documentation says "evaluates to true": the text "true", Undefined and all else do not.
  if (statement.where !== undefined && evaluate(statement.where, message) !== true) return undefined;
  const selected = statement.items.map(({ name, value }) => [name, evaluate(value, message)] as const);
  return objectOf([...everything(statement, message), ...selected]) as Record<string, unknown>;
}

function everything(statement: Statement, message: OpenMessage): readonly (readonly [string, SqlValue])[] {
  if (!statement.everything) return [];
  if (message.fields !== undefined) return Object.entries(message.fields);
  throw new RuleEvaluationError(
    `SELECT * on topic ${JSON.stringify(message.context.topic)}: the payload is not a JSON object; ` +
      "select encode(*, 'base64') AS name for such messages",
  );
}
