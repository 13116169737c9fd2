/** The records that nobody can come to take for the latest of their node: those who read take that. */
import { isLater, type NodeRecord } from "../protocol/hardened/record.ts";
import { type ContentRecords, MASKS, OLDER } from "./content-records.ts";
import { CHIP, CHIP_ABSENT, MODE, NODE, NODE_CUT } from "./layout.ts";
import { FIRST_CONTENT, type LocalRun } from "./local-runs.ts";
import type { Model } from "./model.ts";

/** The busy line comes before the chips, which are read in order. */
const replyOf = (chip: number): number => chip + 1;
const chipsRead = ({ replies }: LocalRun): number => replies.length - 1;

/** Finds the records that no wake can come to read as the latest of their node. */
export class SupersededRecords {
  readonly #model: Model;
  readonly #records: ContentRecords;
  readonly #hides: boolean;
  /** By chip: what of it is left out. */
  readonly #masks: number[] = [];

  constructor(model: Model, records: ContentRecords) {
    this.#model = model;
    this.#records = records;
    // A memory from before may be of a record that others have come after.
    this.#hides = !model.options.faults.includes("stale-memory");
  }

  /**
   * Leaves out of chips, and of what was read of them, the records that nobody can come to take for the latest. What was
   * read stays as it was read, be the chip damaged later.
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
   * Mask of the nodes whose latest record on `chip` is hidden, and, above, of those whose older one is: later ones stand
   * on more chips that answer everybody than harm may come to. An older one is hidden by the latest of its own chip, too.
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

  /** How many other chips hide a record of `chip`, from wakes to come and from those that are still to read it. */
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

  /** Whether a wake has read `hiding` before the record there came to hide `record`, and is still to read `chip`. */
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

  /** Mask of the nodes whose record in what a wake has read of a chip is hidden: it has read, or is sure to read, a later one. */
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
          // Its own it looks for on every chip, another's on any.
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
