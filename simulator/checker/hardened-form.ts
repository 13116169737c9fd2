/**
 * One form for all states of the hardened protocol that differ in nothing that it can tell. It compares (boot, gen) of one
 * node and terms, and puts a record on the page of its gen's parity, but never uses a number for itself. So the numbers
 * that are left in a state are counted anew from below: their order, and the parity of gen, stay.
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
import { CHIP, MODE, NODE } from "./layout.ts";
import { FIRST_CONTENT, type LocalRun, MANY } from "./local-runs.ts";
import type { Model } from "./model.ts";
import { renumbered } from "./numbering.ts";

const CLUSTER = clusterTag("c");
const PAGE = 64;
const DISGRACE_MAX = 2;

const DAMAGE: readonly FaultClass[] = ["torn-write", "page-rot"];
const NODES_MAX = 8;
const BOOTS_MAX = 64;
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

interface Mentioned {
  /** Packed, of all nodes. */
  readonly marks: readonly number[];
  readonly terms: readonly number[];
}

/** The old numbers that are in a state, sorted, and what each becomes. */
interface Renumbering {
  readonly id: number;
  readonly marks: ReadonlyMap<number, readonly [boot: number, gen: number]>;
  readonly terms: ReadonlyMap<number, number>;
  /** By node: the highest boot in use. */
  readonly boots: readonly number[];
}

export class HardenedForm {
  readonly #model: Model;
  readonly #bookkeeping: boolean;
  readonly #bothPages: boolean;
  readonly #records = new Map<number, readonly (NodeRecord | undefined)[]>();
  readonly #contentMentions: (Mentioned | undefined)[] = [];
  readonly #runMentions: (Mentioned | undefined)[] = [];
  readonly #renumberings = new Map<string, Renumbering>();
  /** By what it is and renumbering. */
  readonly #contents = new Map<number, number>();
  readonly #memories = new Map<number, number>();
  readonly #runs = new Map<number, number>();

  /**
   * @param bookkeeping false: who is held to be dead, what the cloud was told and how often a node came back are left out,
   * which is sound where the question is who acts: `decide` asks none of it for that.
   */
  constructor(model: Model, bookkeeping: boolean) {
    this.#model = model;
    this.#bookkeeping = bookkeeping;
    // The earlier of a node's two records on a chip is looked at only where the later one can be damaged.
    this.#bothPages = model.options.faults.some((fault) => DAMAGE.includes(fault));
  }

  /** Brings `state` into its form, in place. */
  apply(state: Int32Array): void {
    const renumbering = this.#renumbering(state);
    const { layout } = this.#model;
    for (let chip = 0; chip < layout.chips; chip++) {
      const at = layout.chip(chip, CHIP.content);
      state[at] = this.#content(state[at]!, renumbering);
    }
    state[layout.actedTerm] = renumbering.terms.get(state[layout.actedTerm]!) ?? 0;
    for (let node = 0; node < layout.nodes; node++) {
      const [mode, boot, ref] = [NODE.mode, NODE.boot, NODE.ref].map((field) => layout.node(node, field)) as [
        number,
        number,
        number,
      ];
      switch (state[mode]) {
        case MODE.awake: {
          const run = this.#run(state[ref]!, renumbering);
          state[ref] = run;
          state[boot] = this.#model.runs.runs.get(run).boot;
          break;
        }
        case MODE.period:
        case MODE.settle: {
          const before = state[boot]!;
          const memory = this.#model.runs.memories.get(state[ref]!) as HardenedMemory;
          state[boot] = renumbering.marks.get(pack(node, before, memory.gen))![0];
          state[ref] = this.#memory(state[ref]!, node, before, renumbering);
          break;
        }
        default:
          // Its next boot number is above all that are in use, and that is all that counts.
          state[boot] = renumbering.boots[node]!;
      }
    }
  }

  #renumbering(state: Int32Array): Renumbering {
    const { layout, runs } = this.#model;
    const marks: number[] = [];
    const terms: number[] = [];
    const mention = (found: Mentioned): void => {
      for (const mark of found.marks) if (!marks.includes(mark)) marks.push(mark);
      for (const term of found.terms) if (!terms.includes(term)) terms.push(term);
    };
    for (let chip = 0; chip < layout.chips; chip++)
      mention(this.#mentionedByContent(state[layout.chip(chip, CHIP.content)]!));
    for (let node = 0; node < layout.nodes; node++) {
      const mode = state[layout.node(node, NODE.mode)];
      const ref = state[layout.node(node, NODE.ref)]!;
      if (mode === MODE.awake) mention(this.#mentionedByRun(ref));
      else if (mode === MODE.period || mode === MODE.settle) {
        const memory = runs.memories.get(ref) as HardenedMemory;
        mention(mentionedByMemory(memory, node, state[layout.node(node, NODE.boot)]!));
      }
    }
    if (state[layout.actor] !== 0) mention({ marks: [], terms: [state[layout.actedTerm]!] });
    marks.sort((x, y) => x - y);
    terms.sort((x, y) => x - y);
    const key = `${marks.join()};${terms.join()}`;
    let known = this.#renumberings.get(key);
    if (known === undefined) {
      known = renumber(marks, terms, this.#renumberings.size, layout.nodes, this.#bothPages);
      this.#renumberings.set(key, known);
    }
    return known;
  }

  #recordsOf(content: number): readonly (NodeRecord | undefined)[] {
    let known = this.#records.get(content);
    if (known === undefined) {
      const bytes = this.#model.runs.contents.get(content);
      known = this.#parse(bytes);
      this.#records.set(content, known);
    }
    return known;
  }

  /** The records that count, by page. */
  #parse(bytes: Uint8Array): readonly (NodeRecord | undefined)[] {
    const records = Array.from({ length: 2 * this.#model.layout.nodes }, (_, page) => {
      const record = parseRecord(bytes, PAGE * page, page >> 1, CLUSTER);
      return typeof record === "string" ? undefined : record;
    });
    if (this.#bothPages) return records;
    return records.map((record, page) => {
      const other = records[page ^ 1];
      return record !== undefined && other !== undefined && isLater(other, record) ? undefined : record;
    });
  }

  #mentionedByContent(content: number): Mentioned {
    this.#contentMentions[content] ??= mentionedByRecords(this.#recordsOf(content));
    return this.#contentMentions[content];
  }

  #mentionedByRun(id: number): Mentioned {
    let known = this.#runMentions[id];
    if (known === undefined) {
      const { self, memory, boot, replies } = this.#model.runs.runs.get(id);
      const marks: number[] = [];
      const terms: number[] = [];
      const kept = this.#model.runs.memories.get(memory) as HardenedMemory;
      const parts = [
        mentionedByMemory(kept, self, boot),
        ...replies
          .filter((reply) => reply >= FIRST_CONTENT)
          .map((reply) => this.#mentionedByContent(reply - FIRST_CONTENT)),
      ];
      for (const part of parts) {
        marks.push(...part.marks);
        terms.push(...part.terms);
      }
      known = { marks: [...new Set(marks)], terms: [...new Set(terms)] };
      this.#runMentions[id] = known;
    }
    return known;
  }

  #content(content: number, renumbering: Renumbering): number {
    const key = content * MANY + renumbering.id;
    const known = this.#contents.get(key);
    if (known !== undefined) return known;
    const bytes = this.#bothPages
      ? this.#model.runs.contents.get(content).slice()
      : new Uint8Array(areaBytes(this.#model.layout.nodes)).fill(0xff);
    for (const [page, record] of this.#recordsOf(content).entries()) {
      if (record === undefined) continue;
      const [boot, gen] = renumbering.marks.get(pack(record.node, record.boot, record.gen))!;
      const term = renumbering.terms.get(record.term)!;
      const books = this.#bookkeeping ? {} : { last: false, dead: 0, told: 0, admit: 0 };
      bytes.set(
        formatRecord({ ...record, boot, gen, term, ...books }, CLUSTER),
        this.#bothPages ? PAGE * page : recordAddress(record.node, gen),
      );
    }
    const renumbered = this.#model.runs.content(bytes);
    this.#contents.set(key, renumbered);
    return renumbered;
  }

  #memory(id: number, self: number, boot: number, renumbering: Renumbering): number {
    const key = ((id * NODES_MAX + self) * BOOTS_MAX + boot) * MANY + renumbering.id;
    const known = this.#memories.get(key);
    if (known !== undefined) return known;
    const memory = this.#model.runs.memories.get(id) as HardenedMemory;
    const renumbered = this.#model.runs.memory({
      ...memory,
      gen: renumbering.marks.get(pack(self, boot, memory.gen))![1],
      term: renumbering.terms.get(memory.term)!,
      seen: memory.seen.map((mark, node) =>
        mark === undefined || mark === null
          ? undefined
          : renumbering.marks.get(pack(node, mark[0], mark[1]))!,
      ),
      disgrace: Math.min(memory.disgrace, DISGRACE_MAX),
      ...(this.#bookkeeping ? {} : NO_BOOKS),
    } satisfies HardenedMemory);
    this.#memories.set(key, renumbered);
    return renumbered;
  }

  #run(id: number, renumbering: Renumbering): number {
    const key = id * MANY + renumbering.id;
    const known = this.#runs.get(key);
    if (known !== undefined) return known;
    const run = this.#model.runs.runs.get(id);
    const memory = this.#model.runs.memories.get(run.memory) as HardenedMemory;
    const renumbered: LocalRun = {
      ...run,
      memory: this.#memory(run.memory, run.self, run.boot, renumbering),
      boot: renumbering.marks.get(pack(run.self, run.boot, memory.gen))![0],
      replies: run.replies.map((reply) =>
        reply < FIRST_CONTENT ? reply : this.#content(reply - FIRST_CONTENT, renumbering) + FIRST_CONTENT,
      ),
    };
    const at = this.#model.runs.run(renumbered);
    this.#runs.set(key, at);
    return at;
  }
}

function mentionedByRecords(records: readonly (NodeRecord | undefined)[]): Mentioned {
  const marks: number[] = [];
  const terms: number[] = [];
  for (const record of records) {
    if (record === undefined) continue;
    marks.push(pack(record.node, record.boot, record.gen));
    if (!terms.includes(record.term)) terms.push(record.term);
  }
  return { marks, terms };
}

function mentionedByMemory(memory: HardenedMemory, self: number, boot: number): Mentioned {
  const marks = [pack(self, boot, memory.gen)];
  for (const [node, mark] of memory.seen.entries())
    if (mark !== undefined && mark !== null) marks.push(pack(node, mark[0], mark[1]));
  return { marks, terms: [memory.term] };
}

function renumber(
  marks: readonly number[],
  terms: readonly number[],
  id: number,
  nodes: number,
  parity: boolean,
): Renumbering {
  const newMarks = new Map<number, readonly [number, number]>();
  const boots = new Array<number>(nodes).fill(0);
  let before = { node: -1, boot: -1, newBoot: 0, newGen: 0 };
  for (const mark of marks) {
    const gen = mark % BOOTS;
    const boot = Math.floor(mark / BOOTS) % BOOTS;
    const node = Math.floor(mark / (BOOTS * BOOTS));
    const sameNode = node === before.node;
    const sameBoot = sameNode && boot === before.boot;
    const newBoot = !sameNode ? 1 : sameBoot ? before.newBoot : before.newBoot + 1;
    const above = sameBoot ? before.newGen + 1 : 0;
    const newGen = parity ? above + ((above ^ gen) & 1) : above;
    newMarks.set(mark, [newBoot, newGen]);
    boots[node] = newBoot;
    before = { node, boot, newBoot, newGen };
  }
  return { id, marks: newMarks, terms: renumbered(terms), boots };
}
