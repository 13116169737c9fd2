/** Reads properties of a resolved resource, and refuses by name what nothing carries out. */
import { TemplateError } from "./intrinsics.ts";

/** The properties of a resource, resolved. */
export type Properties = Readonly<Record<string, unknown>>;

/** @throws TemplateError when it is no object. */
export function record(value: unknown, where: string): Properties {
  if (typeof value === "object" && value !== null) return value as Properties;
  throw new TemplateError(`${where}: expected an object, found ${JSON.stringify(value)}`);
}

/** @throws TemplateError when it is no text, or empty. */
export function text(properties: Properties, key: string, where: string): string {
  const value = properties[key];
  if (typeof value === "string" && value !== "") return value;
  throw new TemplateError(`${where}.${key}: expected a text, found ${JSON.stringify(value)}`);
}

/** @throws TemplateError when there are others than the known ones. */
export function only(properties: Properties, known: readonly string[], where: string): void {
  const unknown = Object.keys(properties).filter((key) => !known.includes(key));
  if (unknown.length > 0) throw new TemplateError(`${where}: not emulated: ${unknown.join(", ")}`);
}
