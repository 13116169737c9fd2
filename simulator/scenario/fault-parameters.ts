/** The parameters of a fault in words, from the schema that checks them. */
import * as z from "zod/mini";
import { FAULTS, type FaultName } from "./faults.ts";
import { enumerated } from "./parse/fields.ts";

/** A parameter of a fault, as `--faults` lists it and a scenario file names it. */
export interface Parameter {
  readonly name: string;
  readonly required: boolean;
  /** Which values it takes: `a number from 0 to 100`. */
  readonly takes: string;
  /** Its default; undefined: it has none. */
  readonly standard: unknown;
  /** What its number stands for; undefined: neither. */
  readonly seat: "node" | "chip" | undefined;
}

const SEATS: ReadonlyMap<string, "node" | "chip"> = new Map([
  ["node", "node"],
  ["with", "node"],
  ["chip", "chip"],
]);

/** The parameters of a kind of fault, in the order of its schema. */
export function parametersOf(kind: FaultName): readonly Parameter[] {
  const { properties = {}, required = [] } = z.toJSONSchema(FAULTS[kind].schema, { io: "input" });
  return Object.entries(properties).map(([name, schema]) => {
    const seat = SEATS.get(name);
    return {
      name,
      required: required.includes(name),
      takes: seat === undefined ? takes(schema as z.core.JSONSchema.Schema) : `the number of a ${seat}`,
      standard: (schema as z.core.JSONSchema.Schema).default,
      seat,
    };
  });
}

function takes({ enum: words, anyOf, type, ...bounds }: z.core.JSONSchema.Schema): string {
  const choices = words ?? anyOf?.map((each) => (each as z.core.JSONSchema.Schema).const);
  if (choices !== undefined) return enumerated(choices.map(String), "or");
  const { minimum, exclusiveMinimum, maximum, exclusiveMaximum } = bounds;
  if (type === "integer")
    return `a whole number from ${minimum} to ${maximum ?? Number(exclusiveMaximum) - 1}`;
  return exclusiveMinimum === undefined
    ? `a number from ${minimum} to ${maximum}`
    : `a number above ${exclusiveMinimum}, at most ${maximum}`;
}
