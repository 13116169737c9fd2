/**
 * Bits of a chip that always read the same, whatever is written (FACTS.md, "Faults seen in the field": stuck bits). The
 * cells behind them still take writes: a bit that is freed reads what was last written.
 */
export class StuckBits {
  /** By word address: which bits are stuck, and at what. */
  readonly #stuck = new Map<number, { readonly mask: number; readonly ones: number }>();

  /**
   * Sticks bits of one byte, so that they read `value` from now on; bits of it that are stuck already stay so.
   * @throws RangeError when `mask` is not a byte with at least one bit.
   */
  stick(word: number, mask: number, value: 0 | 1): void {
    if (!Number.isInteger(mask) || mask < 1 || mask > 0xff)
      throw new RangeError(
        `stuck bits ${mask}: expected a mask from 1 to 255, a 1 for each bit that is stuck`,
      );
    const before = this.#stuck.get(word) ?? { mask: 0, ones: 0 };
    const ones = value === 1 ? before.ones | mask : before.ones & ~mask;
    this.#stuck.set(word, { mask: before.mask | mask, ones });
  }

  /** The byte that a read at `word` returns where the cells hold `byte`. */
  seen(word: number, byte: number): number {
    const stuck = this.#stuck.get(word);
    return stuck === undefined ? byte : (byte & ~stuck.mask) | stuck.ones;
  }
}
