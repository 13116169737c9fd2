/**
 * One form for all states of the hardened protocol that differ in nothing that it can tell. It compares (boot, gen) of one
 * node and terms, and puts a record on the page of its gen's parity, but never uses a number for itself. So the numbers
 * that are left in a state are counted anew from below: their order stays, and the parity of gen where it matters; of a
 * node that is never cold again, even and odd may change places.
 *
 * What nobody can come to read as the latest of its node is left out (`hidden-records.ts`): a record while later ones stand
 * in more places than the faults that are left can take away.
 *
 * Two abstractions: terms more than 2 apart count as 2 apart, which has no part in exclusion; and a node that could not
 * publish holds back until a day has passed, which it may at any time (`forgiven`), and not for a number of wakes.
 */
import type { HardenedMemory } from "../protocol/hardened/memory.ts";
import { formatRecord, type NodeRecord, parseRecord, recordAddress } from "../protocol/hardened/record.ts";
import { HOLD_DOWN_WAKES } from "../protocol/timing.ts";
import { ALL, blank, CLUSTER, ContentRecords, MASKS, PAGE, type Records } from "./content-records.ts";
import type { FaultClass } from "./fault-classes.ts";
import { CHIP, CHIP_WORN_SHIFT, MODE, NODE, wornPage } from "./layout.ts";
import { FIRST_CONTENT, type LocalRun, type Tail } from "./local-runs.ts";
import type { Model } from "./model.ts";
import { PairMap } from "./pair-map.ts";
import { NUMBERS_MAX, pack, Renumbering, SortedNumbers } from "./renumbering.ts";
import { SequenceSet } from "./sequence-set.ts";
import { HiddenRecords } from "./superseded-records.ts";

/** While one of these may come, both pages of a node count. */
const DAMAGE: readonly FaultClass[] = ["torn-write", "chip-resets", "page-rot", "page-worn"];
/** A node boots after one of these, or wakes as if it had never run. */
const RESETS: readonly FaultClass[] = ["torn-write", "power-cut", "watchdog-reset", "stale-memory"];
/** After none of these can a chip that answers come to hold less, or a wake to read less of it. */
const HARMLESS: readonly FaultClass[] = [
  "write-protected",
  "write-error",
  "write-unconfirmed",
  "node-dies",
  "power-cut",
  "watchdog-reset",
  "freeze",
  "offline",
  "early-wake",
  "overlong-wake",
];
const NO_BOOKS = {
  moves: [],
  flaps: [],
  wakesSinceReadmission: 0,
  tookOverFrom: undefined,
  announced: false,
  reportedDead: undefined,
};

const NODES_MAX = 8;
const BOOTS_MAX = 64;

interface Mentioned {
  /** Packed, of all nodes. */
  readonly marks: readonly number[];
  readonly terms: readonly number[];
}
const mentioned = (marks: readonly number[], terms: readonly number[]): Mentioned => ({
  marks: [...new Set(marks)],
  terms: [...new Set(terms)],
});

/** What the faults that are left may do: whether a page may be damaged, or a node be reset, and of how many chips a reader may be deprived. */
interface ToCome {
  readonly damage: boolean;
  readonly resets: boolean;
  readonly harm: number;
}

/** The memory of a node that held back, once a day has passed; undefined for one that does not. */
export function forgiven(memory: unknown): HardenedMemory | undefined {
  const held = memory as HardenedMemory;
  return held.holdDownWakes > 0 ? { ...held, holdDownWakes: 0 } : undefined;
}

export class HardenedForm {
  readonly #model: Model;
  readonly #bookkeeping: boolean;
  readonly #pagesSwap: boolean;
  /** By what faults are left. */
  readonly #faultsToCome: ToCome[] = [];
  readonly #records: ContentRecords;
  readonly #hidden: HiddenRecords;
  readonly #contentMentions: (Mentioned | undefined)[] = [];
  readonly #memoryMentions = new Map<number, Mentioned>();
  readonly #runMentions: (Mentioned | undefined)[] = [];
  readonly #writeRecords: (NodeRecord | null | undefined)[] = [];
  readonly #sequences = new SequenceSet();
  readonly #sequence = new Int32Array(2 + 2 * NUMBERS_MAX);
  readonly #renumberings: Renumbering[] = [];
  /** By renumbering: what a content, a memory and a run become. */
  readonly #contents = new PairMap();
  readonly #memories = new PairMap();
  readonly #runs = new PairMap();
  readonly #marks = new SortedNumbers();
  readonly #terms = new SortedNumbers();

  /**
   * @param bookkeeping false: who is held to be dead, what the cloud was told and how often a node came back are left out,
   * which is sound where the question is who acts: `decide` asks none of it for that.
   * @param pagesSwap a node's two pages may change places, so that a step's label does not tell which was meant
   */
  constructor(model: Model, bookkeeping: boolean, pagesSwap: boolean) {
    this.#model = model;
    this.#bookkeeping = bookkeeping;
    this.#pagesSwap = pagesSwap;
    this.#records = new ContentRecords(model.runs, model.layout.nodes);
    this.#hidden = new HiddenRecords(model, this.#records);
  }

  /** Brings `state` into its form, in place. */
  apply(state: Int32Array): void {
    const { layout, runs } = this.#model;
    const { damage: pages, harm } = this.#toCome(state[layout.faultsLeft]!);
    this.#hidden.leaveOut(state, pages, harm);
    const parity = pages ? ALL : this.#worn(state);
    const renumbering = this.#renumbering(state, parity, parity & this.#relative(state));
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
          // Its next boot number is above all that are in use, and that is all that counts.
          state[boot] = renumbering.boots[node]!;
      }
    }
  }

  #toCome(faultsLeft: number): ToCome {
    const known = this.#faultsToCome[faultsLeft];
    if (known !== undefined) return known;
    const { onceEach } = this.#model.options;
    const faults = this.#model.faultsToCome(faultsLeft);
    const harmful = faults.filter((fault) => !HARMLESS.includes(fault));
    const toCome = {
      damage: faults.some((fault) => DAMAGE.includes(fault)),
      resets: faults.some((fault) => RESETS.includes(fault)),
      harm: harmful.includes("wire-cut")
        ? Number.POSITIVE_INFINITY
        : onceEach === true
          ? harmful.length
          : harmful.length === 0
            ? 0
            : faultsLeft,
    };
    this.#faultsToCome[faultsLeft] = toCome;
    return toCome;
  }

  /** Mask of the nodes for which a page is worn: for them it counts which page they write next. */
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
   * Mask of the nodes that run and are never cold again: for them it is all one which of their pages is which. A node that
   * boots begins with an odd gen.
   */
  #relative(state: Int32Array): number {
    const { layout, runs } = this.#model;
    if (!this.#pagesSwap || state[layout.crashesLeft]! > 0 || this.#toCome(state[layout.faultsLeft]!).resets)
      return 0;
    let mask = 0;
    for (let node = 0; node < layout.nodes; node++) {
      const mode = state[layout.node(node, NODE.mode)];
      if (mode === MODE.reset || mode === MODE.off) continue;
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

  #renumbering(state: Int32Array, parity: number, relative: number): Renumbering {
    const { layout } = this.#model;
    this.#marks.clear();
    this.#terms.clear();
    for (let chip = 0; chip < layout.chips; chip++)
      this.#mention(this.#mentionedByContent(state[layout.chip(chip, CHIP.content)]!));
    for (let node = 0; node < layout.nodes; node++) {
      const mode = state[layout.node(node, NODE.mode)];
      const ref = state[layout.node(node, NODE.ref)]!;
      if (mode === MODE.awake) this.#mention(this.#mentionedByRun(ref));
      else if (mode === MODE.period || mode === MODE.settle)
        this.#mention(this.#mentionedByMemory(ref, node, state[layout.node(node, NODE.boot)]!));
    }
    if (state[layout.actor] !== 0) this.#terms.insert(state[layout.actedTerm]!);
    const sequence = this.#sequence;
    sequence[0] = relative * MASKS + parity;
    sequence[1] = this.#marks.count;
    const length = this.#terms.copyTo(sequence, this.#marks.copyTo(sequence, 2));
    const id = this.#sequences.id(sequence, length);
    if (id === this.#renumberings.length) {
      const [marks, terms] = [this.#marks.toArray(), this.#terms.toArray()];
      this.#renumberings.push(new Renumbering(id, marks, terms, layout.nodes, parity, relative));
    }
    return this.#renumberings[id]!;
  }

  #mention({ marks, terms }: Mentioned): void {
    for (let i = 0; i < marks.length; i++) this.#marks.insert(marks[i]!);
    for (let i = 0; i < terms.length; i++) this.#terms.insert(terms[i]!);
  }

  #mentionedByContent(content: number): Mentioned {
    this.#contentMentions[content] ??= mentionedByRecords(this.#records.pages(content));
    return this.#contentMentions[content];
  }

  #mentionedByMemory(id: number, self: number, boot: number): Mentioned {
    const key = (id * NODES_MAX + self) * BOOTS_MAX + boot;
    let known = this.#memoryMentions.get(key);
    if (known === undefined) {
      known = mentionedByMemory(this.#memoryOf(id), self, boot);
      this.#memoryMentions.set(key, known);
    }
    return known;
  }

  #mentionedByRun(id: number): Mentioned {
    this.#runMentions[id] ??= this.#mentionsOfRun(id);
    return this.#runMentions[id];
  }

  #mentionsOfRun(id: number): Mentioned {
    const run = this.#model.runs.runs.get(id);
    const parts: Mentioned[] = [];
    if ("next" in run) {
      const { self, boot, action, decided, stale } = run;
      if (decided !== undefined) parts.push({ marks: [], terms: [decided.term] });
      if (stale >= 0) parts.push(this.#mentionedByMemory(stale, self, boot));
      if (action.kind === "done") parts.push(this.#mentionedByMemory(action.memory, self, boot));
      if (action.kind === "write") parts.push(mentionedByRecords([this.#recordOf(action.write)]));
      for (const next of run.next) parts.push(this.#mentionedByRun(next));
    } else {
      parts.push(this.#mentionedByMemory(run.memory, run.self, run.boot));
      for (const reply of run.replies)
        if (reply >= FIRST_CONTENT) parts.push(this.#mentionedByContent(reply - FIRST_CONTENT));
    }
    return mentioned(
      parts.flatMap(({ marks }) => marks),
      parts.flatMap(({ terms }) => terms),
    );
  }

  /** The record that a write writes; undefined where it is torn. */
  #recordOf(write: number): NodeRecord | undefined {
    if (this.#writeRecords[write] === undefined) {
      const { address, bytes } = this.#model.runs.writes.get(write);
      const record = parseRecord(bytes, 0, Math.floor(address / PAGE / 2), CLUSTER);
      this.#writeRecords[write] = typeof record === "string" ? null : record;
    }
    return this.#writeRecords[write] ?? undefined;
  }

  #memoryOf(id: number): HardenedMemory {
    return this.#model.runs.memories.get(id) as HardenedMemory;
  }

  #record(record: NodeRecord, renumbering: Renumbering): NodeRecord {
    const [boot, gen] = renumbering.mark(record.node, record.boot, record.gen);
    const books = this.#bookkeeping ? {} : { lastClaimant: false, dead: 0, reportedDead: 0, admit: 0 };
    return { ...record, boot, gen, term: renumbering.term(record.term), ...books };
  }

  #content(content: number, renumbering: Renumbering): number {
    const known = this.#contents.get(renumbering.id, content);
    if (known >= 0) return known;
    const bytes = blank(this.#model.layout.nodes);
    for (const record of this.#records.pages(content)) {
      if (record === undefined) continue;
      const changed = this.#record(record, renumbering);
      bytes.set(formatRecord(changed, CLUSTER), recordAddress(record.node, changed.gen));
    }
    const changed = this.#model.runs.content(bytes);
    this.#contents.add(renumbering.id, content, changed);
    return changed;
  }

  #memory(id: number, self: number, boot: number, renumbering: Renumbering): number {
    const key = (id * NODES_MAX + self) * BOOTS_MAX + boot;
    const known = this.#memories.get(renumbering.id, key);
    if (known >= 0) return known;
    const memory = this.#memoryOf(id);
    const changed = this.#model.runs.memory({
      ...memory,
      gen: renumbering.mark(self, boot, memory.gen)[1],
      term: renumbering.term(memory.term),
      seen: memory.seen.map((mark, node) => mark && renumbering.mark(node, mark[0], mark[1])),
      holdDownWakes: memory.holdDownWakes > 0 ? HOLD_DOWN_WAKES : 0,
      // Which page is spared counts only where pages do.
      avoid: this.#spared(memory, self, renumbering),
      ...(this.#bookkeeping ? {} : NO_BOOKS),
    } satisfies HardenedMemory);
    this.#memories.add(renumbering.id, key, changed);
    return changed;
  }

  #spared({ avoid }: HardenedMemory, self: number, { parity, swapped }: Renumbering): 0 | 1 | undefined {
    if (avoid === undefined || (parity & (1 << self)) === 0) return undefined;
    return (swapped & (1 << self)) === 0 ? avoid : avoid === 0 ? 1 : 0;
  }

  #run(id: number, renumbering: Renumbering): number {
    const known = this.#runs.get(renumbering.id, id);
    if (known >= 0) return known;
    const { runs } = this.#model;
    const run = runs.runs.get(id);
    const changed = "next" in run ? this.#tail(run, renumbering) : this.#reading(run, renumbering);
    this.#runs.add(renumbering.id, id, changed);
    return changed;
  }

  #reading(run: LocalRun, renumbering: Renumbering): number {
    return this.#model.runs.run({
      ...run,
      memory: this.#memory(run.memory, run.self, run.boot, renumbering),
      boot: renumbering.mark(run.self, run.boot, this.#memoryOf(run.memory).gen)[0],
      replies: run.replies.map((reply) =>
        reply < FIRST_CONTENT ? reply : this.#content(reply - FIRST_CONTENT, renumbering) + FIRST_CONTENT,
      ),
    });
  }

  #tail(tail: Tail, renumbering: Renumbering): number {
    const { runs } = this.#model;
    const { self, boot, decided, stale } = tail;
    const next = tail.next.map((after) => this.#run(after, renumbering));
    let { action } = tail;
    let newBoot = next.length === 0 ? 0 : runs.runs.get(next[0]!).boot;
    if (action.kind === "done") {
      newBoot = renumbering.mark(self, boot, this.#memoryOf(action.memory).gen)[0];
      action = { ...action, memory: this.#memory(action.memory, self, boot, renumbering) };
    } else if (action.kind === "write") {
      const record = this.#record(this.#recordOf(action.write)!, renumbering);
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
      },
      next,
      stale: stale < 0 ? stale : this.#memory(stale, self, boot, renumbering),
    });
  }
}

function mentionedByRecords(records: Records): Mentioned {
  const present = records.filter((record) => record !== undefined);
  return mentioned(
    present.map(({ node, boot, gen }) => pack(node, boot, gen)),
    present.map(({ term }) => term),
  );
}

function mentionedByMemory(memory: HardenedMemory, self: number, boot: number): Mentioned {
  const marks = [pack(self, boot, memory.gen)];
  for (const [node, mark] of memory.seen.entries())
    if (mark !== undefined && mark !== null) marks.push(pack(node, mark[0], mark[1]));
  return mentioned(marks, [memory.term]);
}
