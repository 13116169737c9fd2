/** Reads elements of a policy document; each refusal names its place. */
import { PolicyError } from "./policy-error.ts";

/** Where IAM policies and IoT policies differ. Each check throws PolicyError. */
export interface Dialect {
  checkAction(action: string, where: string): void;
  /** A policy variable's name, without `${` and `}`. */
  checkVariable(variable: string, where: string): void;
  checkConditionKey(key: string, where: string): void;
  /** Whether every request has a value for the variable. */
  alwaysHasValue(variable: string): boolean;
  /** Whether a request may have several values for the key. */
  isMultivalued(key: string): boolean;
}

/** The value as an object. @throws PolicyError policy-malformed */
export function asRecord(value: unknown, where: string): Readonly<Record<string, unknown>> {
  if (typeof value === "object" && value !== null && !Array.isArray(value)) return { ...value };
  throw malformed(value, where, "an object");
}

/**
 * A text, or a list of at least one. Booleans count as text, as IAM has it for Bool and Null.
 * @throws PolicyError policy-malformed
 */
export function asTexts(value: unknown, where: string): readonly string[] {
  const list: readonly unknown[] = Array.isArray(value) ? value : [value];
  if (list.length === 0) throw malformed(value, where, "at least one text");
  return list.map((item) => {
    if (typeof item === "boolean") return String(item);
    if (typeof item === "string") return item;
    throw malformed(item, where, "a text (intrinsic functions must be resolved first)");
  });
}

/** The error for a policy element that does not follow the grammar. */
export function malformed(value: unknown, where: string, expected: string): PolicyError {
  const found = value === undefined ? "nothing" : JSON.stringify(value);
  return new PolicyError("policy-malformed", where, `expected ${expected}, found ${found}`);
}
