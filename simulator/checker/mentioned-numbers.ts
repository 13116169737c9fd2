/** The numbers in a part of a state: marks, which are packed (node, boot, gen), and terms. */
import type { HardenedMemory } from "../protocol/hardened/memory.ts";
import { type NodeRecord, parseRecord } from "../protocol/hardened/record.ts";
import { CLUSTER, type ContentRecords, PAGE, type Records } from "./content-records.ts";
import { packMark } from "./hardened-renumbering.ts";
import { FIRST_CONTENT, type LocalRuns } from "./local-runs.ts";

const NODES_MAX = 8;
const BOOTS_MAX = 64;

/** The numbers in one part of a state, each once. */
export interface Mentioned {
  readonly marks: readonly number[];
  readonly terms: readonly number[];
  /** Mask of the damaged pages. */
  readonly damaged: number;
}

/** One number for a memory, its node (below 8) and its node's boot (below 64). */
export const memoryKey = (memory: number, self: number, boot: number): number =>
  (memory * NODES_MAX + self) * BOOTS_MAX + boot;

/** Finds the numbers in contents, memories and runs, and remembers them. */
export class MentionedNumbers {
  readonly #runs: LocalRuns;
  readonly #records: ContentRecords;
  readonly #seen: boolean;
  readonly #byContent: (Mentioned | undefined)[] = [];
  /** By `memoryKey`. */
  readonly #byMemory = new Map<number, Mentioned>();
  /** By run, without and with the memory that it began with. */
  readonly #byRun: readonly [(Mentioned | undefined)[], (Mentioned | undefined)[]] = [[], []];
  /** By write; null: it writes no valid record. */
  readonly #writeRecords: (NodeRecord | null | undefined)[] = [];

  /** @param seen whether what a node has last seen of another counts, although no chip and no wake holds it any more */
  constructor(runs: LocalRuns, records: ContentRecords, seen: boolean) {
    this.#runs = runs;
    this.#records = records;
    this.#seen = seen;
  }

  /** The numbers in the records of a chip's content. */
  byContent(content: number): Mentioned {
    this.#byContent[content] ??= mentionedByRecords(
      this.#records.pages(content),
      this.#records.damaged(content),
    );
    return this.#byContent[content];
  }

  /** The numbers in an RTC memory of node `self` at its boot `boot`. */
  byMemory(id: number, self: number, boot: number): Mentioned {
    const key = memoryKey(id, self, boot);
    let known = this.#byMemory.get(key);
    if (known === undefined) {
      known = mentionedByMemory(this.#runs.memories.get(id) as HardenedMemory, self, boot, this.#seen);
      this.#byMemory.set(key, known);
    }
    return known;
  }

  /** The numbers in a wake, and in all that it may still do. @param stale with the memory that it began with */
  byRun(id: number, stale: boolean): Mentioned {
    const known = this.#byRun[stale ? 1 : 0];
    known[id] ??= this.#ofRun(id, stale);
    return known[id];
  }

  #ofRun(id: number, withStale: boolean): Mentioned {
    const run = this.#runs.runs.get(id);
    const parts: Mentioned[] = [];
    if ("next" in run) {
      const { self, boot, action, decided, stale } = run;
      if (decided !== undefined) parts.push({ marks: [], terms: [decided.term], damaged: 0 });
      if (withStale && stale >= 0) parts.push(this.byMemory(stale, self, boot));
      if (action.kind === "done") parts.push(this.byMemory(action.memory, self, boot));
      if (action.kind === "write") parts.push(mentionedByRecords([this.recordOf(action.write)]));
      for (const next of run.next) parts.push(this.byRun(next, withStale));
    } else {
      parts.push(this.byMemory(run.memory, run.self, run.boot));
      for (const reply of run.replies)
        if (reply >= FIRST_CONTENT) parts.push(this.byContent(reply - FIRST_CONTENT));
    }
    return mentioned(
      parts.flatMap(({ marks }) => marks),
      parts.flatMap(({ terms }) => terms),
      parts.reduce((mask, { damaged }) => mask | damaged, 0),
    );
  }

  /** The record that a write writes; undefined: what it writes is no valid record. */
  recordOf(write: number): NodeRecord | undefined {
    if (this.#writeRecords[write] === undefined) {
      const { address, bytes } = this.#runs.writes.get(write);
      const record = parseRecord(bytes, 0, Math.floor(address / PAGE / 2), CLUSTER);
      this.#writeRecords[write] = typeof record === "string" ? null : record;
    }
    return this.#writeRecords[write] ?? undefined;
  }
}

const mentioned = (marks: readonly number[], terms: readonly number[], damaged: number): Mentioned => ({
  marks: [...new Set(marks)],
  terms: [...new Set(terms)],
  damaged,
});

function mentionedByRecords(records: Records, damaged = 0): Mentioned {
  const present = records.filter((record) => record !== undefined);
  return mentioned(
    present.map(({ node, boot, gen }) => packMark(node, boot, gen)),
    present.map(({ term }) => term),
    damaged,
  );
}

function mentionedByMemory(memory: HardenedMemory, self: number, boot: number, withSeen: boolean): Mentioned {
  const marks = [packMark(self, boot, memory.gen)];
  for (const [node, mark] of withSeen ? memory.seen.entries() : [])
    if (mark !== undefined && mark !== null) marks.push(packMark(node, mark[0], mark[1]));
  const damaged = memory.damaged.reduce((mask, pages) => mask | pages, 0);
  return mentioned(marks, [memory.term], damaged);
}
