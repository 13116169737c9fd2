/** Reads properties of a resolved resource, and refuses by name those that are not emulated. */
import { TemplateError } from "./intrinsics.ts";

/** The properties of a resource, resolved. */
export type Properties = Readonly<Record<string, unknown>>;

/** The value as an object. @throws TemplateError when it is none */
export function record(value: unknown, where: string): Properties {
  if (typeof value === "object" && value !== null) return value as Properties;
  throw new TemplateError(`${where}: expected an object, found ${JSON.stringify(value)}`);
}

/** A property that is a text. @throws TemplateError when it is none, or empty */
export function text(properties: Properties, key: string, where: string): string {
  const value = properties[key];
  if (typeof value === "string" && value !== "") return value;
  throw new TemplateError(`${where}.${key}: expected a text, found ${JSON.stringify(value)}`);
}

/** Asserts that there are no properties but the known ones. @throws TemplateError with the names of the others */
export function only(properties: Properties, known: readonly string[], where: string): void {
  const unknown = Object.keys(properties).filter((key) => !known.includes(key));
  if (unknown.length > 0) throw new TemplateError(`${where}: not emulated: ${unknown.join(", ")}`);
}
