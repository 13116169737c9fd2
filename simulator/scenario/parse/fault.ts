/** Reads `fault:` of a step, with its parameters. */
import * as z from "zod/mini";
import { type Parameter, parametersOf } from "../fault-parameters.ts";
import { FAULTS, type Fault, type FaultName } from "../faults.ts";
import type { Problems } from "../scenario-error.ts";
import { enumerated, shown } from "./fields.ts";
import { readSeat, readSeats, type Seats } from "./node-numbers.ts";
import type { Entries } from "./yaml-tree.ts";

/** Whether a parameter is the target that a fault strikes. */
const isTarget = ({ name }: Parameter): boolean => name === "node" || name === "chip";

/**
 * The fault, once for each node or chip that it strikes; empty: there is a mistake.
 * @param entries all of the step; those that are no parameters of the fault are ignored here
 */
export function readFaults(
  problems: Problems,
  line: number,
  kind: FaultName,
  entries: Entries,
  seats: Seats,
): Fault[] {
  const parameters = parametersOf(kind);
  const missing = parameters.filter(({ name, required }) => required && !entries.has(name));
  if (missing.length > 0)
    problems.add(
      line,
      `${kind} needs ${enumerated(missing.map(({ name }) => name))}; it takes ${enumerated(parameters.map(({ name }) => name))}`,
    );
  const given = parameters.filter(({ name }) => entries.has(name));
  const values: Record<string, unknown> = {};
  for (const { name, seat } of given.filter((each) => !isTarget(each))) {
    const tree = entries.get(name)!;
    if (seat !== undefined) values[name] = readSeat(problems, tree, name, seat, seats);
    else values[name] = tree.kind === "scalar" ? tree.value : tree;
  }
  const target = given.find(isTarget);
  const faults =
    target?.seat === undefined
      ? [faultOf(problems, kind, values, entries)]
      : readSeats(problems, entries.get(target.name)!, target.name, target.seat, seats).map((seat) =>
          faultOf(problems, kind, { ...values, [target.name]: seat }, entries),
        );
  return faults.filter((fault) => fault !== undefined);
}

function faultOf(
  problems: Problems,
  kind: FaultName,
  values: Readonly<Record<string, unknown>>,
  entries: Entries,
): Fault | undefined {
  const schema: z.core.$ZodType = FAULTS[kind].schema;
  const parsed = z.safeParse(schema, values);
  if (parsed.success) return withItself(problems, { kind, ...(parsed.data as object) } as Fault, entries);
  for (const { name, takes, seat } of parametersOf(kind)) {
    const tree = entries.get(name);
    const wrong = parsed.error.issues.some(({ path }) => path[0] === name);
    // Mistakes in numbers of nodes and chips, and missing parameters, have been reported already.
    if (wrong && tree !== undefined && seat === undefined)
      problems.add(tree.line, `${name} of ${kind} takes ${takes}, not ${shown(tree)}`);
  }
  return undefined;
}

/** Refuses a fault that needs two different nodes and names one twice. */
function withItself(problems: Problems, fault: Fault, entries: Entries): Fault | undefined {
  if (fault.kind === "wake-together" && fault.with === fault.node)
    return problems.add(entries.get("with")!.line, `with: node ${fault.node} itself; name another node`);
  if (fault.kind === "wrong-strap" && fault.as === fault.chip)
    return problems.add(entries.get("as")!.line, `as: chip ${fault.chip}'s own address; name another`);
  return fault;
}
