/**
 * The hardware that the nodes of a cluster share, wired up: an EEPROM for each node, the bus and its pull-ups, the busy
 * line, and the network. A method that does damage returns the function that undoes it.
 */
import type { Engine } from "../engine/engine.ts";
import { type Rng, rngStream } from "../engine/rng.ts";
import { At24c256, type TornWrite } from "../hardware/at24c256.ts";
import { BusyLine } from "../hardware/busy-line.ts";
import { EepromDriver, eepromTimingOf } from "../hardware/eeprom-driver.ts";
import type { EepromPartName } from "../hardware/eeprom-parts.ts";
import { I2cBus } from "../hardware/i2c-bus.ts";
import type { Unlifted } from "../hardware/i2c-lines.ts";
import { Network, Service } from "../hardware/network.ts";
import { addressOf } from "../node/board.ts";
import type { Heal } from "./overrides.ts";
import type { ClusterSetup } from "./scenario.ts";

/** I²C fast mode, in Hz (FACTS.md; AT24C256 datasheet). */
const BUS_HZ = 400_000;

/** A node's side of the wiring. */
interface NodeSeat {
  readonly driver: EepromDriver;
  /** Whether its wires, and those of its chip, lead to the shared bus. */
  readonly wires: Service;
  /** The bus to which its wires lead when they are cut: a stretch of its own, with pull-ups. */
  readonly stub: I2cBus;
  powered: boolean;
}

interface ChipSeat {
  chip: At24c256;
  /** Whether the chip is in its socket. */
  readonly socket: Service;
  powered: boolean;
  /** The bus that it answers on at present. */
  attached: I2cBus | undefined;
}

/**
 * The shared wiring of a cluster: which chips have power, which side of a cut each node and chip is on, and what holds
 * the lines.
 */
export class Rig {
  readonly bus: I2cBus;
  readonly busyLine = new BusyLine();
  readonly network = new Network();
  readonly #engine: Engine;
  readonly #setup: ClusterSetup;
  readonly #nodes: readonly NodeSeat[];
  /** One for each node, then the witness. */
  readonly #chips: readonly ChipSeat[];
  /** The faults for which the pull-ups are loose; the last one determines how the lines look. */
  readonly #pullUpLosses: { readonly unlifted: Unlifted }[] = [];
  /** Source of the bytes that power losses leave undefined. */
  readonly #undefinedBytes: Rng;

  constructor(engine: Engine, setup: ClusterSetup, seed: number) {
    this.#engine = engine;
    this.#setup = setup;
    this.#undefinedBytes = rngStream(seed, "undefined-bytes");
    this.bus = this.#newBus();
    this.#nodes = Array.from({ length: setup.nodes }, (_, node) => ({
      driver: new EepromDriver(this.bus, eepromTimingOf(node), (span) => engine.pass(span)),
      wires: new Service(),
      stub: this.#newBus(),
      powered: false,
    }));
    this.#chips = Array.from({ length: setup.nodes + (setup.witness ? 1 : 0) }, (_, chip) => ({
      chip: new At24c256({ address: addressOf(chip) }),
      socket: new Service(),
      powered: false,
      attached: undefined,
    }));
    for (const node of this.#nodes.keys()) this.#wire(node);
  }

  /** Number of EEPROMs, the witness included. */
  get chips(): number {
    return this.#chips.length;
  }

  driver(node: number): EepromDriver {
    return this.#node(node).driver;
  }

  chip(chip: number): At24c256 {
    return this.#chip(chip).chip;
  }

  /** Whether chip `chip` has power and is on the wires that node `node` drives, whether these are cut or not. */
  reaches(node: number, chip: number): boolean {
    const { wires, stub } = this.#node(node);
    return this.#chip(chip).attached === (wires.here ? this.bus : stub);
  }

  /** Whether node `node` has power. */
  powered(node: number): boolean {
    return this.#node(node).powered;
  }

  /** Gives power to node `node`, and to the EEPROMs that get theirs from it. */
  powerOn(node: number): void {
    this.#node(node).powered = true;
    this.#wire(node);
    this.#power("addressed-bytes");
  }

  /**
   * Takes the power of node `node`.
   * @param torn the bytes left undefined by a write cycle in a chip that loses power with it
   */
  powerOff(node: number, torn: TornWrite): void {
    this.#node(node).powered = false;
    this.#wire(node);
    this.#power(torn);
  }

  /**
   * Takes a chip out of its socket, so that it loses power.
   * @param fill value of each byte that a write cycle under way leaves undefined; absent: random
   */
  dislodge(chip: number, fill?: number): Heal {
    const seat = this.#chip(chip);
    const undefinedBytes = fill === undefined ? this.#undefinedBytes : { below: () => fill };
    if (seat.attached !== undefined) seat.chip.powerLoss(this.#engine.now, undefinedBytes, "addressed-bytes");
    return this.#whileAway(seat.socket, () => this.#place(chip));
  }

  /** Replaces a chip by one with this image; without one, all FFh. @param part its type @default AT24C256 */
  replaceChip(chip: number, image?: Uint8Array, part: EepromPartName = "AT24C256"): void {
    const seat = this.#chip(chip);
    seat.attached?.detach(seat.chip);
    seat.attached = undefined;
    seat.chip = new At24c256({
      address: addressOf(chip),
      part,
      ...(image === undefined ? {} : { image }),
    });
    this.#place(chip);
  }

  /** Cuts node `node` and its chip off from all the others. */
  cutWire(node: number): Heal {
    return this.#whileAway(this.#node(node).wires, () => {
      this.#wire(node);
      this.#place(node);
    });
  }

  /** Takes the pull-ups off the shared bus and off every part that is cut off. */
  losePullUps(unlifted: Unlifted): Heal {
    const loss = { unlifted };
    this.#pullUpLosses.push(loss);
    this.#fitPullUps();
    return () => {
      const index = this.#pullUpLosses.indexOf(loss);
      if (index < 0) return;
      this.#pullUpLosses.splice(index, 1);
      this.#fitPullUps();
    };
  }

  #fitPullUps(): void {
    const loss = this.#pullUpLosses.at(-1);
    const pullUps = loss === undefined ? this.#setup.pullUps : "missing";
    for (const bus of [this.bus, ...this.#nodes.map(({ stub }) => stub)])
      bus.lines.setPullUps(this.#engine.now, pullUps, loss?.unlifted);
  }

  #whileAway(service: Service, update: () => void): Heal {
    const back = service.takeAway();
    update();
    return () => {
      back();
      update();
    };
  }

  /** Updates which chips have power, and tears the write cycles of those that have just lost it. */
  #power(torn: TornWrite): void {
    const anyone = this.#nodes.some(({ powered }) => powered);
    for (const [chip, seat] of this.#chips.entries()) {
      const owner = this.#nodes[chip];
      const powered = this.#setup.eepromPower === "own" && owner !== undefined ? owner.powered : anyone;
      if (seat.powered && !powered) seat.chip.powerLoss(this.#engine.now, this.#undefinedBytes, torn);
      seat.powered = powered;
      this.#place(chip);
    }
  }

  /** Updates which bus a node drives, and whether it clamps its lines. */
  #wire(node: number): void {
    const { wires, stub, driver, powered } = this.#node(node);
    const { now } = this.#engine;
    const [bus, other] = wires.here ? [this.bus, stub] : [stub, this.bus];
    driver.rewire(now, bus);
    if (powered) bus.lines.power(now, `node-${node}`);
    else bus.lines.unpower(now, `node-${node}`, this.#setup.unpowered);
    other.lines.power(now, `node-${node}`);
  }

  /** Updates the bus on which a chip answers, if any. */
  #place(chip: number): void {
    const seat = this.#chip(chip);
    const owner = this.#nodes[chip];
    const bus = owner === undefined || owner.wires.here ? this.bus : owner.stub;
    const answersOn = seat.powered && seat.socket.here ? bus : undefined;
    if (seat.attached === answersOn) return;
    seat.attached?.detach(seat.chip);
    answersOn?.attach(seat.chip);
    seat.attached = answersOn;
  }

  #newBus(): I2cBus {
    const bus = new I2cBus({ clockHz: BUS_HZ });
    bus.lines.setPullUps(this.#engine.now, this.#setup.pullUps);
    return bus;
  }

  #node(node: number): NodeSeat {
    const seat = this.#nodes[node];
    if (seat === undefined) throw new Error(`the scenario names node ${node}, of ${this.#nodes.length}`);
    return seat;
  }

  #chip(chip: number): ChipSeat {
    const seat = this.#chips[chip];
    if (seat === undefined) throw new Error(`the scenario names chip ${chip}, of ${this.#chips.length}`);
    return seat;
  }
}
