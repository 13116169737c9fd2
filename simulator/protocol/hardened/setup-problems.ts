/** What a person got wrong with a board, as far as the chips show it. The acting node tells the cloud; nothing is decided by it. */
import type { SetupProblem } from "../effects.ts";
import type { NodeContext } from "../protocol.ts";
import type { Chips, LatestRecords } from "./chip-records.ts";
import { HEALTH } from "./extension.ts";
import { type NodeRecord, parseRecord, recordAddress } from "./record.ts";

/**
 * The problems of each node.
 * @param latest by node: its latest record; the own one is `own`, which this wake has written
 */
export function setupProblems(
  { nodes }: NodeContext,
  cluster: number,
  chips: Chips,
  latest: LatestRecords,
  own: NodeRecord,
): SetupProblem[] {
  const found: SetupProblem[] = [];
  for (let node = 0; node < nodes; node++) {
    const health = (node === own.node ? own : latest[node])?.extension?.health ?? 0;
    if ((health & HEALTH.contested) !== 0) found.push({ problem: "duplicate-number", node });
    if ((health & HEALTH.forgets) !== 0) found.push({ problem: "memory-lost", node });
    if (isForeign(chips, node, cluster)) found.push({ problem: "other-cluster", node });
  }
  return found;
}

const isForeign = (chips: Chips, node: number, cluster: number): boolean =>
  chips.some(
    (chip) =>
      chip !== undefined &&
      [0, 1].some((page) => parseRecord(chip, recordAddress(node, page), node, cluster) === "foreign"),
  );
