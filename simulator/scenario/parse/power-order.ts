/** Finds actions that are impossible by the timed steps alone: pressing or typing at a node that is off. */

import type { Action, ClusterSetup } from "../scenario.ts";
import type { Problems } from "../scenario-error.ts";
import type { PlacedStep } from "./steps.ts";

const SWITCHES_ON: readonly Action["kind"][] = ["power-on", "replace-battery", "replace-board"];
const NEEDS_POWER: readonly Action["kind"][] = ["press-reset", "reset-node"];

/** Reports such actions; not for nodes that are switched at a time that only the run shows. */
export function reportActionsWithoutPower(
  problems: Problems,
  { nodes, start }: ClusterSetup,
  steps: readonly PlacedStep[],
): void {
  for (let node = 0; node < nodes; node++) {
    const own = steps.flatMap(({ line, step }) =>
      step.kind === "action" && step.action.node === node
        ? [{ line, trigger: step.trigger, kind: step.action.kind }]
        : [],
    );
    const timed = own.flatMap(({ line, trigger, kind }) =>
      trigger.kind === "at" ? [{ line, at: trigger.at, kind }] : [],
    );
    if (own.some(({ trigger, kind }) => trigger.kind !== "at" && SWITCHES_ON.includes(kind))) continue;
    let off = start === "blank" ? "it starts without power" : undefined;
    // The sort is stable: steps of one instant keep the order of the file, as in the run.
    for (const { line, kind } of timed.sort((x, y) => x.at - y.at)) {
      if (SWITCHES_ON.includes(kind)) off = undefined;
      else if (kind === "power-off") off = `line ${line} switches it off`;
      else if (NEEDS_POWER.includes(kind) && off !== undefined)
        problems.add(line, `${kind} at node ${node}, which is off: ${off}; switch it on before`);
    }
  }
}
