/** Reads `do:` of a step: what a person does at the cluster. */

import { FIRMWARES, type FirmwareVersion } from "../../protocol/hardened/versions.ts";
import type { Action } from "../scenario.ts";
import type { Problems } from "../scenario-error.ts";
import { enumerated, text, word } from "./fields.ts";
import { readSeat, readSeats, type Seats } from "./node-numbers.ts";
import type { Entries, Tree } from "./yaml-tree.ts";

const ACTIONS = [
  "power-on",
  "power-off",
  "press-reset",
  "replace-battery",
  "replace-board",
  "update-firmware",
  "reset-node",
] as const;
const readKind = word<Action["kind"]>(ACTIONS);
const readName = text(64);
const readFirmware = word<FirmwareVersion>(FIRMWARES);
/** By action: the keys that it needs besides `node`. */
const NEEDS: Partial<Record<Action["kind"], readonly string[]>> = {
  "reset-node": ["subject"],
  "update-firmware": ["firmware"],
};

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
  if (kind === undefined) return { actions: [], keys: ["node", "subject", "as", "cluster", "firmware"] };
  const required = ["node", ...(NEEDS[kind] ?? [])];
  const keys = kind === "replace-board" ? [...required, "as", "cluster"] : required;
  const missing = required.filter((key) => !entries.has(key));
  if (missing.length > 0) problems.add(line, `${kind} needs ${enumerated(missing)}; add it`);
  const [node, subject] = [entries.get("node"), entries.get("subject")];
  const nodes = node === undefined ? [] : readSeats(problems, node, "node", "node", seats);
  if (kind === "replace-board") {
    const [number, name] = [entries.get("as"), entries.get("cluster")];
    const as = number && readSeat(problems, number, "as", "node", seats);
    const cluster = name && readName(problems, name, "cluster");
    return { actions: nodes.map((each) => ({ kind, node: each, as, cluster })), keys };
  }
  if (kind === "update-firmware") {
    const word = entries.get("firmware");
    const firmware = word && readFirmware(problems, word, "firmware");
    return {
      actions: firmware === undefined ? [] : nodes.map((each) => ({ kind, node: each, firmware })),
      keys,
    };
  }
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
