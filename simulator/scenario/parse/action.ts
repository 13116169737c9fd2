/** Reads `do:` of a step: what a person does at the cluster. */

import type { Action } from "../scenario.ts";
import type { Problems } from "../scenario-error.ts";
import { enumerated, word } from "./fields.ts";
import { readSeat, readSeats, type Seats } from "./node-numbers.ts";
import type { Entries, Tree } from "./yaml-tree.ts";

const ACTIONS = ["power-on", "power-off", "press-reset", "replace-battery", "reset-node"] as const;
const readKind = word<Action["kind"]>(ACTIONS);

/** The action, once for each node, and the keys of a step that belong to it. */
export function readAction(
  problems: Problems,
  line: number,
  tree: Tree,
  entries: Entries,
  seats: Seats,
): { readonly actions: readonly Action[]; readonly keys: readonly string[] } {
  const kind = readKind(problems, tree, "do");
  // Any key may belong to an unknown action.
  if (kind === undefined) return { actions: [], keys: ["node", "subject"] };
  const keys = kind === "reset-node" ? ["node", "subject"] : ["node"];
  const missing = keys.filter((key) => !entries.has(key));
  if (missing.length > 0) problems.add(line, `${kind} needs ${enumerated(missing)}; add it`);
  const [node, subject] = [entries.get("node"), entries.get("subject")];
  const nodes = node === undefined ? [] : readSeats(problems, node, "node", "node", seats);
  if (kind !== "reset-node") return { actions: nodes.map((each) => ({ kind, node: each })), keys };
  const of = subject === undefined ? undefined : readSubject(problems, subject, seats);
  const actions = nodes.flatMap((each) =>
    of === undefined ? [] : [{ kind, node: each, subject: of === "itself" ? each : of }],
  );
  return { actions, keys };
}

const readSubject = (problems: Problems, tree: Tree, seats: Seats): number | "itself" | undefined =>
  tree.kind === "scalar" && tree.value === "itself"
    ? "itself"
    : readSeat(problems, tree, "subject", "node", seats);
