/**
 * A strict evaluator for a named part of AWS IoT SQL, version 2016-03-23. Source: AWS IoT Core Developer Guide, "AWS
 * IoT SQL reference" and the pages below it.
 *
 * `SUPPORTED` in sql-error.ts names the part. Everything else is refused by `compileRule`, with its position: SET,
 * SELECT VALUE, nested queries, Protobuf, and functions that are not listed, among them those that call other services.
 * Text has no escapes; see lexer.ts. Of numbers: decimal.ts. Of payloads: json.ts.
 */
import { evaluate } from "./evaluate.ts";
import { parseStatement } from "./parser.ts";
import { type MessageContext, type OpenMessage, openMessage } from "./payload.ts";
import { RuleEvaluationError, SqlError } from "./sql-error.ts";
import type { Statement } from "./syntax.ts";
import { topicMatches } from "./topic-filter.ts";
import { isObject, objectOf, type SqlObject, type SqlValue } from "./values.ts";

/** The only version of IoT SQL that is emulated; a rule of another is refused. */
export const SQL_VERSION = "2016-03-23";

/** A compiled rule statement. */
export interface Rule {
  /** The FROM clause. */
  readonly topicFilter: string;
  /** Whether a message on this topic triggers the rule. `sensor/#` does not match `sensor`. */
  matches(topic: string): boolean;
  /**
   * The selection for the rule's actions; undefined when WHERE does not hold. Fields that are Undefined are left out.
   * It does not check the topic filter: call `matches` first.
   * @throws RuleEvaluationError when a `*` meets a payload that is not a JSON object, or a number is out of range.
   */
  evaluate(message: MessageContext): SqlObject | undefined;
}

/**
 * Reads a rule's SQL statement.
 * @throws SqlError with position, what was found and what is supported; also for any other SQL version.
 */
export function compileRule(sql: string, options: { readonly sqlVersion: string }): Rule {
  refuseOtherVersions(options.sqlVersion);
  const statement = parseStatement(sql);
  return {
    topicFilter: statement.topicFilter,
    matches: (topic) => topicMatches(statement.topicFilter, topic),
    evaluate: (message) => run(statement, openMessage(message)),
  };
}

/**
 * The guide names what differs in 2015-10-08 only in part ("SQL versions"): nested objects and arrays were mended
 * since, it does not say how. So that version cannot be emulated.
 */
function refuseOtherVersions(version: string): void {
  if (version === SQL_VERSION) return;
  const why =
    version === "2015-10-08"
      ? "AWS runs this version (and takes it where none is set), without literals of arrays and objects, nested queries, " +
        "encode, decode, parse_time, isUndefined and length, with 10.0 as a Decimal, and with other results for nested " +
        "objects and arrays, which its documentation does not state; it is not emulated: "
      : "";
  throw new SqlError(
    "sql-version",
    { line: 1, column: 1 },
    JSON.stringify(version),
    `${why}set AwsIotSqlVersion to ${SQL_VERSION}`,
  );
}

function run(statement: Statement, message: OpenMessage): SqlObject | undefined {
  // The documentation says "evaluates to true": the text "true", Undefined and all else do not.
  if (statement.where !== undefined && evaluate(statement.where, message) !== true) return undefined;
  const selected = new Map<string, SqlValue>();
  for (const { path, value } of statement.items) {
    if (value !== "*") put(selected, path, evaluate(value, message));
    else if (path.length > 0) put(selected, path, everything(message));
    else for (const [name, field] of Object.entries(everything(message))) selected.set(name, field);
  }
  return objectOf(selected);
}

function put(
  selected: Map<string, SqlValue>,
  [name = "", ...inner]: readonly string[],
  value: SqlValue,
): void {
  if (value === undefined) return;
  selected.set(name, inner.length === 0 ? value : within(selected.get(name), inner, value));
}

/** An object with the members of `there`, and the value under the rest of its name. */
function within(there: SqlValue, path: readonly string[], value: SqlValue): SqlObject {
  const members = new Map(isObject(there) ? Object.entries(there) : []);
  put(members, path, value);
  return objectOf(members);
}

function everything({ context, fields }: OpenMessage): SqlObject {
  if (fields !== undefined) return fields;
  throw new RuleEvaluationError(
    "payload-not-an-object",
    `SELECT * on topic ${JSON.stringify(context.topic)}: the payload is not a JSON object; ` +
      "select encode(*, 'base64') AS name for such messages",
  );
}
