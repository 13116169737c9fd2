/** A counterexample as a person reads it. */
import { FAULT_CLASSES, type FaultClass } from "./fault-classes.ts";
import type { Label } from "./model.ts";

const WHAT: Readonly<Record<string, (label: Label) => string>> = {
  reads: ({ chip }) => `reads chip ${chip}`,
  writes: ({ chip }) => `writes to chip ${chip}`,
  acts: () => "ACTS: connects, measures, publishes",
  "cannot-publish": () => "may act, and has no network",
  "raises-busy": () => "raises the busy line",
  "lowers-busy": () => "lowers the busy line",
  crash: ({ detail }) =>
    `is reset, and what it remembers is lost${detail === undefined ? "" : `; ${detail}`}`,
  "power-on": () => "has its power back",
  "chip-is-well-again": () => "is well again",
  "node-is-connected-again": () => "is connected again",
  "long-after": () => "has held back for a day of wakes",
  "from-here-on": () => "from here on, with nothing more going wrong",
};

function what(label: Label): string {
  const known = WHAT[label.kind];
  if (known !== undefined) return known(label);
  const fault = FAULT_CLASSES[label.kind as FaultClass];
  if (fault !== undefined) return `FAULT ${label.kind}: ${fault}${label.detail ? ` (${label.detail})` : ""}`;
  // "wakes and reads", "boots (pin) and reads": the first effect of a wake.
  const [woken, first] = label.kind.split(" and ");
  return first === undefined ? label.kind : `${woken}, ${what({ ...label, kind: first })}`;
}

/** One line for each step. */
export function storyOf(labels: readonly Label[]): string[] {
  return labels.map((label, index) => {
    const who =
      label.node !== undefined ? `node ${label.node}` : label.chip !== undefined ? `chip ${label.chip}` : "";
    return `${String(index + 1).padStart(4)}  ${who.padEnd(7)} ${what(label)}`;
  });
}
