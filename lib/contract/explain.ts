/**
 * Explains what is wrong with a message and what is expected, for the logs of the function and of the local cloud.
 * Values are never repeated, so that a hostile message cannot write the log.
 */
import type * as z from "zod/mini";
import { INSTANT_PATTERN } from "./messages.ts";
import { CLUSTER_ID } from "./topics.ts";

/** Most mistakes that are shown: enough to find the cause, without filling the log. */
const SHOWN_MAX = 5;
const KEY_LENGTH_MAX = 40;

const TYPES: Readonly<Record<string, string>> = {
  array: "a list",
  boolean: "true or false",
  int: "a whole number",
  number: "a number",
  object: "an object",
  string: "a text",
};

/** By regular expression, as an issue has it: its meaning in words. */
const PATTERNS: Readonly<Record<string, string>> = {
  [String(new RegExp(INSTANT_PATTERN))]:
    "a time of the calendar in UTC with milliseconds, such as 2026-01-31T06:15:00.000Z",
  [String(CLUSTER_ID)]: "a cluster id, such as kitchen",
};

/**
 * `temperature_c: expected at most 125; seq: missing, expected a whole number`. Issues need `reportInput`, or what is
 * missing cannot be told from what is wrong.
 * @param whole what an issue of the message as a whole is called: `reading`, `event`
 */
export function explainIssues(issues: readonly z.core.$ZodIssue[], whole: string): string {
  const byField = new Map<string, string>();
  for (const issue of issues) {
    const field = issue.path.join(".") || whole;
    if (!byField.has(field)) byField.set(field, explained(issue));
  }
  return [...byField]
    .slice(0, SHOWN_MAX)
    .map(([field, text]) => `${field}: ${text}`)
    .join("; ");
}

function explained(issue: z.core.$ZodIssue): string {
  if (issue.code === "unrecognized_keys") return `has the unknown field ${keysText(issue.keys)}`;
  const expected = expectation(issue);
  if (expected === undefined) return issue.message;
  return issue.input === undefined ? `missing, expected ${expected}` : `expected ${expected}`;
}

function expectation(issue: z.core.$ZodIssue): string | undefined {
  switch (issue.code) {
    case "invalid_type":
      return TYPES[issue.expected] ?? issue.expected;
    case "invalid_value":
      return issue.values.map((value) => JSON.stringify(value)).join(" or ");
    case "invalid_format":
      return PATTERNS[issue.pattern ?? ""] ?? issue.format;
    case "too_small":
      return `at least ${issue.minimum}${itemsOf(issue.origin)}`;
    case "too_big":
      return `${issue.inclusive === false ? "less than" : "at most"} ${issue.maximum}${itemsOf(issue.origin)}`;
    default:
      return undefined;
  }
}

const itemsOf = (origin: string): string => (origin === "array" ? " items" : "");

const keysText = (keys: readonly string[]): string =>
  keys
    .slice(0, SHOWN_MAX)
    .map((key) => JSON.stringify(key.slice(0, KEY_LENGTH_MAX)))
    .join(", ");
