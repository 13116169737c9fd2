/** Chips on a table and nodes woken by hand, one whole wake at a time. */
import type { ClusterView, Decision, Effect, Reply } from "../../../../simulator/protocol/effects.ts";
import { latestOf } from "../../../../simulator/protocol/hardened/chip-records.ts";
import { HARDENED } from "../../../../simulator/protocol/hardened/hardened.ts";
import type { HardenedMemory } from "../../../../simulator/protocol/hardened/memory.ts";
import type { NodeRecord } from "../../../../simulator/protocol/hardened/record.ts";
import type {
  NodeContext,
  ResetCause,
  ResetOutcome,
  WakeResult,
} from "../../../../simulator/protocol/protocol.ts";
import { blankChip, CLUSTER, contextOf } from "./chips.ts";

/** Of a chip throughout, or by effect. */
export type Behaviour = Manner | ((effect: { readonly address: number }) => Manner);
/**
 * `unconfirmed`: takes a write and cannot say so. `keeps-nothing`: ACKs a write that is lost. `unwritable`: says so.
 * `absent`: neither read nor written.
 */
export type Manner = "well" | "absent" | "unreadable" | "unwritable" | "unconfirmed" | "keeps-nothing";

/** What a node does where it acts with nothing to report. */
export const ACT = ["connect", "publish-reading"];
const ACTS: readonly Effect["do"][] = ["connect", "report", "publish-reading"];

const nameOf = (effect: Effect): string => {
  if (effect.do === "read" || effect.do === "write") return `${effect.do} ${effect.chip}`;
  if (effect.do === "report") return `${effect.report.type} ${effect.report.subject}`;
  return effect.do;
};

export class HardenedBench {
  readonly behaviour: Behaviour[];
  /** Whether a publish, or a connect, works. */
  online: boolean | ((effect: Effect) => boolean) = true;
  /** Of the last wake. */
  effects: Effect[] = [];
  decision: Decision | undefined;
  view: ClusterView | undefined;
  readonly #nodes: number;
  readonly #chips: Uint8Array[];
  readonly #memories: HardenedMemory[] = [];
  readonly #boots: number[];

  constructor(nodes = 2, chips = nodes) {
    this.#nodes = nodes;
    this.#chips = Array.from({ length: chips }, () => blankChip(nodes));
    this.behaviour = this.#chips.map(() => "well");
    this.#boots = new Array<number>(nodes).fill(0);
  }

  get log(): string[] {
    return this.effects.map(nameOf);
  }

  context(self: number): NodeContext {
    return contextOf({ self, nodes: this.#nodes, witness: this.#chips.length > this.#nodes });
  }

  /** The latest record of a node on any chip. */
  record(node: number): NodeRecord | undefined {
    return latestOf(this.#chips, this.#nodes, CLUSTER)[node];
  }

  /** @param cause from deep sleep unless said, or from power-on where the node has never run */
  wake(
    node: number,
    cause: ResetCause = this.#boots[node] === 0 ? "power-on" : "deep-sleep",
  ): WakeResult<HardenedMemory> {
    if (cause !== "deep-sleep") this.#boots[node]! += 1;
    const memory = this.#memories[node] ?? HARDENED.cold;
    const start = { cause, boot: this.#boots[node]!, coldStarts: 1 };
    const result = this.#run(HARDENED.wake(this.context(node), memory, start));
    this.#memories[node] = result.memory;
    return result;
  }

  resetNode(node: number, subject: number): ResetOutcome {
    this.#boots[node]! += 1;
    return this.#run(
      HARDENED.resetNode(this.context(node), subject, {
        cause: "soft",
        boot: this.#boots[node]!,
        coldStarts: 0,
      }),
    );
  }

  #run<Result>(cycle: Generator<Effect, Result, Reply>): Result {
    this.effects = [];
    let step = cycle.next();
    while (!step.done) {
      this.effects.push(step.value);
      step = cycle.next(this.#replyTo(step.value));
    }
    return step.value;
  }

  #mannerOf(effect: { readonly chip: number; readonly address: number }): Manner {
    const behaviour = this.behaviour[effect.chip]!;
    return typeof behaviour === "function" ? behaviour(effect) : behaviour;
  }

  #replyTo(effect: Effect): Reply {
    switch (effect.do) {
      case "raise-busy":
      case "lower-busy":
        return undefined;
      case "decide":
        this.decision = effect.decision;
        return undefined;
      case "read": {
        const { chip, address, length } = effect;
        const manner = this.#mannerOf(effect);
        const readable = manner !== "absent" && manner !== "unreadable";
        return readable ? this.#chips[chip]!.slice(address, address + length) : undefined;
      }
      case "write": {
        const manner = this.#mannerOf(effect);
        const kept = manner === "well" || manner === "unreadable" || manner === "unconfirmed";
        if (kept) this.#chips[effect.chip]!.set(effect.bytes, effect.address);
        return kept && manner !== "unconfirmed";
      }
      default:
        if (effect.do === "report") this.view = effect.view;
        return typeof this.online === "boolean" ? this.online : this.online(effect);
    }
  }
}

/** What the node that woke last did beyond its chips. */
export const acted = ({ effects }: HardenedBench): string[] =>
  effects.filter((effect) => ACTS.includes(effect.do)).map(nameOf);

/** Node 0 is primary and has seen node 1, which has seen its claim. */
export function running(nodes = 2, chips = nodes): HardenedBench {
  const bench = new HardenedBench(nodes, chips);
  for (const node of [0, 1, 0]) bench.wake(node);
  return bench;
}
