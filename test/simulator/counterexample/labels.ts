/** Counterexamples written by hand, and what a run made of one. */
import type { Check } from "../../../simulator/checker/checks.ts";
import type { Label } from "../../../simulator/checker/model.ts";

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
  woken: "boots (power-on)" | "wakes",
  leadsTo: Label["leadsTo"],
): Label[] => [
  { kind: `${woken} and reads`, node, chip: 0 },
  { kind: "reads", node, chip: 1 },
  { kind: "writes", node, chip: 0 },
  { kind: "writes", node, chip: 1, ...(leadsTo === undefined ? {} : { leadsTo }) },
];

const WOKEN = /^(?:boots \(.*\)|wakes) and /;
/** Of a reset amid a write whose page is written: on whichever chip. */
const ANY = "?";

/** `0 reads 1`: the bus transactions of the steps, as far as they are done. */
function wantedOf(steps: readonly Label[]): string[] {
  return steps.flatMap(({ kind, node, chip, detail }) => {
    const step = kind.replace(WOKEN, "");
    if (/^read/.test(step)) return [`${node} read ${chip}`];
    if (/^(?:write(?:s|-error|-unconfirmed)|chip-resets)$/.test(step)) return [`${node} write ${chip}`];
    return step === "crash" && detail !== undefined ? [`${node} write ${ANY}`] : [];
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
  steps: readonly Label[],
  trace: readonly string[],
): { readonly wanted: string[]; readonly found: string[] } {
  const wanted = wantedOf(steps);
  const found = foundIn(trace).slice(0, wanted.length);
  const blurred = found.map((each, at) => (wanted[at]!.endsWith(ANY) ? each.replace(/\d$/, ANY) : each));
  return { wanted, found: blurred };
}
