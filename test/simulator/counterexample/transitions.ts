/** Counterexamples written by hand, and what a run made of one. */
import type { Check } from "../../../simulator/checker/checks.ts";
import { isTransfer, type Operation, type Transition } from "../../../simulator/checker/transition.ts";

export const checkOf = (more: Partial<Check> = {}): Check => ({
  protocol: "hardened",
  nodes: 2,
  witness: false,
  faults: [],
  budget: more.faults?.length ?? 0,
  crashes: 0,
  punctual: false,
  bookkeeping: false,
  ...more,
});

/** A whole wake of the hardened protocol with two chips. */
export const wakeOf = (
  node: number,
  woken: "power-on" | "deep-sleep",
  leadsTo: Operation["leadsTo"],
): Operation[] => [
  { kind: "reads", node, chip: 0, woken },
  { kind: "reads", node, chip: 1 },
  { kind: "writes", node, chip: 0 },
  { kind: "writes", node, chip: 1, ...(leadsTo === undefined ? {} : { leadsTo }) },
];

/** Of a reset amid a write whose page is written: on whichever chip. */
const ANY = "?";

/** `0 reads 1`: the bus transactions of the steps, as far as they are done. */
function wantedOf(steps: readonly Transition[]): string[] {
  return steps.flatMap((step) => {
    if (step.kind === "crash" && step.pageWritten) return [`${step.node} write ${ANY}`];
    if (!isTransfer(step) || step.kind === "torn-write") return [];
    const what = step.kind === "reads" || step.kind === "read-error" ? "read" : "write";
    return [`${step.node} ${what} ${step.chip}`];
  });
}

/** The same of a trace, up to as many. */
const foundIn = (trace: readonly string[]): string[] =>
  trace.flatMap((line) => {
    const [, node, what, chip] = / node-(\d) +(read|write) +0x5(\d)@/.exec(line) ?? [];
    return what === undefined ? [] : [`${node} ${what} ${chip}`];
  });

/** What a run had on the bus in the place of each step, for `toEqual`. */
export function onBus(
  steps: readonly Transition[],
  trace: readonly string[],
): { readonly wanted: string[]; readonly found: string[] } {
  const wanted = wantedOf(steps);
  const found = foundIn(trace).slice(0, wanted.length);
  const blurred = found.map((each, at) => (wanted[at]!.endsWith(ANY) ? each.replace(/\d$/, ANY) : each));
  return { wanted, found: blurred };
}
