/** Reading the elements of a policy document, each refusal naming its place. */
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

/** A text or a list of them, at least one. Booleans are taken as text, as IAM does for Bool and Null. */
export function asTexts(value: unknown, where: string): readonly string[] {
  const list: readonly unknown[] = Array.isArray(value) ? value : [value];
  if (list.length === 0) throw malformed(value, where, "at least one text");
  return list.map((item) => {
    if (typeof item === "boolean") return String(item);
    if (typeof item === "string") return item;
    throw malformed(item, where, "a text (intrinsic functions must be resolved first)");
  });
}

/** The error of a policy element that is not as the grammar has it. */
export function malformed(value: unknown, where: string, expected: string): PolicyError {
  const found = value === undefined ? "nothing" : JSON.stringify(value);
  return new PolicyError("policy-malformed", where, `expected ${expected}, found ${found}`);
}
