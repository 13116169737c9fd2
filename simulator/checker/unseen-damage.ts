/**
 * The damaged pages whose damage matters: a node that holds a claim and has not seen the damage yet settles once more
 * before it acts. If no page can be damaged any more, all other damaged pages count as blank.
 *
 * A node that makes a claim notes what is damaged on the chips as it reads them. So damage is still to be seen if it came
 * after that read, or where that read has failed or may fail.
 */
import type { HardenedMemory } from "../protocol/hardened/memory.ts";
import type { ContentRecords } from "./content-records.ts";
import type { ToCome } from "./faults-to-come.ts";
import { CHIP, CHIP_ABSENT, MODE, NODE, NODE_CUT } from "./layout.ts";
import { FIRST_CONTENT, type LocalRun } from "./local-runs.ts";
import type { Model } from "./model.ts";

/** Mask of all pages. */
const ALL = -1;
/** Index of a chip in a wake's replies: the busy line comes first, then the chips in their order. */
const replyOf = (chip: number): number => chip + 1;

/** Finds the damage that a node with a claim may still see for the first time. */
export class UnseenDamage {
  readonly #model: Model;
  readonly #records: ContentRecords;
  /** By run that reads no more: the RTC memories with which it may end, and the one to which it may go back. */
  readonly #memories: (readonly number[] | undefined)[] = [];

  constructor(model: Model, records: ContentRecords) {
    this.#model = model;
    this.#records = records;
  }

  /**
   * Mask of the pages that are damaged on a chip, or in what a wake has read, and whose damage a claimant has not seen
   * yet.
   * @param toCome what the faults that are left can do
   */
  pages(state: Int32Array, toCome: ToCome): number {
    const { layout, runs } = this.#model;
    let unseen = 0;
    for (let chip = 0; chip < layout.chips; chip++) {
      const damaged = this.#records.damaged(state[layout.chip(chip, CHIP.content)]!);
      if (damaged === 0) continue;
      const mayFail = toCome.failedReads || this.#isMissing(state, chip);
      for (let node = 0; node < layout.nodes; node++)
        unseen |= this.#unseenBy(state, node, chip, mayFail, toCome.stale) & damaged & ~(3 << (2 * node));
    }
    for (let node = 0; node < layout.nodes; node++) {
      if (state[layout.node(node, NODE.mode)] !== MODE.awake) continue;
      const run = runs.runs.get(state[layout.node(node, NODE.ref)]!);
      if (!("next" in run)) unseen |= this.#readByClaimant(run) & ~(3 << (2 * node));
    }
    return unseen;
  }

  /** Whether a node may not get to the chip now. */
  #isMissing(state: Int32Array, chip: number): boolean {
    const { layout } = this.#model;
    if ((state[layout.chip(chip, CHIP.flags)]! & CHIP_ABSENT) !== 0) return true;
    for (let node = 0; node < layout.nodes; node++)
      if ((state[layout.node(node, NODE.flags)]! & NODE_CUT) !== 0) return true;
    return false;
  }

  /** The damage in what a wake has read that is new to its node, which holds a claim. */
  #readByClaimant(run: LocalRun): number {
    const { claimAcks, damaged } = this.#memory(run.memory);
    if (claimAcks === 0) return 0;
    let unseen = 0;
    for (let chip = 0; replyOf(chip) < run.replies.length; chip++) {
      const reply = run.replies[replyOf(chip)]!;
      if (reply >= FIRST_CONTENT)
        unseen |= this.#records.damaged(reply - FIRST_CONTENT) & ~(damaged[chip] ?? 0);
    }
    return unseen;
  }

  /**
   * Mask of the pages of a chip of which a node may come to see for the first time, with a claim, that they are damaged.
   * @param mayFail reads of the chip may fail
   * @param stale the node may go back to an earlier memory
   */
  #unseenBy(state: Int32Array, node: number, chip: number, mayFail: boolean, stale: boolean): number {
    const { layout, runs, cluster } = this.#model;
    const mode = state[layout.node(node, NODE.mode)];
    const ref = state[layout.node(node, NODE.ref)]!;
    switch (mode) {
      case MODE.off:
        return mayFail && cluster.has("power-cut") ? ALL : 0;
      case MODE.reset:
        return mayFail ? ALL : 0;
      case MODE.awake: {
        const run = runs.runs.get(ref);
        if (!("next" in run)) return this.#unseenByReader(run, chip, mayFail, stale);
        return this.#memoriesOf(ref).reduce((mask, id) => mask | this.#unseenFrom(id, chip, mayFail), 0);
      }
      default:
        return this.#unseenFrom(ref, chip, mayFail);
    }
  }

  /** For a node that still reads the chip once more before it holds another claim. */
  #unseenFrom(memory: number, chip: number, mayFail: boolean): number {
    const { claimAcks, damaged } = this.#memory(memory);
    return claimAcks !== 0 || mayFail ? ~(damaged[chip] ?? 0) : 0;
  }

  /** For a node amid its reads, after which it may have made a claim. */
  #unseenByReader(run: LocalRun, chip: number, mayFail: boolean, stale: boolean): number {
    const before = this.#unseenFrom(run.memory, chip, mayFail);
    const reply = run.replies[replyOf(chip)];
    if (reply === undefined) return before;
    const after =
      reply < FIRST_CONTENT
        ? ~(this.#memory(run.memory).damaged[chip] ?? 0)
        : ~this.#records.damaged(reply - FIRST_CONTENT);
    return stale ? before | after : after;
  }

  #memory(id: number): HardenedMemory {
    return this.#model.runs.memories.get(id) as HardenedMemory;
  }

  #memoriesOf(id: number): readonly number[] {
    const known = this.#memories[id];
    if (known !== undefined) return known;
    const run = this.#model.runs.runs.get(id);
    const found = new Set<number>();
    if (!("next" in run)) throw new Error("a wake that may still read ends in no memory yet");
    if (run.stale >= 0) found.add(run.stale);
    if (run.action.kind === "done") found.add(run.action.memory);
    for (const next of run.next) for (const memory of this.#memoriesOf(next)) found.add(memory);
    const memories = [...found];
    this.#memories[id] = memories;
    return memories;
  }
}
