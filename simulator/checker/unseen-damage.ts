/**
 * The damaged pages whose damage matters: a node that holds a claim and has not seen the damage yet settles once more
 * before it acts. If no page can be damaged any more, all other damaged pages count as blank.
 */
import type { HardenedMemory } from "../protocol/hardened/memory.ts";
import type { ContentRecords } from "./content-records.ts";
import { CHIP, MODE, NODE } from "./layout.ts";
import { FIRST_CONTENT } from "./local-runs.ts";
import type { Model } from "./model.ts";

/** The chip of a reply, by its index: the busy line comes first, then the chips in their order. */
const chipOf = (reply: number): number => reply - 1;

/** Finds the damage that a node with a claim may still see for the first time. */
export class UnseenDamage {
  readonly #model: Model;
  readonly #records: ContentRecords;
  /** By run: the RTC memories with which it may end; for a wake that may still read, the one with which it began. */
  readonly #memories: (readonly number[] | undefined)[] = [];

  constructor(model: Model, records: ContentRecords) {
    this.#model = model;
    this.#records = records;
  }

  /**
   * Mask of the pages that are damaged on a chip, or in what a wake has read, and whose damage a claimant has not seen
   * yet.
   */
  pages(state: Int32Array): number {
    const { layout, runs } = this.#model;
    let unseen = 0;
    for (let chip = 0; chip < layout.chips; chip++) {
      const damaged = this.#records.damaged(state[layout.chip(chip, CHIP.content)]!);
      if (damaged !== 0) unseen |= this.#unseenOf(state, chip, damaged);
    }
    for (let node = 0; node < layout.nodes; node++) {
      if (state[layout.node(node, NODE.mode)] !== MODE.awake) continue;
      const run = runs.runs.get(state[layout.node(node, NODE.ref)]!);
      if ("next" in run) continue;
      for (let index = 0; index < run.replies.length; index++) {
        const reply = run.replies[index]!;
        const damaged = reply < FIRST_CONTENT ? 0 : this.#records.damaged(reply - FIRST_CONTENT);
        if (damaged !== 0) unseen |= this.#unseenBy(state, node, chipOf(index), damaged);
      }
    }
    return unseen;
  }

  #unseenOf(state: Int32Array, chip: number, damaged: number): number {
    let unseen = 0;
    for (let node = 0; node < this.#model.layout.nodes; node++)
      unseen |= this.#unseenBy(state, node, chip, damaged);
    return unseen;
  }

  #unseenBy(state: Int32Array, node: number, chip: number, damaged: number): number {
    const { layout, runs } = this.#model;
    const mode = state[layout.node(node, NODE.mode)];
    const ref = state[layout.node(node, NODE.ref)]!;
    const memories =
      mode === MODE.awake ? this.#memoriesOf(ref) : mode === MODE.period || mode === MODE.settle ? [ref] : [];
    let unseen = 0;
    for (const id of memories) {
      const memory = runs.memories.get(id) as HardenedMemory;
      if (memory.claimAcks !== 0) unseen |= damaged & ~(memory.damaged[chip] ?? 0);
    }
    return unseen & ~(3 << (2 * node));
  }

  #memoriesOf(id: number): readonly number[] {
    const known = this.#memories[id];
    if (known !== undefined) return known;
    const run = this.#model.runs.runs.get(id);
    const found = new Set<number>();
    if (!("next" in run)) found.add(run.memory);
    else {
      if (run.stale >= 0) found.add(run.stale);
      if (run.action.kind === "done") found.add(run.action.memory);
      for (const next of run.next) for (const memory of this.#memoriesOf(next)) found.add(memory);
    }
    const memories = [...found];
    this.#memories[id] = memories;
    return memories;
  }
}
