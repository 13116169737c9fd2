/**
 * One form for all states of the hardened protocol that differ in nothing that it can tell. It compares (boot, gen) of one
 * node and terms, and puts a record on the page of its gen's parity, but never uses a number for itself. So the numbers
 * that are left in a state are counted anew from below: their order, and the parity of gen where it matters, stay.
 *
 * What nobody can come to read as the latest of its node is left out: the earlier of two records on a chip, as long as
 * nothing can damage the later one, and any record while a later one stands on a chip that everybody reads.
 *
 * Two abstractions, both of what has no part in exclusion: terms more than 2 apart count as 2 apart, and the wakes for
 * which a node that could not publish holds back count down from `DISGRACE_MAX`, not from a day's.
 */
import type { HardenedMemory } from "../protocol/hardened/decide.ts";
import {
  areaBytes,
  clusterTag,
  formatRecord,
  isLater,
  type NodeRecord,
  parseRecord,
  recordAddress,
} from "../protocol/hardened/record.ts";
import type { FaultClass } from "./fault-classes.ts";
import { CHIP, CHIP_ABSENT, MODE, NODE, NODE_CUT, wornPage } from "./layout.ts";
import { FIRST_CONTENT, type LocalRun, type Tail } from "./local-runs.ts";
import type { Model } from "./model.ts";
import { renumbered } from "./numbering.ts";
import { SequenceSet } from "./sequence-set.ts";

const CLUSTER = clusterTag("c");
const PAGE = 64;
const DISGRACE_MAX = 2;
/** Of marks and terms in one state, both pages of three nodes on four chips and what three wakes have read. */
const NUMBERS_MAX = 120;

/** While one of these may come, both pages of a node count. */
const DAMAGE: readonly FaultClass[] = ["torn-write", "chip-resets", "page-rot", "page-worn"];
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
  calm: 0,
  tookOverFrom: undefined,
  announced: false,
  told: undefined,
};

/** A (boot, gen) of a node as one number that sorts as they do. */
const BOOTS = 1 << 12;
const pack = (node: number, boot: number, gen: number): number => (node * BOOTS + boot) * BOOTS + gen;
const NODES_MAX = 8;
/** Of all nodes. */
const ALL = 0xff;
const MASKS = 0x100;
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

type Records = readonly (NodeRecord | undefined)[];

/** What each number that is in a state becomes, and what becomes of its parts. */
class Renumbering {
  readonly marks: ReadonlyMap<number, readonly [boot: number, gen: number]>;
  readonly terms: ReadonlyMap<number, number>;
  /** By node: the highest boot in use. */
  readonly boots: readonly number[];
  /** Mask of the nodes whose gens stay even or odd. */
  readonly parity: number;
  readonly contents = new Map<number, number>();
  readonly memories = new Map<number, number>();
  readonly runs = new Map<number, number>();

  /** @param marks sorted, as are `terms` */
  constructor(marks: readonly number[], terms: readonly number[], nodes: number, parity: number) {
    this.parity = parity;
    this.terms = renumbered(terms);
    const boots = new Array<number>(nodes).fill(0);
    const newMarks = new Map<number, readonly [number, number]>();
    let before = { node: -1, boot: -1, newBoot: 0, newGen: 0 };
    for (const mark of marks) {
      const gen = mark % BOOTS;
      const boot = Math.floor(mark / BOOTS) % BOOTS;
      const node = Math.floor(mark / (BOOTS * BOOTS));
      const sameNode = node === before.node;
      const sameBoot = sameNode && boot === before.boot;
      const newBoot = !sameNode ? 1 : sameBoot ? before.newBoot : before.newBoot + 1;
      const above = sameBoot ? before.newGen + 1 : 0;
      const newGen = (parity & (1 << node)) !== 0 ? above + ((above ^ gen) & 1) : above;
      newMarks.set(mark, [newBoot, newGen]);
      boots[node] = newBoot;
      before = { node, boot, newBoot, newGen };
    }
    this.marks = newMarks;
    this.boots = boots;
  }

  mark(node: number, boot: number, gen: number): readonly [boot: number, gen: number] {
    return this.marks.get(pack(node, boot, gen))!;
  }

  term(term: number): number {
    return this.terms.get(term)!;
  }
}

export class HardenedForm {
  readonly #model: Model;
  readonly #bookkeeping: boolean;
  /** By what faults are left. */
  readonly #faultsToCome: { readonly damage: boolean; readonly harmless: boolean }[] = [];
  readonly #hides: boolean;
  /** By content: records by page. */
  readonly #pages: (Records | undefined)[] = [];
  /** By content: the latest record of each node. */
  readonly #latest: (Records | undefined)[] = [];
  readonly #contentMentions: (Mentioned | undefined)[] = [];
  readonly #memoryMentions = new Map<number, Mentioned>();
  readonly #runMentions: (Mentioned | undefined)[] = [];
  readonly #writeRecords: (NodeRecord | null | undefined)[] = [];
  /** By content: by mask of nodes whose records are left out. */
  readonly #without: (Map<number, number> | undefined)[] = [];
  readonly #sequences = new SequenceSet(NUMBERS_MAX);
  readonly #renumberings: Renumbering[] = [];
  readonly #sequence = new Int32Array(NUMBERS_MAX);
  readonly #marks: number[] = [];
  readonly #terms: number[] = [];

  /**
   * @param bookkeeping false: who is held to be dead, what the cloud was told and how often a node came back are left out,
   * which is sound where the question is who acts: `decide` asks none of it for that.
   */
  constructor(model: Model, bookkeeping: boolean) {
    this.#model = model;
    this.#bookkeeping = bookkeeping;
    const { faults } = model.options;
    // A memory from before may be of a record that others have come after.
    this.#hides = !faults.includes("stale-memory");
  }

  /** Brings `state` into its form, in place. */
  apply(state: Int32Array): void {
    const { layout, runs } = this.#model;
    const { damage: pages, harmless } = this.#toCome(state[layout.faultsLeft]!);
    if (!pages) this.#leaveOut(state, harmless);
    const renumbering = this.#renumbering(state, pages ? ALL : this.#worn(state));
    for (let chip = 0; chip < layout.chips; chip++) {
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

  #toCome(faultsLeft: number): { readonly damage: boolean; readonly harmless: boolean } {
    const known = this.#faultsToCome[faultsLeft];
    if (known !== undefined) return known;
    const faults = this.#model.faultsToCome(faultsLeft);
    const toCome = {
      damage: faults.some((fault) => DAMAGE.includes(fault)),
      harmless: faults.every((fault) => HARMLESS.includes(fault)),
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

  /** Leaves out of chips, and of what was read of them, the records that nobody can come to take for the latest. */
  #leaveOut(state: Int32Array, lasting: boolean): void {
    const { layout, runs } = this.#model;
    const { chips, nodes } = layout;
    let isCut = false;
    for (let node = 0; node < nodes; node++)
      if ((state[layout.node(node, NODE.flags)]! & NODE_CUT) !== 0) isCut = true;
    const hides = this.#hides && lasting && !isCut;
    const masks: number[] = [];
    for (let chip = 0; chip < chips; chip++) masks.push(hides ? this.#hidden(state, chip) : 0);
    for (let node = 0; node < nodes; node++) {
      const ref = layout.node(node, NODE.ref);
      if (state[layout.node(node, NODE.mode)] !== MODE.awake) continue;
      const run = runs.runs.get(state[ref]!);
      if ("next" in run) continue;
      const replies = run.replies.map((reply, index) => {
        if (reply < FIRST_CONTENT) return reply;
        const mask = hides ? this.#hiddenReply(state, run, index) : 0;
        return this.#contentWithout(reply - FIRST_CONTENT, mask) + FIRST_CONTENT;
      });
      if (replies.some((reply, index) => reply !== run.replies[index]))
        state[ref] = runs.run({ ...run, replies });
    }
    for (let chip = 0; chip < chips; chip++) {
      const at = layout.chip(chip, CHIP.content);
      state[at] = this.#contentWithout(state[at]!, masks[chip]!);
    }
  }

  /** Mask of the nodes whose record on `chip` a later one hides, on a chip that answers everybody. */
  #hidden(state: Int32Array, chip: number): number {
    const { layout } = this.#model;
    const own = this.#latestOn(state[layout.chip(chip, CHIP.content)]!);
    let mask = 0;
    for (let other = 0; other < layout.chips; other++) {
      if (other === chip || !this.#answers(state, other)) continue;
      const later = this.#latestOn(state[layout.chip(other, CHIP.content)]!);
      for (let node = 0; node < layout.nodes; node++) {
        const [mine, hides] = [own[node], later[node]];
        if (mine === undefined || hides === undefined || !isLater(hides, mine)) continue;
        if (!this.#isAwaited(state, mine, chip, other)) mask |= 1 << node;
      }
    }
    return mask;
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
        const seen = reply < FIRST_CONTENT ? undefined : this.#latestOn(reply - FIRST_CONTENT)[record.node];
        return seen !== undefined && !isLater(record, seen);
      });
      if (!isKnown) return true;
    }
    return false;
  }

  /** The same of what a wake has read of a chip: it has read, or is going to read, a later one. */
  #hiddenReply(state: Int32Array, run: LocalRun, index: number): number {
    const { layout } = this.#model;
    const own = this.#latestOn(run.replies[index]! - FIRST_CONTENT);
    const read = chipsRead(run);
    let mask = 0;
    for (let other = 0; other < layout.chips; other++) {
      if (replyOf(other) === index) continue;
      const reply = other < read ? run.replies[replyOf(other)]! : 0;
      if (other < read ? reply < FIRST_CONTENT : !this.#answers(state, other)) continue;
      const later = this.#latestOn(
        other < read ? reply - FIRST_CONTENT : state[layout.chip(other, CHIP.content)]!,
      );
      for (let node = 0; node < layout.nodes; node++) {
        const [mine, hides] = [own[node], later[node]];
        if (mine === undefined || hides === undefined) continue;
        // Its own it looks for on every chip, another's on any.
        const again = node !== run.self && replyOf(other) < index && !isLater(mine, hides);
        if (again || isLater(hides, mine)) mask |= 1 << node;
      }
    }
    return mask;
  }

  #answers(state: Int32Array, chip: number): boolean {
    return (state[this.#model.layout.chip(chip, CHIP.flags)]! & CHIP_ABSENT) === 0;
  }

  #renumbering(state: Int32Array, parity: number): Renumbering {
    const { layout } = this.#model;
    this.#marks.length = 0;
    this.#terms.length = 0;
    for (let chip = 0; chip < layout.chips; chip++)
      this.#mention(this.#mentionedByContent(state[layout.chip(chip, CHIP.content)]!));
    for (let node = 0; node < layout.nodes; node++) {
      const mode = state[layout.node(node, NODE.mode)];
      const ref = state[layout.node(node, NODE.ref)]!;
      if (mode === MODE.awake) this.#mention(this.#mentionedByRun(ref));
      else if (mode === MODE.period || mode === MODE.settle)
        this.#mention(this.#mentionedByMemory(ref, node, state[layout.node(node, NODE.boot)]!));
    }
    if (state[layout.actor] !== 0) insert(this.#terms, state[layout.actedTerm]!);
    const marks = this.#marks;
    const terms = this.#terms;
    const sequence = this.#sequence;
    sequence[0] = marks.length * MASKS + parity;
    for (let i = 0; i < marks.length; i++) sequence[i + 1] = marks[i]!;
    for (let i = 0; i < terms.length; i++) sequence[marks.length + 1 + i] = terms[i]!;
    const id = this.#sequences.id(sequence, 1 + marks.length + terms.length);
    if (id === this.#renumberings.length)
      this.#renumberings.push(new Renumbering(marks, terms, layout.nodes, parity));
    return this.#renumberings[id]!;
  }

  #mention({ marks, terms }: Mentioned): void {
    for (let i = 0; i < marks.length; i++) insert(this.#marks, marks[i]!);
    for (let i = 0; i < terms.length; i++) insert(this.#terms, terms[i]!);
  }

  #pagesOf(content: number): Records {
    this.#pages[content] ??= Array.from({ length: 2 * this.#model.layout.nodes }, (_, page) => {
      const bytes = this.#model.runs.contents.get(content);
      const record = parseRecord(bytes, PAGE * page, page >> 1, CLUSTER);
      return typeof record === "string" ? undefined : record;
    });
    return this.#pages[content];
  }

  #latestOn(content: number): Records {
    this.#latest[content] ??= Array.from({ length: this.#model.layout.nodes }, (_, node) => {
      const pages = this.#pagesOf(content);
      const [x, y] = [pages[2 * node], pages[2 * node + 1]];
      return x === undefined || (y !== undefined && isLater(y, x)) ? y : x;
    });
    return this.#latest[content];
  }

  /** A content with no more than the latest record of each node, and none of those in `mask`. */
  #contentWithout(content: number, mask: number): number {
    this.#without[content] ??= new Map();
    const known = this.#without[content].get(mask);
    if (known !== undefined) return known;
    const bytes = blank(this.#model.layout.nodes);
    for (const record of this.#latestOn(content))
      if (record !== undefined && (mask & (1 << record.node)) === 0)
        bytes.set(formatRecord(record, CLUSTER), recordAddress(record.node, record.gen));
    const without = this.#model.runs.content(bytes);
    this.#without[content].set(mask, without);
    return without;
  }

  #mentionedByContent(content: number): Mentioned {
    this.#contentMentions[content] ??= mentionedByRecords(this.#pagesOf(content));
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
    const books = this.#bookkeeping ? {} : { last: false, dead: 0, told: 0, admit: 0 };
    return { ...record, boot, gen, term: renumbering.term(record.term), ...books };
  }

  #content(content: number, renumbering: Renumbering): number {
    const known = renumbering.contents.get(content);
    if (known !== undefined) return known;
    const bytes =
      renumbering.parity === ALL
        ? this.#model.runs.contents.get(content).slice()
        : blank(this.#model.layout.nodes);
    for (const record of this.#pagesOf(content)) {
      if (record === undefined) continue;
      const changed = this.#record(record, renumbering);
      bytes.set(formatRecord(changed, CLUSTER), recordAddress(record.node, changed.gen));
    }
    const changed = this.#model.runs.content(bytes);
    renumbering.contents.set(content, changed);
    return changed;
  }

  #memory(id: number, self: number, boot: number, renumbering: Renumbering): number {
    const key = (id * NODES_MAX + self) * BOOTS_MAX + boot;
    const known = renumbering.memories.get(key);
    if (known !== undefined) return known;
    const memory = this.#memoryOf(id);
    const changed = this.#model.runs.memory({
      ...memory,
      gen: renumbering.mark(self, boot, memory.gen)[1],
      term: renumbering.term(memory.term),
      seen: memory.seen.map((mark, node) => mark && renumbering.mark(node, mark[0], mark[1])),
      disgrace: Math.min(memory.disgrace, DISGRACE_MAX),
      // Which page is spared counts only where pages do.
      ...((renumbering.parity & (1 << self)) !== 0 ? {} : { avoid: undefined }),
      ...(this.#bookkeeping ? {} : NO_BOOKS),
    } satisfies HardenedMemory);
    renumbering.memories.set(key, changed);
    return changed;
  }

  #run(id: number, renumbering: Renumbering): number {
    const known = renumbering.runs.get(id);
    if (known !== undefined) return known;
    const { runs } = this.#model;
    const run = runs.runs.get(id);
    const changed = "next" in run ? this.#tail(run, renumbering) : this.#reading(run, renumbering);
    renumbering.runs.set(id, changed);
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

/** The busy line comes before the chips, which are read in order. */
const replyOf = (chip: number): number => chip + 1;
const chipsRead = ({ replies }: LocalRun): number => replies.length - 1;

const blank = (nodes: number): Uint8Array => new Uint8Array(areaBytes(nodes)).fill(0xff);

/** Into a sorted list, once. */
function insert(list: number[], value: number): void {
  let at = list.length;
  while (at > 0 && list[at - 1]! > value) at -= 1;
  if (at > 0 && list[at - 1] === value) return;
  list.push(value);
  for (let i = list.length - 1; i > at; i--) list[i] = list[i - 1]!;
  list[at] = value;
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
