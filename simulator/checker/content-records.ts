/** The hardened protocol's records on a chip; the checker has a number for each content of a chip. */
import {
  areaBytes,
  clusterTag,
  formatRecord,
  isLater,
  type NodeRecord,
  parseRecord,
  recordAddress,
} from "../protocol/hardened/record.ts";
import { garbage } from "./garbage.ts";
import type { LocalRuns } from "./local-runs.ts";
import { PairMap } from "./pair-map.ts";

/** Tag of the cluster in every record: the model's is called `c`. */
export const CLUSTER = clusterTag("c");
/** Length of a page in bytes: each record has a page of its own. */
export const PAGE = 64;
/** Mask of all nodes: a cluster has at most eight. */
export const ALL = 0xff;
/** Factor of the second mask in a number that holds two: latest records below it, older ones above. */
export const MASKS = 0x100;
/** The older records of all nodes, as such a second mask. */
export const OLDER = ALL * MASKS;

/** By node, or by page: a record; undefined: none there is valid. */
export type Records = readonly (NodeRecord | undefined)[];

/** The bytes of a chip as delivered, as far as a wake reads them. */
export const blank = (nodes: number): Uint8Array => new Uint8Array(areaBytes(nodes)).fill(0xff);

/** Fills the pages of a mask with garbage, in place. */
export function damage(bytes: Uint8Array, mask: number): void {
  for (let page = 0; mask >> page !== 0; page++)
    if (((mask >> page) & 1) === 1)
      bytes.set(garbage(Math.min(PAGE, bytes.length - PAGE * page)), PAGE * page);
}

/** Parses the records of each content once. Every method takes the number of a content. */
export class ContentRecords {
  readonly #runs: LocalRuns;
  readonly #nodes: number;
  /** By content, like the next two. */
  readonly #pages: (Records | undefined)[] = [];
  readonly #latest: (Records | undefined)[] = [];
  readonly #older: (Records | undefined)[] = [];
  readonly #damaged: (number | undefined)[] = [];
  /** By content and mask. */
  readonly #without = new PairMap();

  constructor(runs: LocalRuns, nodes: number) {
    this.#runs = runs;
    this.#nodes = nodes;
  }

  /** By page, two for each node: the record there. */
  pages(content: number): Records {
    this.#pages[content] ??= Array.from({ length: 2 * this.#nodes }, (_, page) => {
      const bytes = this.#runs.contents.get(content);
      const record = parseRecord(bytes, PAGE * page, page >> 1, CLUSTER);
      return typeof record === "string" ? undefined : record;
    });
    return this.#pages[content];
  }

  /** Mask of the pages that hold something damaged. */
  damaged(content: number): number {
    if (this.#damaged[content] === undefined) {
      const bytes = this.#runs.contents.get(content);
      let mask = 0;
      for (let page = 0; page < 2 * this.#nodes; page++)
        if (parseRecord(bytes, PAGE * page, page >> 1, CLUSTER) === "damaged") mask |= 1 << page;
      this.#damaged[content] = mask;
    }
    return this.#damaged[content];
  }

  /** By node: the record that is its latest. */
  latest(content: number): Records {
    this.#latest[content] ??= Array.from({ length: this.#nodes }, (_, node) => {
      const pages = this.pages(content);
      const [x, y] = [pages[2 * node], pages[2 * node + 1]];
      return x === undefined || (y !== undefined && isLater(y, x)) ? y : x;
    });
    return this.#latest[content];
  }

  /** By node: the record on its other page. */
  older(content: number): Records {
    this.#older[content] ??= this.latest(content).map((latest, node) => {
      const pages = this.pages(content);
      return latest === pages[2 * node] ? pages[2 * node + 1] : pages[2 * node];
    });
    return this.#older[content];
  }

  /**
   * The number of a content without some of its records.
   * @param mask the nodes whose latest record goes, plus `MASKS` times the mask of those whose older one goes
   */
  without(content: number, mask: number): number {
    const known = this.#without.get(content, mask);
    if (known >= 0) return known;
    const bytes = blank(this.#nodes);
    damage(bytes, this.damaged(content));
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
