/**
 * The canonical form of a state of the hardened protocol: one for all states that the protocol cannot tell apart. The
 * protocol compares (boot, gen) of one node, compares terms, and writes a record to the page of its gen's parity; it
 * uses no such number in any other way. So the numbers in a state are replaced by the smallest ones in the same order
 * (`hardened-renumbering.ts`). The parity of gen stays where it matters; for a node that never boots again, even and
 * odd may change places.
 *
 * Records that no wake can come to read as the latest of their node are left out (`superseded-records.ts`).
 *
 * Two abstractions. Terms more than 2 apart, or than `termsApart`, count as that far apart. The hold-down of a node
 * lasts for any time (`Profile.expireHoldDown`), not for a number of wakes.
 */
import type { HardenedMemory } from "../protocol/hardened/memory.ts";
import { formatRecord, type NodeRecord, recordAddress } from "../protocol/hardened/record.ts";
import { HOLD_DOWN_WAKES } from "../protocol/timing.ts";
import { GAP_MAX } from "./close-gaps.ts";
import { ALL, blank, CLUSTER, ContentRecords, damage, MASKS } from "./content-records.ts";
import { FaultsToCome } from "./faults-to-come.ts";
import { HardenedRenumbering } from "./hardened-renumbering.ts";
import { CHIP, CHIP_WORN_SHIFT, MODE, NODE, wornPage } from "./layout.ts";
import { FIRST_CONTENT, type LocalRun, type Tail } from "./local-runs.ts";
import { type Mentioned, MentionedNumbers, memoryKey } from "./mentioned-numbers.ts";
import type { Model } from "./model.ts";
import { PairMap } from "./pair-map.ts";
import { SequenceSet } from "./sequence-set.ts";
import { NUMBERS_MAX, SortedNumbers } from "./sorted-numbers.ts";
import { SupersededRecords } from "./superseded-records.ts";
import { UnseenDamage } from "./unseen-damage.ts";

/** The fields of `HardenedMemory` that are bookkeeping, without content. */
/** Mask of all pages: two for each of up to eight nodes. */
const ALL_PAGES = 0xffff;

const NO_BOOKS = {
  moves: [],
  flaps: [],
  wakesSinceReadmission: 0,
  tookOverFrom: undefined,
  announced: false,
  reportedDead: undefined,
};

/** What a canonical form keeps; without any of them it keeps the least. */
export interface CanonicalOptions {
  /**
   * Who is held to be dead, what the cloud was told, and how often a node came back. Leaving them out is sound where the
   * question is who acts: `decide` does not use them for that.
   */
  readonly bookkeeping?: boolean;
  /** A node's two pages may change places; the page in a step's label is then not the real one. */
  readonly pagesSwap?: boolean;
  /** Terms further apart count as this far apart. */
  readonly termsApart?: number | undefined;
  /** How many joins a node is still to skip. Leaving it out is sound where a node may be offline for any time. */
  readonly countsJoins?: boolean;
}

/**
 * Replaces a state of the hardened protocol by its canonical form. The file's header says which states share one.
 */
export class HardenedCanonical {
  readonly #model: Model;
  readonly #bookkeeping: boolean;
  readonly #pagesSwap: boolean;
  readonly #termsApart: number;
  readonly #countsJoins: boolean;
  readonly #faultsToCome: FaultsToCome;
  readonly #records: ContentRecords;
  readonly #superseded: SupersededRecords;
  readonly #unseen: UnseenDamage;
  readonly #mentioned: MentionedNumbers;
  readonly #sequences = new SequenceSet();
  readonly #sequence = new Int32Array(3 + 2 * NUMBERS_MAX);
  readonly #renumberings: HardenedRenumbering[] = [];
  /** By renumbering and number: the new number of a content, a memory and a run. */
  readonly #contents = new PairMap();
  readonly #memories = new PairMap();
  readonly #runs = new PairMap();
  readonly #marks = new SortedNumbers();
  readonly #terms = new SortedNumbers();
  /** Mask of the damaged pages in the parts of the state that were mentioned so far. */
  #damaged = 0;

  constructor(
    model: Model,
    {
      bookkeeping = false,
      pagesSwap = false,
      termsApart = GAP_MAX,
      countsJoins = false,
    }: CanonicalOptions = {},
  ) {
    this.#model = model;
    this.#bookkeeping = bookkeeping;
    this.#pagesSwap = pagesSwap;
    this.#termsApart = termsApart;
    this.#countsJoins = countsJoins;
    this.#records = new ContentRecords(model.runs, model.layout.nodes);
    this.#superseded = new SupersededRecords(model, this.#records);
    this.#unseen = new UnseenDamage(model, this.#records);
    // A node may write a record anew from a memory that comes back, and books count who has moved since it was seen.
    const seen = bookkeeping || model.options.faults.includes("stale-memory");
    this.#mentioned = new MentionedNumbers(model.runs, this.#records, seen);
    this.#faultsToCome = new FaultsToCome(model.cluster);
  }

  /** Replaces `state` by its canonical form, in place. */
  canonicalize(state: Int32Array): void {
    const { layout, runs } = this.#model;
    const toCome = this.#faultsToCome.of(state[layout.faultsLeft]!);
    const { damage: pages, stale, harm, resets } = toCome;
    if (!resets && state[layout.crashesLeft] === 0) this.#forgetColdStarts(state);
    this.#superseded.leaveOut(state, pages, harm);
    const unseen = pages ? ALL_PAGES : this.#unseen.pages(state, toCome);
    const renumbering = this.#renumbering(state, pages ? ALL : this.#worn(state), unseen, stale);
    for (let chip = 0; chip < layout.chips; chip++) {
      if (renumbering.swapped !== 0) this.#swapWorn(state, chip, renumbering.swapped);
      const at = layout.chip(chip, CHIP.content);
      state[at] = this.#content(state[at]!, renumbering);
    }
    state[layout.actedTerm] = renumbering.terms.get(state[layout.actedTerm]!) ?? 0;
    for (let node = 0; node < layout.nodes; node++) {
      const boot = layout.node(node, NODE.boot);
      const ref = layout.node(node, NODE.ref);
      switch (state[layout.node(node, NODE.mode)]) {
        case MODE.awake:
          state[ref] = this.#run(state[ref]!, renumbering);
          state[boot] = runs.runs.get(state[ref]).boot;
          break;
        case MODE.period:
        case MODE.settle: {
          const before = state[boot]!;
          const { gen } = runs.memories.get(state[ref]!) as HardenedMemory;
          state[boot] = renumbering.mark(node, before, gen)[0];
          state[ref] = this.#memory(state[ref]!, node, before, renumbering);
          break;
        }
        default:
          // All that matters of its next boot number is that it is above all that are in use.
          state[boot] = renumbering.boots[node]!;
      }
    }
  }

  /** Forgets the cold starts of a node that runs and never boots again: they do not matter any more. */
  #forgetColdStarts(state: Int32Array): void {
    const { layout, cluster } = this.#model;
    for (let node = 0; node < layout.nodes; node++) {
      const mode = state[layout.node(node, NODE.mode)];
      const boots = mode === MODE.reset || (mode === MODE.off && cluster.has("power-cut"));
      if (!boots) state[layout.node(node, NODE.coldStarts)] = 0;
    }
  }

  /** Mask of the nodes with a worn page on some chip: for them it matters which page they write next. */
  #worn(state: Int32Array): number {
    const { layout } = this.#model;
    let mask = 0;
    for (let chip = 0; chip < layout.chips; chip++) {
      const page = wornPage(state[layout.chip(chip, CHIP.flags)]!);
      if (page !== undefined) mask |= 1 << (page >> 1);
    }
    return mask;
  }

  /**
   * Mask of the nodes that never boot again, dead ones included: for them it does not matter which of their pages is
   * which. A node that boots begins with an odd gen, so that its pages cannot change places.
   */
  #relative(state: Int32Array): number {
    const { layout, runs, cluster } = this.#model;
    if (
      !this.#pagesSwap ||
      state[layout.crashesLeft]! > 0 ||
      this.#faultsToCome.of(state[layout.faultsLeft]!).resets
    )
      return 0;
    let mask = 0;
    for (let node = 0; node < layout.nodes; node++) {
      const mode = state[layout.node(node, NODE.mode)];
      if (mode === MODE.reset || (mode === MODE.off && cluster.has("power-cut"))) continue;
      const run = mode === MODE.awake ? runs.runs.get(state[layout.node(node, NODE.ref)]!) : undefined;
      if (run !== undefined && !("next" in run) && run.cause !== "deep-sleep") continue;
      mask |= 1 << node;
    }
    return mask;
  }

  #swapWorn(state: Int32Array, chip: number, swapped: number): void {
    const at = this.#model.layout.chip(chip, CHIP.flags);
    const page = wornPage(state[at]!);
    if (page !== undefined && (swapped & (1 << (page >> 1))) !== 0)
      state[at] = (state[at]! & ((1 << CHIP_WORN_SHIFT) - 1)) | (((page ^ 1) + 1) << CHIP_WORN_SHIFT);
  }

  /**
   * @param counting mask of the nodes for which it matters which of their pages is which, besides those with a damaged
   * one
   * @param unseen mask of the pages whose damage matters
   * @param stale a node may still wake with the memory of an earlier sleep
   */
  #renumbering(state: Int32Array, counting: number, unseen: number, stale: boolean): HardenedRenumbering {
    const { layout } = this.#model;
    this.#marks.clear();
    this.#terms.clear();
    this.#damaged = 0;
    for (let chip = 0; chip < layout.chips; chip++)
      this.#mention(this.#mentioned.byContent(state[layout.chip(chip, CHIP.content)]!));
    for (let node = 0; node < layout.nodes; node++) {
      const mode = state[layout.node(node, NODE.mode)];
      const ref = state[layout.node(node, NODE.ref)]!;
      if (mode === MODE.awake) this.#mention(this.#mentioned.byRun(ref, stale));
      else if (mode === MODE.period || mode === MODE.settle)
        this.#mention(this.#mentioned.byMemory(ref, node, state[layout.node(node, NODE.boot)]!));
    }
    if (state[layout.actor] !== 0) this.#terms.insert(state[layout.actedTerm]!);
    const parity = counting | nodesOfPages(this.#damaged & unseen);
    const relative = parity & this.#relative(state);
    const sequence = this.#sequence;
    sequence[0] = relative * MASKS + parity;
    sequence[1] = 2 * (this.#damaged & unseen) + (stale ? 1 : 0);
    sequence[2] = this.#marks.count;
    const length = this.#terms.copyTo(sequence, this.#marks.copyTo(sequence, 3));
    const id = this.#sequences.id(sequence, length);
    if (id === this.#renumberings.length) {
      const [marks, terms] = [this.#marks.toArray(), this.#terms.toArray()];
      const masks = { parity, relative, damaged: this.#damaged & unseen, stale };
      this.#renumberings.push(
        new HardenedRenumbering(id, marks, terms, layout.nodes, masks, this.#termsApart),
      );
    }
    return this.#renumberings[id]!;
  }

  #mention({ marks, terms, damaged }: Mentioned): void {
    this.#damaged |= damaged;
    for (let i = 0; i < marks.length; i++) this.#marks.insert(marks[i]!);
    for (let i = 0; i < terms.length; i++) this.#terms.insert(terms[i]!);
  }

  #memoryOf(id: number): HardenedMemory {
    return this.#model.runs.memories.get(id) as HardenedMemory;
  }

  #record(record: NodeRecord, renumbering: HardenedRenumbering): NodeRecord {
    const [boot, gen] = renumbering.mark(record.node, record.boot, record.gen);
    const books = this.#bookkeeping ? {} : { lastClaimant: false, dead: 0, reportedDead: 0, admit: 0 };
    return { ...record, boot, gen, term: renumbering.term(record.term), ...books };
  }

  #content(content: number, renumbering: HardenedRenumbering): number {
    const known = this.#contents.get(renumbering.id, content);
    if (known >= 0) return known;
    const bytes = blank(this.#model.layout.nodes);
    damage(bytes, swapPages(this.#records.damaged(content) & renumbering.damaged, renumbering.swapped));
    for (const record of this.#records.pages(content)) {
      if (record === undefined) continue;
      const changed = this.#record(record, renumbering);
      bytes.set(formatRecord(changed, CLUSTER), recordAddress(record.node, changed.gen));
    }
    const changed = this.#model.runs.content(bytes);
    this.#contents.add(renumbering.id, content, changed);
    return changed;
  }

  #memory(id: number, self: number, boot: number, renumbering: HardenedRenumbering): number {
    const key = memoryKey(id, self, boot);
    const known = this.#memories.get(renumbering.id, key);
    if (known >= 0) return known;
    const memory = this.#memoryOf(id);
    const seen = memory.seen.map((mark, node) => mark && renumbering.known(node, mark[0], mark[1]));
    const changed = this.#model.runs.memory({
      ...memory,
      gen: renumbering.mark(self, boot, memory.gen)[1],
      term: renumbering.term(memory.term),
      seen,
      // Whatever it reads of that node next is new to it.
      misses: memory.misses.map((count, node) => (seen[node] === undefined ? 0 : count)),
      joinsToSkip: this.#countsJoins ? memory.joinsToSkip : 0,
      joinsFailed: this.#countsJoins ? memory.joinsFailed : 0,
      holdDownWakes: memory.holdDownWakes > 0 ? HOLD_DOWN_WAKES : 0,
      // The page to avoid matters only where the parity of gen does.
      avoid: this.#spared(memory, self, renumbering),
      damaged: this.#seenDamage(memory, renumbering),
      ...(this.#bookkeeping ? {} : NO_BOOKS),
    } satisfies HardenedMemory);
    this.#memories.add(renumbering.id, key, changed);
    return changed;
  }

  #seenDamage({ damaged }: HardenedMemory, renumbering: HardenedRenumbering): readonly number[] {
    const masks = damaged.map((mask) => swapPages(mask & renumbering.damaged, renumbering.swapped));
    return masks.every((mask) => mask === 0) ? [] : masks;
  }

  #spared(
    { avoid }: HardenedMemory,
    self: number,
    { parity, swapped }: HardenedRenumbering,
  ): 0 | 1 | undefined {
    if (avoid === undefined || (parity & (1 << self)) === 0) return undefined;
    return (swapped & (1 << self)) === 0 ? avoid : avoid === 0 ? 1 : 0;
  }

  #run(id: number, renumbering: HardenedRenumbering): number {
    const known = this.#runs.get(renumbering.id, id);
    if (known >= 0) return known;
    const { runs } = this.#model;
    const run = runs.runs.get(id);
    const changed = "next" in run ? this.#tail(run, renumbering) : this.#reading(run, renumbering);
    this.#runs.add(renumbering.id, id, changed);
    return changed;
  }

  #reading(run: LocalRun, renumbering: HardenedRenumbering): number {
    return this.#model.runs.run({
      ...run,
      memory: this.#memory(run.memory, run.self, run.boot, renumbering),
      boot: renumbering.mark(run.self, run.boot, this.#memoryOf(run.memory).gen)[0],
      replies: run.replies.map((reply) =>
        reply < FIRST_CONTENT ? reply : this.#content(reply - FIRST_CONTENT, renumbering) + FIRST_CONTENT,
      ),
    });
  }

  #tail(tail: Tail, renumbering: HardenedRenumbering): number {
    const { runs } = this.#model;
    const { self, boot, decided, stale } = tail;
    const next = tail.next.map((after) => this.#run(after, renumbering));
    let { action } = tail;
    let newBoot = next.length === 0 ? 0 : runs.runs.get(next[0]!).boot;
    if (action.kind === "done") {
      newBoot = renumbering.mark(self, boot, this.#memoryOf(action.memory).gen)[0];
      action = { ...action, memory: this.#memory(action.memory, self, boot, renumbering) };
    } else if (action.kind === "write") {
      const record = this.#record(this.#mentioned.recordOf(action.write)!, renumbering);
      const address = recordAddress(self, record.gen);
      const { bytes } = runs.writes.get(action.torn);
      action = {
        ...action,
        write: runs.write(address, formatRecord(record, CLUSTER)),
        torn: runs.write(address, bytes),
      };
    }
    return runs.tail({
      self,
      boot: newBoot,
      action,
      decided: decided && {
        term: renumbering.term(decided.term),
        expelled: this.#bookkeeping ? decided.expelled : [],
        suspects: decided.suspects,
      },
      next,
      stale: stale < 0 || !renumbering.stale ? -1 : this.#memory(stale, self, boot, renumbering),
    });
  }
}

/** Mask of the nodes whose pages are in a mask of pages. */
function nodesOfPages(pages: number): number {
  let nodes = 0;
  for (let page = 0; pages >> page !== 0; page++) if (((pages >> page) & 1) === 1) nodes |= 1 << (page >> 1);
  return nodes;
}

/** A mask of pages in which those of each node in `swapped` have changed places. */
function swapPages(pages: number, swapped: number): number {
  let mask = pages;
  for (let node = 0; swapped >> node !== 0; node++) {
    const both = (pages >> (2 * node)) & 3;
    if (((swapped >> node) & 1) === 1 && (both === 1 || both === 2)) mask ^= 3 << (2 * node);
  }
  return mask;
}
