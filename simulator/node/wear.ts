/**
 * What a protocol's wakes cost EEPROMs and bus: page writes, time, charge. It is measured on the emulated devices, with
 * the shipped cycle, in a cluster without faults: node 0 is primary, and all others are standbys.
 */
import { after, between, type Instant, type Micros, micros, START, seconds } from "../engine/time.ts";
import { Trace } from "../engine/trace.ts";
import { At24c256, PAGE_COUNT } from "../hardware/at24c256.ts";
import { BusyLine } from "../hardware/busy-line.ts";
import { EepromDriver } from "../hardware/eeprom-driver.ts";
import { blankEepromImage } from "../hardware/eeprom-image.ts";
import { I2cBus } from "../hardware/i2c-bus.ts";
import type { NodeContext, Protocol, Start } from "../protocol/protocol.ts";
import { PERIOD_S } from "../protocol/timing.ts";
import { addressOf, type Board, boardEffect, isBoardEffect, runCycle } from "./board.ts";
import { LOADS } from "./loads.ts";

/** The transfers of one wake. */
export interface VisitToChips {
  /** Time from the first to the last of a node's operations on chips, write cycles and polls included. */
  readonly span: Micros;
  /** The part of `span` in which blocks and pages are transferred, so that no other node has the bus. */
  readonly bus: Micros;
  /** Coulombs that node and chips draw in `span`. */
  readonly chargeC: number;
}

/** What a cluster without faults does to each of its chips. */
export interface ChipWork {
  /** Number of pages of a chip that are written at all. */
  readonly pages: number;
  /** Number of writes in one period to the page that is written most. */
  readonly writesAPeriod: number;
  readonly standby: VisitToChips;
  readonly primary: VisitToChips;
}

/** Periods that are not counted: the first ones have cold starts and settle sleeps. */
const WARM_UP = 4;
/** Periods that are counted; an even number, because pages may alternate. */
const PERIODS = 8;
const PERIOD = seconds(PERIOD_S);
const CLUSTER = "c";
const S_PER_US = 1e-6;

/** Measures a protocol. @throws Error when it has no room for so many nodes */
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
  readonly #context: Omit<NodeContext, "self">;
  readonly #chips: readonly At24c256[];
  readonly #bus = new I2cBus({ clockHz: 400_000 });
  readonly #busyLine = new BusyLine();
  readonly #nodes: readonly Sleeper[];
  #now: Instant = START;

  constructor(protocol: Protocol, nodes: number, chips: number) {
    this.#protocol = protocol;
    this.#context = { nodes, chips, cluster: CLUSTER, sleepS: PERIOD_S };
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

  /** By page: the number of writes on the first chip; all chips have the same. */
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

  /** Runs a task to its end; no other node is awake, so that time passes as the task waits. */
  #finish<Result>(task: Generator<unknown, Result, Instant>): Result {
    let step = task.next(this.#now);
    while (!step.done) {
      this.#now = after(this.#now, step.value as Micros);
      step = task.next(this.#now);
    }
    return step.value;
  }
}
