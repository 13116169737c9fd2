/**
 * An I²C bus at the level of bytes: START, device address, data, ACK or NACK, repeated START, STOP (I²C-bus
 * specification UM10204, section 3.1).
 *
 * A transfer is computed in one piece at its START, as if nothing came in between, and its outcome is returned at once.
 * Until `took` has passed the outcome is provisional: an event in between (a second master within the START, a line
 * that goes stuck) amends it, and the chips go back to the START and are shown what really went over the wire. So a
 * master waits for `took`, checks whether `took` has grown, and only then reads the outcome. A master that has lost
 * arbitration to a later one learns of it only then; a real controller would report it at once.
 *
 * Tie rules:
 * - START takes one clock period. A master that begins within it takes part in arbitration: no bit has been sent by
 *   then (the specification's limit, tHD;STA, is 0.6 µs of the 2.5 µs at 400 kHz). All bits are counted from the first
 *   START, by the clock that the masters share. The order in which they ask makes no difference.
 * - A master that begins later finds the bus busy; one that begins at the instant of the STOP finds it free.
 * - A stuck line counts before a busy bus, SCL before SDA.
 *
 * Modelled: bus time, ACK as a wired AND (two chips strapped to one address both take a write, a read returns the AND
 * of their bytes, and one that is ready hides one that is busy), arbitration, a transfer cut short by the death of its
 * master, a chip that then goes on holding SDA low until it gets clocks, stuck lines, missing pull-ups. Not modelled:
 * clock stretching, 10-bit addresses, bit errors, a chip that leaves in the middle of a transfer (it has taken or sent
 * all of it by then), masters with different clocks, pull-ups that are lost during a transfer without a stuck line
 * (that transfer is completed).
 */
import { after, between, type Instant, type Micros, millis, START } from "../engine/time.ts";
import { arbitrate, type Defeat } from "./i2c-arbitration.ts";
import { I2cLines } from "./i2c-lines.ts";
import { ACK_BIT, CONDITION_CLOCKS, type Place, placeAt, type Request } from "./i2c-request.ts";
import { fail, type I2cTarget, I2cWire, type Outcome, type TransferError } from "./i2c-wire.ts";

/**
 * A transfer's outcome, provisional until `took` has passed since its START. `byte` is the position of the byte that
 * failed; the device address is 0, and a second one, after a repeated START, counts too.
 */
export type Transfer =
  | { readonly ok: true; readonly took: Micros }
  | { readonly ok: false; readonly error: TransferError; readonly byte: number; readonly took: Micros };

/** The outcome of an attempt to free SDA. `clocks` is the number of clocks sent, 0 when SDA was high already. */
export type BusRecovery =
  | { readonly ok: true; readonly clocks: number; readonly took: Micros }
  | {
      readonly ok: false;
      readonly error: "sda-stuck" | "scl-stuck" | "bus-busy";
      readonly clocks: number;
      readonly took: Micros;
    };

interface Contender extends Request {
  /** Its own START. */
  readonly at: Instant;
  readonly outcome: Outcome;
  /** It has not lost arbitration. */
  driving: boolean;
}

/** Chips that hold SDA low, because their transfer ended amid a 0: they let go after `clocks` clocks. */
interface SdaHold {
  readonly chips: I2cTarget[];
  readonly clocks: number;
}

/** "The controller should send nine clock pulses" (UM10204, section 3.1.16). */
const RECOVERY_CLOCKS = 9;
const ADDRESS7_MAX = 0x7f;
/** MicroPython's machine.I2C on the ESP32 gives a transfer up after 50 ms. */
const TIMEOUT = millis(50);

/**
 * The shared bus of all nodes and chips. It decides which master may begin, which loses arbitration, and what a stuck
 * line does to a transfer.
 */
export class I2cBus {
  /** Pull-ups, nodes without power, lines held low. A change that sticks a line cuts the transfer under way. */
  readonly lines = new I2cLines((at) => this.#linesChanged(at));

  readonly #wire: I2cWire;
  readonly #timeout: Micros;
  /** The transfer under way occupies [from, freeAt). */
  #from: Instant = START;
  #freeAt: Instant = START;
  /** Its masters: one, unless more began within its START. */
  readonly #contenders: Contender[] = [];
  #stuck: "sda-stuck" | "scl-stuck" | undefined;
  #sdaHold: SdaHold | undefined;

  /**
   * A byte takes nine clock periods (eight bits and ACK), and START, repeated START and STOP take one each. At 400 kHz,
   * with fractions of a microsecond dropped, this gives the figures of FACTS.md, "AT24C256", "bus time at 400 kHz":
   * 20-byte write 1 + 9×23 + 1 = 209 clocks = 522 µs, 64-byte write 605 = 1,512 µs, 20-byte read 1 + 9×3 + 1 + 9×21 +
   * 1 = 219 = 547 µs, 64-byte read 615 = 1,537 µs.
   * @param options clockHz: 100,000 or 400,000 for the chips modelled here. timeout: how long a master waits on a stuck
   * line, 50 ms by default.
   * @throws RangeError when the clock is not a positive number.
   */
  constructor(options: { readonly clockHz: number; readonly timeout?: Micros }) {
    this.#wire = new I2cWire(options.clockHz);
    this.#timeout = options.timeout ?? TIMEOUT;
  }

  /**
   * Puts a chip on the bus.
   * @throws Error when it is on it already.
   */
  attach(target: I2cTarget): void {
    this.#wire.attach(target);
  }

  /**
   * Takes a chip off the bus, dislodged or without power: it lets go of SDA. Nothing happens when it is not on the bus.
   */
  detach(target: I2cTarget): void {
    this.#wire.detach(target);
    if (this.#sdaHold === undefined) return;
    const chips = this.#sdaHold.chips.filter((chip) => chip !== target);
    this.#hold(chips, this.#sdaHold.clocks);
  }

  /** How long `clocks` clock periods take; halves are allowed. */
  clockTime(clocks: number): Micros {
    return this.#wire.time(clocks);
  }

  /** Whether a transfer that began earlier is still under way at `at`. */
  occupied(at: Instant): boolean {
    return at < this.#freeAt;
  }

  /**
   * START, device address, `bytes`, STOP. Without bytes it is an ACK poll (AT24C256 datasheet, "Acknowledge Polling").
   * @throws RangeError when the address has more than seven bits.
   */
  write(at: Instant, address7: number, bytes: Uint8Array): Transfer {
    return this.#begin(at, address7, bytes, undefined);
  }

  /**
   * START, device address, bytes into `into` (the last one answered with NACK, which ends the read), STOP.
   * @throws RangeError when `into` has no room for a byte, or the address more than seven bits.
   */
  read(at: Instant, address7: number, into: Uint8Array): Transfer {
    assertRoom(into);
    return this.#begin(at, address7, undefined, into);
  }

  /**
   * START, device address, `out`, repeated START, device address, bytes into `into`, STOP.
   * @throws RangeError when `into` has no room for a byte, or the address more than seven bits.
   */
  writeRead(at: Instant, address7: number, out: Uint8Array, into: Uint8Array): Transfer {
    assertRoom(into);
    return this.#begin(at, address7, out, into);
  }

  /**
   * Lets the master of `transfer` die at `at`: it sends no more clocks and no STOP. The bus is free for the next START,
   * unless a chip was just sending a 0 (data or ACK): that chip holds SDA low until it gets clocks. Nothing happens
   * when the transfer is over, was lost, or is continued by another master with the same traffic.
   */
  abandon(at: Instant, transfer: Transfer): void {
    if (!this.occupied(at)) return;
    const index = this.#contenders.findIndex(({ outcome }) => outcome === transfer);
    const [dead] = index < 0 ? [] : this.#contenders.splice(index, 1);
    if (dead === undefined || !dead.driving || this.#contenders.some(({ driving }) => driving)) return;
    this.#cut(at, dead);
  }

  /**
   * Sends clocks until SDA is high, nine at most, then START and STOP (UM10204, section 3.1.16 "Bus clear"; FACTS.md,
   * "I²C"). This frees SDA from a chip that was left in the middle of a byte, and helps against nothing else.
   */
  recover(at: Instant): BusRecovery {
    if (this.occupied(at)) return { ok: false, error: "bus-busy", clocks: 0, took: 0 as Micros };
    const { condition } = this.lines;
    const fruitless = { ok: false, clocks: RECOVERY_CLOCKS, took: this.#wire.time(RECOVERY_CLOCKS) } as const;
    if (condition === "scl-stuck") return { ...fruitless, error: condition };
    const clocks = this.#sdaHold?.clocks ?? 0;
    this.#hold([], 0);
    if (condition === "sda-stuck") return { ...fruitless, error: condition };
    const took = this.#wire.time(clocks + 2 * CONDITION_CLOCKS);
    this.#contenders.length = 0;
    this.#freeAt = after(at, took);
    return { ok: true, clocks, took };
  }

  #begin(at: Instant, address7: number, out: Uint8Array | undefined, into: Uint8Array | undefined): Transfer {
    if (!Number.isInteger(address7) || address7 < 0 || address7 > ADDRESS7_MAX) {
      throw new RangeError(`I²C address ${address7}: expected 0 to 127, without the read/write bit`);
    }
    const outcome: Outcome = { ok: true, error: undefined, byte: undefined, took: 0 as Micros };
    const contender: Contender = { address7, out, into, at, outcome, driving: true };
    if (at < this.#freeAt || this.#stuck !== undefined) this.#beginLate(contender);
    else {
      this.#from = at;
      if (this.#contenders.length > 1) this.#contenders.length = 1;
      this.#contenders[0] = contender;
      this.#freeAt = this.#wire.run(at, contender, outcome);
    }
    return outcome as Transfer;
  }

  #beginLate(contender: Contender): void {
    const { at, outcome } = contender;
    if (this.#stuck !== undefined) return fail(outcome, this.#stuck, 0, this.#timeout);
    const withinStart = this.#wire.clockAt(between(this.#from, at)) < CONDITION_CLOCKS;
    if (!withinStart || this.#contenders.length === 0) return fail(outcome, "bus-busy", 0, 0 as Micros);
    this.#contenders.push(contender);
    this.#arbitrate();
  }

  /** Computes the transfer anew for all masters that began within its START. */
  #arbitrate(): void {
    const defeats = arbitrate(this.#contenders);
    const lead = defeats.findIndex((defeat) => defeat?.error !== "arbitration-lost");
    const leader = this.#contenders[lead]!;
    this.#wire.takeBack();
    this.#freeAt = this.#wire.run(this.#from, leader, leader.outcome);
    const wire = { ...leader.outcome };
    const clash = defeats[lead];
    if (clash !== undefined && !endedBefore(wire, clash)) this.#breakOff(leader, clash);
    for (const [index, each] of this.#contenders.entries()) this.#settle(each, defeats[index], wire, leader);
  }

  /** Ends the transfer where arbitration is undefined: the chips keep what they have received, and see no STOP. */
  #breakOff(leader: Contender, { byte, clocks }: Defeat): void {
    this.#wire.takeBack();
    this.#wire.replay(this.#from, leader, byte);
    this.#freeAt = after(this.#from, this.#wire.time(clocks));
    this.#wire.cutShort(this.#freeAt);
  }

  #settle(each: Contender, defeat: Defeat | undefined, wire: Outcome, leader: Contender): void {
    // Masters with the same traffic up to a NACK all see that NACK, and all send STOP.
    each.driving = defeat === undefined || endedBefore(wire, defeat);
    if (defeat !== undefined && !each.driving) {
      const end = after(this.#from, this.#wire.time(defeat.clocks));
      return fail(each.outcome, defeat.error, defeat.byte, between(each.at, end));
    }
    Object.assign(each.outcome, wire, { took: between(each.at, this.#freeAt) });
    if (each !== leader && wire.ok && leader.into !== undefined) each.into?.set(leader.into);
  }

  /** Ends the transfer of `leader` at `at` without STOP; a chip amid a 0 holds SDA from then on. */
  #cut(at: Instant, leader: Contender): void {
    const clock = this.#wire.clockAt(between(this.#from, at));
    const place = placeAt(leader, clock);
    const acking = place.sender === "master" && place.bit === ACK_BIT;
    this.#wire.takeBack();
    const acked = this.#wire.replay(this.#from, leader, acking ? place.bytes + 1 : place.bytes);
    const chips = this.#wire.cutShort(at);
    this.#freeAt = at;
    this.#contenders.length = 0;
    if (place.sender === "chip") this.#hold(chips, clocksToRelease(leader, place));
    // With the clock that ends the ACK to a read, the chip goes on to its first data bit.
    else if (acking && acked) this.#hold(chips, 1 + clocksToRelease(leader, placeAt(leader, clock + 1)));
  }

  #hold(chips: I2cTarget[], clocks: number): void {
    this.#sdaHold = chips.length > 0 && clocks > 0 ? { chips, clocks } : undefined;
    this.#look();
  }

  #look(): void {
    const { condition } = this.lines;
    this.#wire.readable = condition !== "no-ack";
    if (condition === "scl-stuck" || condition === "sda-stuck") this.#stuck = condition;
    else this.#stuck = this.#sdaHold === undefined ? undefined : "sda-stuck";
  }

  #linesChanged(at: Instant): void {
    this.#look();
    const error = this.#stuck;
    if (error === undefined || !this.occupied(at)) return;
    const driving = this.#contenders.filter((contender) => contender.driving);
    const leader = driving[0];
    if (leader === undefined) return;
    this.#cut(at, leader);
    const { bytes } = placeAt(leader, this.#wire.clockAt(between(this.#from, at)));
    for (const each of driving) fail(each.outcome, error, bytes, between(each.at, after(at, this.#timeout)));
  }
}

/** Whether a NACK ended the transfer before the masters' traffic differed. */
const endedBefore = (wire: Outcome, defeat: Defeat): boolean =>
  wire.byte !== undefined && wire.byte < defeat.byte;

/**
 * Clocks until a chip that is at `place` in a byte it sends lets go of SDA: at its next 1, or at the ACK bit, which is
 * the master's. 0 when the present bit is a 1, or no chip is sending.
 */
function clocksToRelease({ into }: Request, { sender, bit, readIndex }: Place): number {
  if (sender !== "chip") return 0;
  const byte = into![readIndex]!;
  let clocks = 0;
  while (bit + clocks < ACK_BIT && ((byte >> (ACK_BIT - 1 - bit - clocks)) & 1) === 0) clocks += 1;
  return clocks;
}

function assertRoom(into: Uint8Array): void {
  if (into.length === 0)
    throw new RangeError("an I²C read clocks in at least one byte: give it room for one");
}
