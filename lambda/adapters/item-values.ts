/** Values as DynamoDB's attributes, and back: texts, whole numbers, truths, and maps of them. */
import type { AttributeValue } from "@aws-sdk/client-dynamodb";

/** An item as DynamoDB's API has it, each value with its type. */
export type Item = Record<string, AttributeValue>;
/** What items are made of here: texts, numbers, booleans, and maps of these. */
export type Plain = string | number | boolean | { readonly [name: string]: Plain | undefined };

/** A plain value as DynamoDB's API has it. */
export function toAttribute(value: Plain): AttributeValue {
  if (typeof value === "string") return { S: value };
  if (typeof value === "number") return { N: String(value) };
  if (typeof value === "boolean") return { BOOL: value };
  return { M: toAttributes(value) };
}

/** What is undefined is left out. */
export const toAttributes = (fields: Readonly<Record<string, Plain | undefined>>): Item =>
  Object.fromEntries(
    Object.entries(fields).flatMap(([name, value]) =>
      value === undefined ? [] : [[name, toAttribute(value)]],
    ),
  );

const fromAttribute = ({ S, N, BOOL, M }: AttributeValue): unknown => {
  if (M !== undefined) return fromAttributes(M);
  return S ?? (N === undefined ? BOOL : Number(N));
};

/** Attributes of other types come back undefined; whoever parses the result refuses them. */
export const fromAttributes = (item: Item): Record<string, unknown> =>
  Object.fromEntries(Object.entries(item).map(([name, value]) => [name, fromAttribute(value)]));
