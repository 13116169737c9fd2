/**
 * The cluster map of the published protocol: the same bytes at address 0 of every EEPROM, big-endian.
 *
 *     0x00 PRIMARY   bit k: node k is primary; of several, the lowest number counts
 *     0x01 RETRY     bit k: suspected, given another chance
 *     0x02 DEAD      bit k: expelled, or never admitted
 *     0x03 spare
 *     0x04 + 8k      row of node k: four counters of two bytes; column k is node k's own count,
 *                    column j what node k last copied of node j
 */

/** Largest cluster, in nodes: a row of the published map has four columns. */
export const ARTICLE_NODES_MAX = 4;
const COLUMNS = 4;
const HEADER_BYTES = 4;
const ROW_BYTES = 2 * COLUMNS;
/** Largest count, 65,535; the next one is 0. */
export const COUNTER_MAX = 0xffff;

/**
 * The one map that all nodes share and overwrite. `primary`, `retry`, `dead` and `spare` are bytes: masks, bit k for
 * node k.
 */
export interface ClusterMap {
  readonly primary: number;
  readonly retry: number;
  readonly dead: number;
  readonly spare: number;
  /** counters[k][j]: row k, column j. */
  readonly counters: readonly (readonly number[])[];
}

/** Length of the map in bytes: 20 for two nodes, 28 for three, 36 for four. */
export const mapLength = (nodes: number): number => HEADER_BYTES + ROW_BYTES * nodes;

/** Word address of the two bytes in which a node keeps its own count. */
export const ownCounterAddress = (node: number): number => HEADER_BYTES + ROW_BYTES * node + 2 * node;

/** Mask with node k alone. */
export const bit = (node: number): number => 1 << node;
/** Whether node k is in the mask. */
export const has = (mask: number, node: number): boolean => (mask & bit(node)) !== 0;
/** The nodes of a mask, in ascending order. @param nodes size of the cluster; higher bits are dropped */
export function nodesIn(mask: number, nodes: number): number[] {
  const found: number[] = [];
  for (let node = 0; node < nodes; node++) if (has(mask, node)) found.push(node);
  return found;
}

/** Whether every byte is FFh, as on a chip as delivered (AT24C256 datasheet). */
export function isBlank(bytes: Uint8Array): boolean {
  for (const byte of bytes) if (byte !== 0xff) return false;
  return true;
}

/** The map that a chip's bytes hold. @throws Error where they are not as many as a map of `nodes` nodes has */
export function parseMap(bytes: Uint8Array, nodes: number): ClusterMap {
  if (bytes.length !== mapLength(nodes))
    throw new Error(`a map of ${nodes} nodes has ${mapLength(nodes)} bytes, not ${bytes.length}`);
  const counters: number[][] = [];
  for (let row = 0, at = HEADER_BYTES; row < nodes; row++) {
    const cells: number[] = [];
    for (let column = 0; column < COLUMNS; column++, at += 2) cells.push((bytes[at]! << 8) | bytes[at + 1]!);
    counters.push(cells);
  }
  return { primary: bytes[0]!, retry: bytes[1]!, dead: bytes[2]!, spare: bytes[3]!, counters };
}

/** The map as the bytes that each chip holds from address 0 on; counters are big-endian. */
export function formatMap({ primary, retry, dead, spare, counters }: ClusterMap): Uint8Array {
  const bytes = new Uint8Array(mapLength(counters.length));
  bytes[0] = primary;
  bytes[1] = retry;
  bytes[2] = dead;
  bytes[3] = spare;
  let at = HEADER_BYTES;
  for (const row of counters)
    for (const count of row) {
      bytes[at++] = count >> 8;
      bytes[at++] = count & 0xff;
    }
  return bytes;
}

/** What the first node writes on blank chips: itself primary, all others DEAD until `resetNode` admits them. */
export const firstMap = (self: number, nodes: number): ClusterMap => ({
  primary: bit(self),
  retry: 0,
  dead: (bit(nodes) - 1) & ~bit(self),
  spare: 0,
  counters: Array.from({ length: nodes }, () => new Array<number>(COLUMNS).fill(0)),
});

/** The primary that counts: of several bits the lowest number; null when none is set. */
export function primaryOf(map: ClusterMap): number | null {
  for (let node = 0; node < map.counters.length; node++) if (has(map.primary, node)) return node;
  return null;
}

/** A counter of the map, 0 to 65,535; 0 where the map has no such row or column. */
export const counterOf = (map: ClusterMap, row: number, column: number): number =>
  map.counters[row]?.[column] ?? 0;

/** The same map with one counter set; the value wraps at 65,535. */
export function withCounter(map: ClusterMap, row: number, column: number, value: number): ClusterMap {
  const counters = map.counters.slice();
  const cells = counters[row]!.slice();
  cells[column] = value & COUNTER_MAX;
  counters[row] = cells;
  const { primary, retry, dead, spare } = map;
  return { primary, retry, dead, spare, counters };
}

/**
 * The DEAD nodes that were never admitted: no row has a count of them other than 0.
 * Known weakness, kept from the article's layout: a node that dies exactly when its counter has wrapped to 0, and whose
 * peers copied that 0, looks the same.
 */
export const neverAdmitted = (map: ClusterMap): number[] =>
  nodesIn(map.dead, map.counters.length).filter((node) =>
    map.counters.every((_, k) => counterOf(map, k, node) === 0),
  );
