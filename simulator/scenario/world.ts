/** The devices of one run, wired up: a bus with a chip a node, a busy line, a sensor each, and the nodes. */
import type { Engine } from "../engine/engine.ts";
import { rngStream } from "../engine/rng.ts";
import type { Instant, Micros } from "../engine/time.ts";
import { Trace } from "../engine/trace.ts";
import { At24c256 } from "../hardware/at24c256.ts";
import { BusyLine } from "../hardware/busy-line.ts";
import { Ds18b20 } from "../hardware/ds18b20.ts";
import { EepromDriver, eepromTimingOf } from "../hardware/eeprom-driver.ts";
import { I2cBus } from "../hardware/i2c-bus.ts";
import { addressOf } from "../node/board.ts";
import type { Uplink } from "../node/uplink.ts";
import { type NodeEvent, VirtualNode } from "../node/virtual-node.ts";
import type { Action, Scenario, Step } from "./scenario.ts";

export interface WorldOptions {
  readonly engine: Engine;
  readonly scenario: Scenario;
  readonly cluster: string;
  readonly seed: number;
  readonly sleep: Micros;
  /** Wall clock at the start, epoch milliseconds. */
  readonly epochMs: number;
  /** Air temperature, °C. */
  readonly temperature: (at: Instant) => number;
  /** The uplink of a node. Where a cloud is behind it, it lets the cloud finish what a publish set off. */
  readonly uplink: (node: number) => Uplink;
  readonly onNode: (event: NodeEvent) => void;
  readonly onStep: (step: Step) => void;
}

export interface World {
  readonly engine: Engine;
  readonly trace: Trace;
  readonly nodes: readonly VirtualNode[];
}

/** I²C fast mode, as FACTS and the AT24C256 datasheet give it. */
const BUS_HZ = 400_000;

export function createWorld(options: WorldOptions): World {
  const { scenario, seed } = options;
  const { engine } = options;
  const trace = new Trace();
  const bus = new I2cBus({ clockHz: BUS_HZ });
  const busyLine = new BusyLine();
  const seats = Array.from({ length: scenario.nodes }, (_, node) => node);
  for (const chip of seats) bus.attach(new At24c256({ address: addressOf(chip) }));

  const nodes = seats.map(
    (self) =>
      new VirtualNode({
        cluster: options.cluster,
        self,
        nodes: scenario.nodes,
        engine,
        board: {
          self,
          eeprom: new EepromDriver(bus, eepromTimingOf(self)),
          busyLine,
          trace,
          now: () => engine.now,
        },
        sensor: new Ds18b20({ trueTemperature: options.temperature }),
        uplink: options.uplink(self),
        rng: rngStream(seed, `node-${self}`),
        sleep: options.sleep,
        epochMs: options.epochMs,
        listen: options.onNode,
      }),
  );

  for (const step of scenario.steps)
    engine.at(step.at, () => {
      trace.add(step.at, "person", step.action.kind, JSON.stringify(step.action));
      options.onStep(step);
      carryOut(nodes, step.action);
    });
  return { engine, trace, nodes };
}

function carryOut(nodes: readonly VirtualNode[], action: Action): void {
  const node = nodes[action.node];
  if (node === undefined) throw new Error(`the scenario names node ${action.node}, of ${nodes.length}`);
  switch (action.kind) {
    case "power-on":
      return node.powerOn();
    case "power-off":
      return node.powerOff();
    case "hang":
      return node.hangAtNextWake();
    case "reset-node":
      return node.typeResetNode(action.subject);
  }
}
