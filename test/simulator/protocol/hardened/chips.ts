/** What chips hold, and memories of nodes, for tests of the hardened protocol. Cluster "c", unless a test says otherwise. */

import { decide, type WakePlan } from "../../../../simulator/protocol/hardened/decide.ts";
import { COLD, type HardenedMemory } from "../../../../simulator/protocol/hardened/memory.ts";
import {
  areaBytes,
  clusterTag,
  formatRecord,
  type NodeRecord,
  parseRecord,
  recordAddress,
} from "../../../../simulator/protocol/hardened/record.ts";
import type { NodeContext, ResetCause } from "../../../../simulator/protocol/protocol.ts";

export const CLUSTER_NAME = "c";
export const CLUSTER = clusterTag(CLUSTER_NAME);
export const PAGE = 64;

/** A record of a node in its first life that claims nothing. */
export const recordOf = (node: number, over: Partial<NodeRecord> = {}): NodeRecord => ({
  node,
  boot: 1,
  gen: 1,
  term: 0,
  claims: false,
  failing: false,
  lastClaimant: over.claims === true,
  dead: 0,
  reportedDead: 0,
  admit: 0,
  ...over,
});

export const blankChip = (nodes = 2): Uint8Array => new Uint8Array(areaBytes(nodes)).fill(0xff);

/** A chip that holds these records, each at its place. */
export function chipWith(records: readonly NodeRecord[], nodes = 2): Uint8Array {
  const bytes = blankChip(nodes);
  for (const record of records)
    bytes.set(formatRecord(record, CLUSTER), recordAddress(record.node, record.gen));
  return bytes;
}

/** The same chip with each valid record replaced; undefined blanks its page. */
export function rewritten(
  chip: Uint8Array,
  rewrite: (record: NodeRecord) => NodeRecord | undefined,
): Uint8Array {
  const bytes = chip.slice();
  for (let at = 0; at < bytes.length; at += PAGE) {
    const record = parseRecord(bytes, at, Math.floor(at / PAGE / 2), CLUSTER);
    if (typeof record === "string") continue;
    const next = rewrite(record);
    bytes.set(
      next === undefined
        ? new Uint8Array(formatRecord(record, CLUSTER).length).fill(0xff)
        : formatRecord(next, CLUSTER),
      at,
    );
  }
  return bytes;
}

/** Of a node that has written once, and slept for a full period since. */
export const memoryOf = (over: Partial<HardenedMemory> = {}): HardenedMemory => ({
  ...COLD,
  gen: 1,
  slept: "period",
  ...over,
});

export interface Look {
  readonly self?: number;
  readonly nodes?: number;
  /** One chip more than there are nodes. */
  readonly witness?: boolean;
  /** What every chip holds; or each chip for itself. */
  readonly records?: readonly NodeRecord[];
  readonly chips?: readonly (Uint8Array | undefined)[];
  readonly memory?: HardenedMemory;
  readonly boot?: number;
  readonly cause?: ResetCause;
}

export const contextOf = ({ self = 0, nodes = 2, witness = false }: Look): NodeContext => ({
  self,
  nodes,
  chips: nodes + (witness ? 1 : 0),
  cluster: CLUSTER_NAME,
});

/** What node `self` (0 unless said) decides. */
export function look(at: Look): WakePlan {
  const context = contextOf(at);
  const chips =
    at.chips ?? Array.from({ length: context.chips }, () => chipWith(at.records ?? [], context.nodes));
  return decide(context, CLUSTER, chips, at.memory ?? COLD, {
    cause: at.cause ?? "deep-sleep",
    boot: at.boot ?? 1,
    coldStarts: 1,
  });
}
