/** The devices of one run, wired up, and the story that happens to them. */
import type { Engine } from "../engine/engine.ts";
import { type Rng, rngStream } from "../engine/rng.ts";
import { after, type Instant, inSeconds, type Micros, micros, START, seconds } from "../engine/time.ts";
import { Trace } from "../engine/trace.ts";
import { Ds18b20 } from "../hardware/ds18b20.ts";
import { EEPROM_BYTES } from "../hardware/eeprom-image.ts";
import { Radio } from "../hardware/network.ts";
import { NimhPack } from "../hardware/nimh-pack.ts";
import { RtcClock } from "../hardware/rtc-clock.ts";
import type { Board } from "../node/board.ts";
import type { NodeEvent } from "../node/node-event.ts";
import type { Uplink } from "../node/uplink.ts";
import { VirtualNode } from "../node/virtual-node.ts";
import type { NodeContext, Protocol } from "../protocol/protocol.ts";
import type { NodeDevices } from "./devices.ts";
import { FAULTS, type Fault, faultText } from "./faults.ts";
import { Overrides } from "./overrides.ts";
import { Rig } from "./rig.ts";
import type { Action, Scenario, Step } from "./scenario.ts";
import { scheduleSteps } from "./steps.ts";
import { strike } from "./strike.ts";

/** A line of the story: a step that happened, or, with `over`, a fault that healed. */
export interface StoryLine {
  readonly at: Instant;
  readonly text: string;
  readonly step: Step;
  readonly over: boolean;
}

/** What a run's devices are built from, and the listeners. */
export interface WorldOptions {
  readonly engine: Engine;
  readonly scenario: Scenario;
  readonly protocol: Protocol;
  readonly cluster: string;
  /** The name of the deployment to which the nodes publish. @default the default name */
  readonly deployment?: string | undefined;
  readonly seed: number;
  readonly sleep: Micros;
  /** Wall clock at the start, epoch milliseconds. */
  readonly epochMs: number;
  /** Air temperature, °C. */
  readonly temperature: (at: Instant) => number;
  /** The uplink of a node. With a cloud behind it, it waits after each publish until the cloud is idle. */
  readonly uplink: (node: number) => Uplink;
  readonly onNode: (event: NodeEvent) => void;
  readonly onStory: (line: StoryLine) => void;
  /** False: no trace is kept, for runs that only count. @default true */
  readonly traced?: boolean;
}

const PERCENT = 0.01;

/** The devices of a run: engine, wiring and nodes; and its story. */
export class World {
  readonly engine: Engine;
  readonly trace: Trace;
  readonly rig: Rig;
  readonly devices: readonly NodeDevices[];
  readonly #options: WorldOptions;
  /** By node: cancels the first boot, in a cluster that is running at the start. */
  readonly #firstBoots: (() => void)[] = [];
  readonly #overrides = new Overrides();
  /** By index of the step: its random stream, which a fault that strikes again continues. */
  readonly #chances = new Map<number, Rng>();

  /** @throws Error when the protocol has no room for so many nodes. */
  constructor(options: WorldOptions) {
    const { engine, scenario, seed, protocol } = options;
    const { cluster } = scenario;
    if (cluster.nodes > protocol.nodesMax)
      throw new Error(`the ${protocol.name} protocol has room for ${protocol.nodesMax} nodes`);
    this.#options = options;
    this.engine = engine;
    this.trace = new Trace(options.traced);
    this.rig = new Rig(engine, cluster, seed);
    this.devices = Array.from({ length: cluster.nodes }, (_, node) => this.#build(node));
    if (cluster.start === "running") this.#startRunning();
    scheduleSteps(
      engine,
      scenario.steps,
      seed,
      ({ node, mark }, fire) => this.#node(node).node.operations.arm(mark, fire),
      (step, index) => this.#carryOut(step, index),
    );
  }

  /** Gives power to a node; where it had power, it loses it first: a cold start. */
  powerOn(node: number): void {
    this.powerOff(node);
    this.rig.powerOn(node);
    this.#node(node).node.powerOn();
  }

  /**
   * Takes power at once.
   * @param torn the bytes left undefined by a write cycle in a chip that loses power with the node
   */
  powerOff(
    node: number,
    torn: "addressed-bytes" | "whole-page" = "addressed-bytes",
    why: "powered-off" | "battery-flat" = "powered-off",
  ): void {
    this.#firstBoots[node]?.();
    this.#node(node).node.powerOff(why);
    this.rig.powerOff(node, torn);
  }

  get #cluster(): Omit<NodeContext, "self"> {
    const { scenario, cluster } = this.#options;
    const { nodes, readmission } = scenario.cluster;
    return { nodes, chips: this.rig.chips, cluster, ...(readmission === undefined ? {} : { readmission }) };
  }

  #build(self: number): NodeDevices {
    const { engine, scenario, seed, epochMs, temperature, sleep } = this.#options;
    const { drift, charge, watchdog, sleeps, firmware } = scenario.cluster;
    const rng = rngStream(seed, `node-${self}`);
    const board: Board = {
      self,
      eeprom: this.rig.driver(self),
      busyLine: this.rig.busyLine,
      trace: this.trace,
      now: () => engine.now,
    };
    const sensor = new Ds18b20({ trueTemperature: temperature });
    const radio = new Radio(this.rig.network, rng);
    const error = drift?.[self];
    const { watchdogS } = this.#options.protocol;
    const node = new VirtualNode({
      context: { self, ...this.#cluster, sleepS: inSeconds(sleeps?.[self] ?? sleep) },
      firmware: firmware?.[self],
      deployment: this.#options.deployment,
      engine,
      protocol: this.#options.protocol,
      board,
      sensor,
      radio,
      clock: new RtcClock(epochMs, rng, error === undefined ? undefined : error * PERCENT),
      uplink: this.#options.uplink(self),
      pack: new NimhPack({ stateOfCharge: (charge?.[self] ?? 100) * PERCENT }),
      rng,
      sleep: sleeps?.[self] ?? sleep,
      watchdog: watchdog ?? (watchdogS === undefined ? undefined : seconds(watchdogS)),
      celsius: temperature,
      listen: this.#options.onNode,
      onFlat: () => this.powerOff(self, "addressed-bytes", "battery-flat"),
    });
    return { node, board, sensor, radio };
  }

  /**
   * Starts a running cluster: its chips are in order, all nodes have power, and they boot one after another within a
   * sleep.
   */
  #startRunning(): void {
    const { engine, scenario, protocol, sleep } = this.#options;
    const { nodes, counters } = scenario.cluster;
    const record = protocol.runningChip(this.#cluster, counters ?? new Array<number>(nodes).fill(1));
    for (let chip = 0; chip < this.rig.chips; chip++) {
      const image = new Uint8Array(EEPROM_BYTES).fill(0xff);
      image.set(record);
      this.rig.replaceChip(chip, image);
    }
    for (let node = 0; node < nodes; node++) {
      this.rig.powerOn(node);
      const boots = after(START, micros((node * sleep) / nodes));
      this.#firstBoots.push(engine.at(boots, () => this.#node(node).node.powerOn()));
    }
  }

  #carryOut(step: Step, index: number): void {
    const { now } = this.engine;
    const text = step.kind === "action" ? actionText(step.action) : faultText(step.fault);
    this.trace.add(now, step.kind === "action" ? "person" : "fault", "step", text);
    this.#options.onStory({ at: now, text: step.says ?? text, step, over: false });
    if (step.kind === "action") return this.#act(step.action);
    const { fault, lasts } = step;
    const heal = this.#strike(fault, index);
    if (lasts !== undefined && FAULTS[fault.kind].lasting)
      this.engine.at(after(now, lasts), () => {
        this.trace.add(this.engine.now, "fault", "healed", faultText(fault));
        this.#options.onStory({ at: this.engine.now, text: `over: ${faultText(fault)}`, step, over: true });
        heal();
      });
  }

  #act(action: Action): void {
    const { node } = this.#node(action.node);
    switch (action.kind) {
      case "power-on":
        return this.powerOn(action.node);
      case "power-off":
        return this.powerOff(action.node);
      case "press-reset":
        return node.reset("pin");
      case "replace-board":
        this.powerOff(action.node);
        node.fitBoard(action);
        return this.powerOn(action.node);
      case "update-firmware":
        return node.update(action.firmware);
      case "replace-battery":
        this.powerOff(action.node);
        node.fit(new NimhPack());
        return this.powerOn(action.node);
      case "reset-node":
        return node.typeResetNode(action.subject);
    }
  }

  #strike(fault: Fault, index: number): () => void {
    const { engine } = this;
    return strike(fault, {
      rig: this.rig,
      overrides: this.#overrides,
      get now() {
        return engine.now;
      },
      node: (node) => this.#node(node),
      boards: this.devices.map(({ board }) => board),
      powerOn: (node) => this.powerOn(node),
      powerOff: (node, torn) => this.powerOff(node, torn),
      rng: this.#chanceOf(index),
    });
  }

  #chanceOf(step: number): Rng {
    const rng = this.#chances.get(step) ?? rngStream(this.#options.seed, `fault-${step}`);
    this.#chances.set(step, rng);
    return rng;
  }

  #node(node: number): NodeDevices {
    const found = this.devices[node];
    if (found === undefined) throw new Error(`the scenario names node ${node}, of ${this.devices.length}`);
    return found;
  }
}

const actionText = (action: Action): string =>
  action.kind === "reset-node"
    ? `reset-node node=${action.node} subject=${action.subject}`
    : [
        action.kind,
        ...Object.entries(action).flatMap(([key, value]) =>
          key === "kind" || value === undefined ? [] : [`${key}=${value}`],
        ),
      ].join(" ");
