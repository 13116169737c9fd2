/**
 * What a protocol's wakes cost EEPROMs and bus: page writes, time, charge. Measured on the emulated devices, with the cycle
 * that the nodes run, in a cluster that is well: node 0 is primary, and all others are standbys.
 */
import { after, between, type Instant, type Micros, micros, START, seconds } from "../engine/time.ts";
import { Trace } from "../engine/trace.ts";
import { At24c256, PAGE_COUNT } from "../hardware/at24c256.ts";
import { BusyLine } from "../hardware/busy-line.ts";
import { EepromDriver } from "../hardware/eeprom-driver.ts";
import { blankEepromImage } from "../hardware/eeprom-image.ts";
import { I2cBus } from "../hardware/i2c-bus.ts";
import type { Protocol, Start } from "../protocol/protocol.ts";
import { PERIOD_S } from "../protocol/timing.ts";
import { addressOf, type Board, boardEffect, isBoardEffect, runCycle } from "./board.ts";
import { LOADS } from "./loads.ts";

/** Of one wake. */
export interface VisitToChips {
  /** From the first to the last of a node's operations on chips, write cycles and polls included. */
  readonly span: Micros;
  /** Of it the transfers of blocks and pages, during which nobody else has the bus. */
  readonly bus: Micros;
  /** Coulombs that node and chips draw meanwhile. */
  readonly chargeC: number;
}

/** What a cluster that is well does to each of its chips. */
export interface ChipWork {
  /** Pages of a chip that are ever written. */
  readonly pages: number;
  /** Writes to the page that is written most, from one wake of a node to its next. */
  readonly writesAPeriod: number;
  readonly standby: VisitToChips;
  readonly primary: VisitToChips;
}

/** The first ones are cold starts, and settle. */
const WARM_UP = 4;
/** An even number: pages may take turns. */
const PERIODS = 8;
const PERIOD = seconds(PERIOD_S);
const CLUSTER = "c";
const S_PER_US = 1e-6;

/** @throws Error when the protocol has no room for so many nodes. */
export function chipWork(protocol: Protocol, nodes: number, witness: boolean): ChipWork {
  if (nodes > protocol.nodesMax)
    throw new Error(`the ${protocol.name} protocol has room for ${protocol.nodesMax} nodes`);
  const bench = new Bench(protocol, nodes, nodes + (witness ? 1 : 0));
  for (let period = 0; period < WARM_UP; period++) bench.period();
  const before = bench.pageWrites();
  let visits: VisitToChips[] = [];
  for (let period = 0; period < PERIODS; period++) visits = bench.period();
  const writes = bench.pageWrites().map((count, page) => count - before[page]!);
  return {
    pages: writes.filter((count) => count > 0).length,
    writesAPeriod: Math.max(...writes) / PERIODS,
    primary: visits[0]!,
    standby: visits[1]!,
  };
}

interface Sleeper {
  memory: unknown;
  start: Start;
}

class Bench {
  readonly #protocol: Protocol;
  readonly #context: { readonly nodes: number; readonly chips: number; readonly cluster: string };
  readonly #chips: readonly At24c256[];
  readonly #bus = new I2cBus({ clockHz: 400_000 });
  readonly #busyLine = new BusyLine();
  readonly #nodes: readonly Sleeper[];
  #now: Instant = START;

  constructor(protocol: Protocol, nodes: number, chips: number) {
    this.#protocol = protocol;
    this.#context = { nodes, chips, cluster: CLUSTER };
    const image = blankEepromImage();
    image.set(protocol.runningChip(this.#context, new Array<number>(nodes).fill(1)));
    this.#chips = Array.from(
      { length: chips },
      (_, chip) => new At24c256({ address: addressOf(chip), image }),
    );
    for (const chip of this.#chips) this.#bus.attach(chip);
    this.#nodes = Array.from({ length: nodes }, () => ({
      memory: protocol.cold,
      start: { cause: "power-on", boot: 1, coldStarts: 1 },
    }));
  }

  /** By page, on the first chip: all chips are alike. */
  pageWrites(): number[] {
    return Array.from({ length: PAGE_COUNT }, (_, page) => this.#chips[0]!.pageWrites(page));
  }

  /** Each node wakes, and once more where it has to settle. @returns the last visit of each */
  period(): VisitToChips[] {
    this.#now = after(this.#now, PERIOD);
    return this.#nodes.map((_, self) => {
      for (;;) {
        const { sleep, visit } = this.#wake(self);
        if (sleep === "period") return visit;
      }
    });
  }

  #wake(self: number): { sleep: "period" | "settle"; visit: VisitToChips } {
    const node = this.#nodes[self]!;
    let bus = 0;
    let chargeC = 0;
    const eeprom = new EepromDriver(this.#bus);
    eeprom.watch = (_, _started, { took }) => {
      bus += took;
    };
    const board: Board = {
      self,
      eeprom,
      busyLine: this.#busyLine,
      trace: new Trace(false),
      now: () => this.#now,
    };
    let began: Instant | undefined;
    let ended: Instant = this.#now;
    const cycle = this.#protocol.wake({ self, ...this.#context }, node.memory, node.start);
    const task = runCycle(cycle, (effect) => {
      if (!isBoardEffect(effect)) return true;
      const reply = boardEffect(board, effect);
      if (effect.do !== "read" && effect.do !== "write") return reply;
      const extra = effect.do === "read" ? LOADS.eepromRead : LOADS.eepromWrite;
      const from = this.#now;
      began ??= from;
      const done = this.#finish(reply as Exclude<typeof reply, Uint8Array | boolean | undefined>);
      ended = this.#now;
      chargeC += between(from, ended) * S_PER_US * (LOADS.cpu.ampere + extra.ampere);
      return done;
    });
    const { memory, sleep } = this.#finish(task);
    node.memory = memory;
    node.start = { ...node.start, cause: "deep-sleep" };
    return { sleep, visit: { span: between(began ?? ended, ended), bus: micros(bus), chargeC } };
  }

  /** Nobody else is awake: time passes as the task wants it to. */
  #finish<Result>(task: Generator<unknown, Result, Instant>): Result {
    let step = task.next(this.#now);
    while (!step.done) {
      this.#now = after(this.#now, step.value as Micros);
      step = task.next(this.#now);
    }
    return step.value;
  }
}
