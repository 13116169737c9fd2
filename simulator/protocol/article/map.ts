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

/** A row has four columns, so the published map has room for four nodes. */
export const ARTICLE_NODES_MAX = 4;
const COLUMNS = 4;
const HEADER_BYTES = 4;
const ROW_BYTES = 2 * COLUMNS;
/** Counters wrap from here to 0. */
export const COUNTER_MAX = 0xffff;

export interface ClusterMap {
  readonly primary: number;
  readonly retry: number;
  readonly dead: number;
  readonly spare: number;
  /** counters[k][j]: row k, column j. */
  readonly counters: readonly (readonly number[])[];
}

/** 20 bytes for two nodes, 28 for three, 36 for four. */
export const mapLength = (nodes: number): number => HEADER_BYTES + ROW_BYTES * nodes;

/** Where node k keeps its own count. */
export const ownCounterAddress = (node: number): number => HEADER_BYTES + ROW_BYTES * node + 2 * node;

export const bit = (node: number): number => 1 << node;
export const has = (mask: number, node: number): boolean => (mask & bit(node)) !== 0;
export const nodesIn = (mask: number, nodes: number): number[] =>
  Array.from({ length: nodes }, (_, node) => node).filter((node) => has(mask, node));

/** A chip as delivered: every byte FFh (AT24C256 datasheet). */
export const isBlank = (bytes: Uint8Array): boolean => bytes.every((byte) => byte === 0xff);

/** @throws when `bytes` is not a map of that many nodes: the caller read the wrong length. */
export function parseMap(bytes: Uint8Array, nodes: number): ClusterMap {
  if (bytes.length !== mapLength(nodes))
    throw new Error(`a map of ${nodes} nodes has ${mapLength(nodes)} bytes, not ${bytes.length}`);
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  return {
    primary: view.getUint8(0),
    retry: view.getUint8(1),
    dead: view.getUint8(2),
    spare: view.getUint8(3),
    counters: Array.from({ length: nodes }, (_, row) =>
      Array.from({ length: COLUMNS }, (_, column) =>
        view.getUint16(HEADER_BYTES + ROW_BYTES * row + 2 * column),
      ),
    ),
  };
}

export function formatMap(map: ClusterMap): Uint8Array {
  const bytes = new Uint8Array(mapLength(map.counters.length));
  const view = new DataView(bytes.buffer);
  bytes.set([map.primary, map.retry, map.dead, map.spare]);
  map.counters.forEach((row, k) => {
    row.forEach((count, j) => {
      view.setUint16(HEADER_BYTES + ROW_BYTES * k + 2 * j, count);
    });
  });
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
  const nodes = nodesIn(map.primary, map.counters.length);
  return nodes[0] ?? null;
}

export const counterOf = (map: ClusterMap, row: number, column: number): number =>
  map.counters[row]?.[column] ?? 0;

/** The same map with one counter set; the value wraps at 65,535. */
export const withCounter = (map: ClusterMap, row: number, column: number, value: number): ClusterMap => ({
  ...map,
  counters: map.counters.map((cells, k) =>
    k === row ? cells.map((cell, j) => (j === column ? value & COUNTER_MAX : cell)) : cells,
  ),
});

/**
 * The part of DEAD that never took part: nobody has a count of it.
 * Known weakness, kept from the article's layout: a node that dies exactly when its counter has wrapped to 0, and whose
 * peers copied that 0, looks the same.
 */
export const neverAdmitted = (map: ClusterMap): number[] =>
  nodesIn(map.dead, map.counters.length).filter((node) =>
    map.counters.every((_, k) => counterOf(map, k, node) === 0),
  );
