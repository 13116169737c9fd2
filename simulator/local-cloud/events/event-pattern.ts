/**
 * Event patterns of EventBridge: which events match a rule.
 *
 * Source: EventBridge user guide, "Creating event patterns": every field of the pattern must be in the event, with one
 * of the values that the pattern lists; where the event has a list, one value in common is enough. Not emulated, and
 * refused by name: content filters (prefix, anything-but, numeric, exists, …), `$or`.
 */
import { TemplateError } from "../template/intrinsics.ts";

type Matches = (value: unknown) => boolean;

/** Compiles a pattern to a test of an event. @throws TemplateError when it has something that is not emulated */
export function compilePattern(pattern: unknown, where: string): Matches {
  if (Array.isArray(pattern)) {
    const filter = pattern.find((wanted) => typeof wanted === "object" && wanted !== null);
    if (filter !== undefined)
      throw new TemplateError(
        `${where}: the filter ${JSON.stringify(filter)} is not emulated; lists of plain values are`,
      );
    return (value) => (Array.isArray(value) ? value : [value]).some((one) => pattern.includes(one));
  }
  if (typeof pattern !== "object" || pattern === null)
    throw new TemplateError(`${where}: expected a list of values, found ${JSON.stringify(pattern)}`);
  const fields = Object.entries(pattern).map(([name, inner]) => {
    if (name.startsWith("$")) throw new TemplateError(`${where}: ${name} is not emulated`);
    return { name, matches: compilePattern(inner, `${where}.${name}`) };
  });
  return (value) =>
    typeof value === "object" &&
    value !== null &&
    fields.every(
      ({ name, matches }) => Object.hasOwn(value, name) && matches((value as Record<string, unknown>)[name]),
    );
}
