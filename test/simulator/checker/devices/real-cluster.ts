/** Two nodes that run the hardened wake cycle on the byte-level chips, bus and driver, from the same start as the checker's. */
import { Engine, type Process, type Task } from "../../../../simulator/engine/engine.ts";
import { after, type Instant, micros, millis, START } from "../../../../simulator/engine/time.ts";
import { Trace } from "../../../../simulator/engine/trace.ts";
import type { TornWrite } from "../../../../simulator/hardware/at24c256.ts";
import { blankEepromImage } from "../../../../simulator/hardware/eeprom-image.ts";
import {
  type Board,
  boardEffect,
  isBoardEffect,
  runCycle,
  runEffect,
} from "../../../../simulator/node/board.ts";
import type { Effect, Reply } from "../../../../simulator/protocol/effects.ts";
import { HARDENED } from "../../../../simulator/protocol/hardened/hardened.ts";
import type { HardenedMemory } from "../../../../simulator/protocol/hardened/memory.ts";
import { clusterTag, parseRecord } from "../../../../simulator/protocol/hardened/record.ts";
import type { Start } from "../../../../simulator/protocol/protocol.ts";
import { Rig } from "../../../../simulator/scenario/rig.ts";
import { clusterSetup } from "../../scenario/cluster-setup.ts";

export const NODES = 2;
export const CLUSTER = "c";
export const PAGE = 64;
export const PAGES = 2 * NODES;

/** A power loss in a write cycle leaves as much undefined; by its place among those bytes, what it then is. */
export interface Torn {
  readonly mode: TornWrite;
  readonly byte: (index: number) => number;
}

/** Each page of a chip as the protocol parses it: a record, or none. Why there is none makes no difference to it. */
export const parsedPages = (bytes: Uint8Array): string[] =>
  Array.from({ length: PAGES }, (_, page) => {
    const record = parseRecord(bytes, PAGE * page, page >> 1, clusterTag(CLUSTER));
    return typeof record === "string" ? "none" : JSON.stringify(record);
  });

/** What a node sets out with at a wake. */
export interface Setout {
  readonly memory: HardenedMemory;
  readonly start: Start;
}

/** Longer than two wakes on the bus, one after the other, and all their retries. */
const ALL_DONE = millis(500);

export class RealCluster {
  readonly engine = new Engine();
  readonly rig: Rig;
  readonly boards: readonly Board[];
  readonly #processes: (Process | undefined)[] = [];
  readonly #torn: Torn;

  /** @param contents what the chips hold from address 0 on; the rest is blank */
  constructor(contents: readonly Uint8Array[], eepromPower: "shared" | "own", torn: Torn) {
    this.#torn = torn;
    this.rig = new Rig(this.engine, clusterSetup({ nodes: NODES, eepromPower }), 1);
    for (const [chip, content] of contents.entries()) {
      const image = blankEepromImage();
      image.set(content);
      this.rig.replaceChip(chip, image);
      this.#tearAsChosen(chip);
    }
    for (let node = 0; node < NODES; node++) this.rig.powerOn(node);
    this.boards = Array.from({ length: NODES }, (_, self) => ({
      self,
      eeprom: this.rig.driver(self),
      busyLine: this.rig.busyLine,
      trace: new Trace(false),
      now: () => this.engine.now,
    }));
  }

  /** What a power loss leaves undefined in this chip is the test's choice, whatever takes the power. */
  #tearAsChosen(chip: number): void {
    const struck = this.rig.chip(chip);
    const powerLoss = struck.powerLoss.bind(struck);
    struck.powerLoss = (at) => {
      let index = 0;
      powerLoss(at, { below: (n) => (n === 256 ? this.#torn.byte(index++) : 0) }, this.#torn.mode);
    };
  }

  /** The bytes of a chip. */
  memory(chip: number): Uint8Array {
    return this.rig.chip(chip).memory;
  }

  /** An effect of a node, so many microseconds after the start; `onReply` is never called when the node is gone before. */
  spawn(node: number, us: number, effect: Effect, onReply: (reply: Reply) => void): void {
    const { boards } = this;
    const task = function* (): Task {
      if (us > 0) yield micros(us);
      if (!isBoardEffect(effect)) throw new Error(`${effect.do} is not for the board`);
      onReply(yield* runEffect(boardEffect(boards[node]!, effect)));
    };
    this.#processes[node] = this.engine.spawn(`node-${node}`, task());
  }

  /** A whole wake; whatever it wants of the network succeeds. */
  wake(node: number, us: number, { memory, start }: Setout, onDone: (memory: HardenedMemory) => void): void {
    const { boards } = this;
    const context = { self: node, nodes: NODES, chips: NODES, cluster: CLUSTER };
    const task = function* (): Task {
      if (us > 0) yield micros(us);
      const result = yield* runCycle(HARDENED.wake(context, memory, start), (effect) =>
        isBoardEffect(effect) ? boardEffect(boards[node]!, effect) : true,
      );
      onDone(result.memory);
    };
    this.#processes[node] = this.engine.spawn(`node-${node}`, task());
  }

  at(us: number, happens: () => void): void {
    this.engine.at(us as Instant, happens);
  }

  /** As a node's power goes in the simulator: first the node itself, then what lives on its power. */
  powerOff(node: number): void {
    this.#processes[node]?.kill();
    this.boards[node]!.eeprom.reset(this.engine.now);
    this.boards[node]!.busyLine.lower(node);
    this.rig.powerOff(node, this.#torn.mode);
  }

  async run(): Promise<this> {
    await this.engine.run(after(START, ALL_DONE));
    return this;
  }
}
