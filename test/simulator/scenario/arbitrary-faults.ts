/** Random faults for runs that are to survive them, generated from the schemas of `FAULTS`; their bounds come up often. */
import * as fc from "fast-check";
import * as z from "zod/mini";
import { after, millis, START } from "../../../simulator/engine/time.ts";
import { OPERATIONS, type OperationMark } from "../../../simulator/node/operations.ts";
import { FAULT_NAMES, FAULTS, type Fault, type FaultName } from "../../../simulator/scenario/faults.ts";
import type { Step, Trigger } from "../../../simulator/scenario/scenario.ts";

type Schema = z.core.JSONSchema.Schema;

/** So near the end of its range a number is drawn more often: a record that begins there runs over the end. */
const LAST = 30;
/** Parameters that are the number of a node or a chip. */
const SEATS: readonly string[] = ["node", "with", "chip"];

function value({ type, anyOf, enum: words, ...bounds }: Schema): fc.Arbitrary<unknown> {
  const choices = words ?? anyOf?.map((each) => (each as Schema).const);
  if (choices !== undefined) return fc.constantFrom(...choices);
  const min = Number(bounds.minimum ?? bounds.exclusiveMinimum);
  const max = Number(bounds.maximum ?? Number(bounds.exclusiveMaximum) - 1);
  if (type !== "integer")
    return fc.double({ min, max, noNaN: true, minExcluded: bounds.minimum === undefined });
  const last = fc.integer({ min: Math.max(min, max - LAST), max });
  return fc.oneof(fc.integer({ min, max }), last);
}

const faultOf = (kind: FaultName, nodes: number): fc.Arbitrary<Fault> => {
  const schema: z.core.$ZodType = FAULTS[kind].schema;
  const { properties = {}, required = [] } = z.toJSONSchema(schema, { io: "input" });
  const seat = fc.integer({ min: 0, max: nodes - 1 });
  const parameters = Object.entries(properties).map(([name, of]): [string, fc.Arbitrary<unknown>] => [
    name,
    SEATS.includes(name) ? seat : value(of as Schema),
  ]);
  return fc
    .record(Object.fromEntries(parameters), { requiredKeys: required })
    .map((given) => ({ kind, ...(z.parse(schema, given) as object) }) as Fault);
};

const points = (operation: OperationMark["operation"]): fc.Arbitrary<OperationMark["point"]> => {
  const found: fc.Arbitrary<OperationMark["point"]>[] = [
    fc.constantFrom({ kind: "before" } as const, { kind: "after" } as const),
  ];
  const byte = fc.integer({ min: 1, max: 20 });
  if (operation === "read" || operation === "page-write")
    found.push(byte.map((n) => ({ kind: "byte", byte: n })));
  if (operation === "page-write") found.push(byte.map((n) => ({ kind: "write-cycle", into: millis(n / 4) })));
  return fc.oneof(...found);
};

const timed = (minutes: number) =>
  fc.integer({ min: 0, max: minutes * 60_000 }).map((ms) => after(START, millis(ms)));

/** At a time, or at what a node does, from within so many minutes on. */
const trigger = (nodes: number, minutes: number): fc.Arbitrary<Trigger> => {
  const mark = fc.constantFrom(...OPERATIONS).chain((operation) =>
    fc.record({
      operation: fc.constant(operation),
      count: fc.integer({ min: 1, max: 3 }),
      point: points(operation),
    }),
  );
  return fc.oneof(
    fc.record({ kind: fc.constant("at" as const), at: timed(minutes) }),
    fc.record({
      kind: fc.constant("operation" as const),
      node: fc.integer({ min: 0, max: nodes - 1 }),
      from: timed(minutes),
      mark,
    }),
  );
};

const lasts = (minutes: number) => fc.integer({ min: 1, max: minutes * 60_000 }).map(millis);
const says = fc.constant(undefined);
const fault = fc.constant("fault" as const);

/** A step with a fault of any kind, at a time or at an operation; it heals within as many minutes, or never. */
export const arbitraryFault = (nodes: number, minutes: number): fc.Arbitrary<Step> =>
  fc.constantFrom(...FAULT_NAMES).chain((kind) =>
    fc.record({
      kind: fault,
      trigger: trigger(nodes, minutes),
      fault: faultOf(kind, nodes),
      lasts: fc.option(lasts(minutes), { nil: undefined }),
      says,
    }),
  );

/** A step with a lasting fault, at a time, that has healed after twice so many minutes. */
export const arbitraryLastingFault = (nodes: number, minutes: number): fc.Arbitrary<Step> =>
  fc.constantFrom(...FAULT_NAMES.filter((name) => FAULTS[name].lasting)).chain((kind) =>
    fc.record({
      kind: fault,
      trigger: fc.record({ kind: fc.constant("at" as const), at: timed(minutes) }),
      fault: faultOf(kind, nodes),
      lasts: lasts(minutes),
      says,
    }),
  );
