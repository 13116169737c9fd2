/**
 * Resolves CloudFormation's intrinsic functions in a template's values.
 *
 * Implemented: Ref, Fn::GetAtt, Fn::Join, Fn::Sub, Fn::Select, Fn::Split, Fn::ImportValue, and the pseudo parameters
 * that do not name a stack's id. Anything else is refused by name, with the path where it stands.
 */

/** Something in a template that is not supported. The message says where it is and what it is. */
export class TemplateError extends Error {
  override readonly name = "TemplateError";
}

/** Resolves the names in a template. */
export interface Scope {
  ref(name: string, path: string): unknown;
  attribute(logicalId: string, attribute: string, path: string): unknown;
  imported(name: string, path: string): unknown;
}

/** What AWS::NoValue resolves to: the property or element around it is left out. */
export const NO_VALUE = Symbol("AWS::NoValue");

type Resolve = (value: unknown, path: string) => unknown;
type Intrinsic = (argument: unknown, path: string, resolve: Resolve, scope: Scope) => unknown;

const INTRINSICS: Readonly<Record<string, Intrinsic>> = {
  Ref: (name, path, _, scope) => scope.ref(text(name, path), path),
  "Fn::GetAtt": (argument, path, _, scope) => {
    const [logicalId, ...rest] = Array.isArray(argument) ? argument : text(argument, path).split(".");
    return scope.attribute(text(logicalId, path), rest.map((part) => text(part, path)).join("."), path);
  },
  "Fn::ImportValue": (name, path, resolve, scope) => scope.imported(text(resolve(name, path), path), path),
  "Fn::Join": (argument, path, resolve) => {
    const [separator, parts] = pair(argument, path);
    return list(resolve(parts, path), path)
      .map((part) => text(part, path))
      .join(text(separator, path));
  },
  "Fn::Split": (argument, path, resolve) => {
    const [separator, source] = pair(argument, path);
    return text(resolve(source, path), path).split(text(separator, path));
  },
  "Fn::Select": (argument, path, resolve) => {
    const [index, values] = pair(argument, path);
    const chosen = list(resolve(values, path), path)[Number(index)];
    if (chosen === undefined) throw new TemplateError(`${path}: Fn::Select ${index} is outside its list`);
    return chosen;
  },
  "Fn::Sub": (argument, path, resolve, scope) => {
    const [template, values] = Array.isArray(argument) ? pair(argument, path) : [argument, {}];
    const own = values as Readonly<Record<string, unknown>>;
    // ${!Literal} is CloudFormation's escape for ${Literal}.
    return text(template, path).replace(/\$\{(!?)([^}]+)\}/g, (_, literal: string, name: string) => {
      if (literal === "!") return `\${${name}}`;
      if (name in own) return text(resolve(own[name], path), path);
      const [logicalId = "", ...attribute] = name.split(".");
      const found =
        attribute.length > 0 ? scope.attribute(logicalId, attribute.join("."), path) : scope.ref(name, path);
      return text(found, path);
    });
  },
};

/** The value with every intrinsic in it resolved. @throws TemplateError */
export function resolveValue(value: unknown, path: string, scope: Scope): unknown {
  const resolve: Resolve = (inner, at) => resolveValue(inner, at, scope);
  if (Array.isArray(value))
    return value.map((item, i) => resolve(item, `${path}[${i}]`)).filter((item) => item !== NO_VALUE);
  if (typeof value !== "object" || value === null) return value;
  const entries = Object.entries(value);
  const [only] = entries;
  if (entries.length === 1 && only !== undefined && (only[0] === "Ref" || only[0].startsWith("Fn::"))) {
    const intrinsic = INTRINSICS[only[0]];
    if (intrinsic === undefined)
      throw new TemplateError(
        `${path}: ${only[0]} is not implemented; these are: ${Object.keys(INTRINSICS).join(", ")}`,
      );
    return intrinsic(only[1], path, resolve, scope);
  }
  return Object.fromEntries(
    entries
      .map(([key, inner]) => [key, resolve(inner, `${path}.${key}`)] as const)
      .filter(([, inner]) => inner !== NO_VALUE),
  );
}

function text(value: unknown, path: string): string {
  if (typeof value === "string") return value;
  if (typeof value === "number" || typeof value === "boolean") return String(value);
  throw new TemplateError(`${path}: expected a text, found ${JSON.stringify(value)}`);
}

function list(value: unknown, path: string): readonly unknown[] {
  if (Array.isArray(value)) return value;
  throw new TemplateError(`${path}: expected a list, found ${JSON.stringify(value)}`);
}

function pair(value: unknown, path: string): readonly [unknown, unknown] {
  const values = list(value, path);
  if (values.length === 2) return [values[0], values[1]];
  throw new TemplateError(`${path}: expected two arguments, found ${values.length}`);
}
