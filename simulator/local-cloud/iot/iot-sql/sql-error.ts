/**
 * Refusals of the rule SQL evaluator. A statement is refused when the rule is loaded, never skipped or guessed at.
 */

/** What a statement may contain; every refusal ends with it. */
export const SUPPORTED = [
  "SELECT *, * AS name, field, field.member, function(), expression AS name.inner, … in any order",
  "FROM 'topic/filter'; WHERE expression",
  "operators: + - * / %  = <> < <= > >=  AND OR NOT; IN [array] (WHERE only); parentheses; field.member",
  "literals: 'text' \"text\" 1 -2.5 1E-3 (34 digits) true false NULL [a, b] {'key': value}",
  "CASE value WHEN t THEN r … [ELSE e] END; cast(value AS Int|Decimal|Boolean|String)",
  "functions: abs accountid ceil clientid concat decode(…, 'base64') encode(…, 'base64') endswith floor get indexof",
  "  isNull isUndefined length lower mod newuuid parse_time('pattern', time, 'zone') principal",
  "  regexp_matches(value, 'pattern') round startswith substring timestamp topic traceid trunc upper",
] as const;

/**
 * `sql-syntax`: it is no statement. `sql-unsupported`: AWS may accept it, this evaluator does not. `sql-version`:
 * another version.
 */
export type SqlErrorCode = "sql-syntax" | "sql-unsupported" | "sql-version";

/** A place in a statement; line and column are counted from 1. */
export interface SqlPosition {
  readonly line: number;
  readonly column: number;
}

/** Thrown by `compileRule`. The message has the position, what was found there, what to do, and what is supported. */
export class SqlError extends Error {
  override readonly name = "SqlError";
  readonly code: SqlErrorCode;
  readonly line: number;
  readonly column: number;
  /** The piece of the statement that was refused. */
  readonly found: string;

  constructor(code: SqlErrorCode, at: SqlPosition, found: string, problem: string) {
    super(
      `SQL line ${at.line}, column ${at.column}: found ${found}: ${problem}\nSupported:\n  ${SUPPORTED.join("\n  ")}`,
    );
    this.code = code;
    this.line = at.line;
    this.column = at.column;
    this.found = found;
  }
}

/**
 * - `payload-not-an-object`: `*` meets a payload that is not a JSON object. AWS hands the raw bytes to the action then
 *   ("Working with binary payloads"); the actions emulated here all need an object.
 * - `number-out-of-range`: the payload holds a number that AWS IoT SQL cannot.
 */
export type RuleEvaluationErrorCode = "payload-not-an-object" | "number-out-of-range";

/** Thrown by `Rule.evaluate`: the message cannot be given to the actions. */
export class RuleEvaluationError extends Error {
  override readonly name = "RuleEvaluationError";
  readonly code: RuleEvaluationErrorCode;

  constructor(code: RuleEvaluationErrorCode, problem: string) {
    super(problem);
    this.code = code;
  }
}
