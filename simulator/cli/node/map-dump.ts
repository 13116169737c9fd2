/** A hexdump of a chip that decodes the published protocol's map. */
import {
  ARTICLE_NODES_MAX,
  bit,
  type ClusterMap,
  counterOf,
  isBlank,
  mapLength,
  neverAdmitted,
  nodesIn,
  parseMap,
} from "../../protocol/article/map.ts";
import type { Terminal } from "../shared/terminal.ts";
import { dumpRest, hex } from "./dump-rest.ts";

const nodesText = (nodes: readonly number[]): string =>
  nodes.length === 0 ? "nobody" : nodes.map((node) => `node ${node}`).join(", ");

/** How many nodes the map on a chip is for, by its rows; undefined for a chip that holds no map of two or more. */
export function nodesOfMap(memory: Uint8Array): number | undefined {
  const held = (nodes: number) => !isBlank(memory.subarray(mapLength(nodes - 1), mapLength(nodes)));
  for (let nodes = ARTICLE_NODES_MAX; nodes >= 2; nodes--) if (held(nodes)) return nodes;
  return undefined;
}

function deadText(map: ClusterMap): string {
  const never = neverAdmitted(map);
  return nodesIn(map.dead, map.counters.length)
    .map((node) => `node ${node}${never.includes(node) ? " (never admitted)" : ""}`)
    .join(", ");
}

function rowText(map: ClusterMap, row: number): string {
  const others = map.counters.map((_, node) => node).filter((node) => node !== row);
  const copies = others.map((node) => `node ${node} last seen at ${counterOf(map, row, node)}`);
  return `node ${row} counts ${counterOf(map, row, row)}; ${copies.join(", ")}`;
}

function decodedLines(bytes: Uint8Array, nodes: number): [number, number, string][] {
  const map = parseMap(bytes, nodes);
  const foreign = (mask: number) => {
    const bits = mask & ~(bit(nodes) - 1);
    return bits === 0 ? "" : `, and bits of no node: ${hex(bits, 2)}h`;
  };
  return [
    [0, 1, `PRIMARY  ${nodesText(nodesIn(map.primary, nodes))}${foreign(map.primary)}`],
    [1, 1, `RETRY    ${nodesText(nodesIn(map.retry, nodes))}${foreign(map.retry)}`],
    [2, 1, `DEAD     ${deadText(map) || "nobody"}${foreign(map.dead)}`],
    [3, 1, "spare"],
    ...map.counters.map((_, row): [number, number, string] => [4 + 8 * row, 8, rowText(map, row)]),
  ];
}

/** Everything on the chip that is not FFh, sixteen bytes a line, and the map in words. */
export function dumpMap(terminal: Terminal, memory: Uint8Array, nodes: number): void {
  const length = mapLength(nodes);
  const map = memory.subarray(0, length);
  const held = nodesOfMap(memory);
  if (held !== undefined && held !== nodes)
    terminal.write(`  the map has rows for ${held} nodes, and is read as one of ${nodes}: see --nodes\n`);
  if (isBlank(map)) terminal.write("  blank: no map yet\n");
  else
    for (const [at, count, text] of decodedLines(map, nodes)) {
      const bytes = Buffer.from(memory.subarray(at, at + count))
        .toString("hex")
        .replace(/..../g, "$& ");
      terminal.write(`  ${hex(at, 4)}  ${bytes.trim().padEnd(20)}  ${text}\n`);
    }
  dumpRest(terminal, memory, length);
}
