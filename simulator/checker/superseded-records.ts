/**
 * Leaves records out of a state that no wake can come to take for the latest of their node: a reader uses the latest
 * alone.
 */
import { isLater, type NodeRecord } from "../protocol/hardened/record.ts";
import { type ContentRecords, MASKS, OLDER } from "./content-records.ts";
import { CHIP, CHIP_ABSENT, MODE, NODE, NODE_CUT } from "./layout.ts";
import { FIRST_CONTENT, type LocalRun } from "./local-runs.ts";
import type { Model } from "./model.ts";

/** Index of a chip in a wake's replies: the busy line comes first, then the chips in their order. */
const replyOf = (chip: number): number => chip + 1;
const chipsRead = ({ replies }: LocalRun): number => replies.length - 1;

/** Finds the records of a state that no wake can come to take for the latest of their node, and leaves them out. */
export class SupersededRecords {
  readonly #model: Model;
  readonly #records: ContentRecords;
  readonly #hides: boolean;
  /** By chip: the records to leave out, as for `ContentRecords.without`. */
  readonly #masks: number[] = [];

  constructor(model: Model, records: ContentRecords) {
    this.#model = model;
    this.#records = records;
    // A memory from before a reset may belong to a record that later ones have superseded.
    this.#hides = !model.options.faults.includes("stale-memory");
  }

  /**
   * Leaves them out of the chips, and out of what wakes have read, in place. What a wake has read is not affected by
   * later damage of the chip, so that of two records of a node in it the older one always goes.
   * @param pages a page may still be damaged: the older record on a chip may come to matter
   * @param harm on how many chips, at most, records may still be lost to a reader
   */
  leaveOut(state: Int32Array, pages: boolean, harm: number): void {
    const { layout, runs } = this.#model;
    const { chips, nodes } = layout;
    let isCut = false;
    for (let node = 0; node < nodes; node++)
      if ((state[layout.node(node, NODE.flags)]! & NODE_CUT) !== 0) isCut = true;
    const hides = this.#hides && !isCut && harm < chips;
    const masks = this.#masks;
    for (let chip = 0; chip < chips; chip++)
      masks[chip] = this.#hidden(state, chip, pages, hides ? harm : chips);
    for (let node = 0; node < nodes; node++) {
      const ref = layout.node(node, NODE.ref);
      if (state[layout.node(node, NODE.mode)] !== MODE.awake) continue;
      const run = runs.runs.get(state[ref]!);
      if ("next" in run) continue;
      let replies: number[] | undefined;
      for (let index = 0; index < run.replies.length; index++) {
        const reply = run.replies[index]!;
        if (reply < FIRST_CONTENT) continue;
        const mask = OLDER | (hides ? this.#hiddenReply(state, run, index, harm) : 0);
        const left = this.#records.without(reply - FIRST_CONTENT, mask) + FIRST_CONTENT;
        if (left === reply) continue;
        replies ??= [...run.replies];
        replies[index] = left;
      }
      if (replies !== undefined) state[ref] = runs.run({ ...run, replies });
    }
    for (let chip = 0; chip < chips; chip++) {
      const at = layout.chip(chip, CHIP.content);
      state[at] = this.#records.without(state[at]!, masks[chip]!);
    }
  }

  /**
   * The records of `chip` to leave out, as for `ContentRecords.without`: more than `harm` chips that answer hold a
   * later one of the same node. The latest record on the same chip counts as one of those for the older one.
   */
  #hidden(state: Int32Array, chip: number, pages: boolean, harm: number): number {
    const { layout } = this.#model;
    let mask = pages ? 0 : OLDER;
    if (harm >= layout.chips) return mask;
    const content = state[layout.chip(chip, CHIP.content)]!;
    const own = this.#records.latest(content);
    const older = this.#records.older(content);
    for (let node = 0; node < layout.nodes; node++) {
      const record = own[node];
      if (record === undefined) continue;
      if (this.#hiding(state, chip, record) > harm) mask |= (1 << node) | (OLDER & (MASKS << node));
      else if (pages && this.#isOlderHidden(state, chip, older[node], harm)) mask |= MASKS << node;
    }
    return mask;
  }

  #isOlderHidden(state: Int32Array, chip: number, record: NodeRecord | undefined, harm: number): boolean {
    return record !== undefined && this.#hiding(state, chip, record) >= harm;
  }

  /** Number of other chips with a later record of the same node, which every wake reads that still reads `chip`. */
  #hiding(state: Int32Array, chip: number, record: NodeRecord): number {
    const { layout } = this.#model;
    let count = 0;
    for (let other = 0; other < layout.chips; other++) {
      if (other === chip || !this.#answers(state, other)) continue;
      const later = this.#records.latest(state[layout.chip(other, CHIP.content)]!)[record.node];
      if (later !== undefined && isLater(later, record) && !this.#isAwaited(state, record, chip, other))
        count += 1;
    }
    return count;
  }

  /** Whether a wake is still to read `chip`, and has read chip `hiding` before that held its later record. */
  #isAwaited(state: Int32Array, record: NodeRecord, chip: number, hiding: number): boolean {
    const { layout, runs } = this.#model;
    for (let node = 0; node < layout.nodes; node++) {
      if (state[layout.node(node, NODE.mode)] !== MODE.awake) continue;
      const run = runs.runs.get(state[layout.node(node, NODE.ref)]!);
      if ("next" in run) continue;
      const read = chipsRead(run);
      if (read <= hiding || read > chip) continue;
      const isKnown = run.replies.some((reply) => {
        const seen =
          reply < FIRST_CONTENT ? undefined : this.#records.latest(reply - FIRST_CONTENT)[record.node];
        return seen !== undefined && !isLater(record, seen);
      });
      if (!isKnown) return true;
    }
    return false;
  }

  /**
   * Mask of the nodes whose record a wake need not have read from a chip: it has read, or is sure to read, a later one.
   */
  #hiddenReply(state: Int32Array, run: LocalRun, index: number, harm: number): number {
    const { layout } = this.#model;
    const records = this.#records.latest(run.replies[index]! - FIRST_CONTENT);
    const read = chipsRead(run);
    let mask = 0;
    for (let node = 0; node < layout.nodes; node++) {
      const mine = records[node];
      if (mine === undefined) continue;
      let toRead = 0;
      let isKnown = false;
      for (let other = 0; other < layout.chips; other++) {
        if (other >= read) {
          if (!this.#answers(state, other)) continue;
          const later = this.#records.latest(state[layout.chip(other, CHIP.content)]!)[node];
          if (later !== undefined && isLater(later, mine)) toRead += 1;
        } else if (replyOf(other) !== index && run.replies[replyOf(other)]! >= FIRST_CONTENT) {
          const seen = this.#records.latest(run.replies[replyOf(other)]! - FIRST_CONTENT)[node];
          if (seen === undefined) continue;
          // A node looks for its own record on every chip, and for another's on any.
          const again = node !== run.self && replyOf(other) < index && !isLater(mine, seen);
          isKnown ||= again || isLater(seen, mine);
        }
      }
      if (isKnown || toRead > harm) mask |= 1 << node;
    }
    return mask;
  }

  #answers(state: Int32Array, chip: number): boolean {
    return (state[this.#model.layout.chip(chip, CHIP.flags)]! & CHIP_ABSENT) === 0;
  }
}
