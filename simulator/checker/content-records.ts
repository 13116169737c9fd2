/** The hardened protocol's records on a chip of which the checker knows the content by its number. */
import {
  areaBytes,
  clusterTag,
  formatRecord,
  isLater,
  type NodeRecord,
  parseRecord,
  recordAddress,
} from "../protocol/hardened/record.ts";
import type { LocalRuns } from "./local-runs.ts";
import { PairMap } from "./pair-map.ts";

/** Tag of the cluster in every record: the model's is called `c`. */
export const CLUSTER = clusterTag("c");
/** Bytes of a page: each record has one. */
export const PAGE = 64;
/** Of all nodes. */
export const ALL = 0xff;
/** Masks in one number: that of the latest records is below this factor, that of the older ones above it. */
export const MASKS = 0x100;
/** The older record of every node. */
export const OLDER = ALL * MASKS;

/** By node: a record; undefined: there is none that is valid. */
export type Records = readonly (NodeRecord | undefined)[];

/** A chip as delivered, as far as a wake reads it. */
export const blank = (nodes: number): Uint8Array => new Uint8Array(areaBytes(nodes)).fill(0xff);

/** The records on a chip, by the number of its content; each content is parsed once. */
export class ContentRecords {
  readonly #runs: LocalRuns;
  readonly #nodes: number;
  /** By content, as are the others. */
  readonly #pages: (Records | undefined)[] = [];
  readonly #latest: (Records | undefined)[] = [];
  readonly #older: (Records | undefined)[] = [];
  /** And by mask. */
  readonly #without = new PairMap();

  constructor(runs: LocalRuns, nodes: number) {
    this.#runs = runs;
    this.#nodes = nodes;
  }

  /** By page; undefined where none is valid. */
  pages(content: number): Records {
    this.#pages[content] ??= Array.from({ length: 2 * this.#nodes }, (_, page) => {
      const bytes = this.#runs.contents.get(content);
      const record = parseRecord(bytes, PAGE * page, page >> 1, CLUSTER);
      return typeof record === "string" ? undefined : record;
    });
    return this.#pages[content];
  }

  /** By node. */
  latest(content: number): Records {
    this.#latest[content] ??= Array.from({ length: this.#nodes }, (_, node) => {
      const pages = this.pages(content);
      const [x, y] = [pages[2 * node], pages[2 * node + 1]];
      return x === undefined || (y !== undefined && isLater(y, x)) ? y : x;
    });
    return this.#latest[content];
  }

  /** The record of each node that is not its latest. */
  older(content: number): Records {
    this.#older[content] ??= this.latest(content).map((latest, node) => {
      const pages = this.pages(content);
      return latest === pages[2 * node] ? pages[2 * node + 1] : pages[2 * node];
    });
    return this.#older[content];
  }

  /** A content without the latest record of each node in `mask`, and the older one of each that is in it `MASKS` above. */
  without(content: number, mask: number): number {
    const known = this.#without.get(content, mask);
    if (known >= 0) return known;
    const bytes = blank(this.#nodes);
    const put = (record: NodeRecord | undefined, hidden: number): void => {
      if (record !== undefined && (hidden & (1 << record.node)) === 0)
        bytes.set(formatRecord(record, CLUSTER), recordAddress(record.node, record.gen));
    };
    for (const record of this.latest(content)) put(record, mask);
    for (const record of this.older(content)) put(record, mask / MASKS);
    const without = this.#runs.content(bytes);
    this.#without.add(content, mask, without);
    return without;
  }
}
