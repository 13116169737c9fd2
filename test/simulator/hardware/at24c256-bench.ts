import { type Instant, after as later, millis, START } from "../../../simulator/engine/time.ts";
import { At24c256, type At24Options } from "../../../simulator/hardware/at24c256.ts";
import { I2cBus, type Transfer } from "../../../simulator/hardware/i2c-bus.ts";

export const ADDRESS = 0x50;

/** A chip alone on a bus, and a clock that steps past each transfer. */
export class Bench {
  readonly chip: At24c256;
  readonly bus = new I2cBus({ clockHz: 400_000 });
  now: Instant = START;
  #last: Transfer | undefined;

  constructor(options: Omit<At24Options, "address"> = {}) {
    this.chip = new At24c256({ address: ADDRESS, ...options });
    this.bus.attach(this.chip);
  }

  /** Writes, steps to the end of STOP, and returns whether it was ACKed. */
  write(word: number, bytes: readonly number[]): boolean {
    return this.#step(this.bus.write(this.now, ADDRESS, Uint8Array.of(word >> 8, word & 0xff, ...bytes)));
  }
  read(word: number, length: number): number[] | undefined {
    const into = new Uint8Array(length);
    const ok = this.#step(this.bus.writeRead(this.now, ADDRESS, Uint8Array.of(word >> 8, word & 0xff), into));
    return ok ? [...into] : undefined;
  }
  /** "Current Address Read", going on sequentially. */
  readOn(length: number): number[] {
    const into = new Uint8Array(length);
    expect(this.#step(this.bus.read(this.now, ADDRESS, into))).toBe(true);
    return [...into];
  }
  poll(): boolean {
    return this.#step(this.bus.write(this.now, ADDRESS, new Uint8Array(0)));
  }
  wait(span = millis(5)): this {
    this.now = later(this.now, span);
    return this;
  }
  /** The master of the last transfer dies at `at`; another frees the bus, should the chip hold SDA. */
  masterDies(at: Instant): void {
    this.bus.abandon(at, this.#last!);
    this.now = later(at, this.bus.recover(at).took);
  }
  #step(transfer: Transfer): boolean {
    this.#last = transfer;
    this.now = later(this.now, transfer.took);
    return transfer.ok;
  }
}

export const counting = (length: number, from = 0): number[] =>
  Array.from({ length }, (_, i) => (from + i) & 0xff);
