/**
 * The GPIO busy line between nodes: an open-drain wired OR with a pull resistor. Any node may raise it; it is low only
 * when nobody raises it.
 *
 * Modelled: a holder that dies or hangs leaves its pin as it was, so the line stays high until that node lowers it.
 * Not modelled: rise time, and the instant between looking at the line and raising it, in which two nodes may both find
 * it low (a caller that waits for virtual time in between has that race as well).
 */
export class BusyLine {
  readonly #holders: number[] = [];

  /** Node `holder` drives the line high. Raising it again changes nothing. */
  raise(holder: number): void {
    if (!this.#holders.includes(holder)) this.#holders.push(holder);
  }

  /** Node `holder` lets go. Another node that raises it keeps it high. */
  lower(holder: number): void {
    const index = this.#holders.indexOf(holder);
    if (index >= 0) this.#holders.splice(index, 1);
  }

  /** Whoever has raised the line the longest; undefined while it is low. The wire itself shows only high or low. */
  held(): number | undefined {
    return this.#holders[0];
  }
}
