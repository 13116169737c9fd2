/**
 * The GPIO busy line between nodes: a wired OR with a pull-down resistor. Any node may raise it; it is low only when no
 * node raises it.
 *
 * Modelled: a holder that hangs leaves its pin as it was, so that the line stays high until that node lowers it; a node
 * whose wire is cut, which sees only its own pin; something else that holds the line high. Not modelled: rise time, and
 * the moment between looking at the line and raising it, in which two nodes may both find it low (a caller that lets
 * virtual time pass in between has that race as well).
 */
export class BusyLine {
  readonly #raisedBy: number[] = [];
  /** A wire may be cut in several places. */
  readonly #cuts: { readonly node: number }[] = [];
  #shorts = 0;

  /** Node `holder` drives its pin high. Raising it again changes nothing. */
  raise(holder: number): void {
    if (!this.#raisedBy.includes(holder)) this.#raisedBy.push(holder);
  }

  /** Node `holder` lowers its pin. The line stays high while another node raises it. */
  lower(holder: number): void {
    const index = this.#raisedBy.indexOf(holder);
    if (index >= 0) this.#raisedBy.splice(index, 1);
  }

  /** Whether node `viewer` finds the line high. */
  isHigh(viewer: number): boolean {
    if (this.#cutOff(viewer)) return this.#raisedBy.includes(viewer);
    if (this.#shorts > 0) return true;
    return this.#raisedBy.some((holder) => !this.#cutOff(holder));
  }

  /** Holds the line high by something that is no node. @returns a function that ends it */
  holdHigh(): () => void {
    this.#shorts += 1;
    let held = true;
    return () => {
      if (held) this.#shorts -= 1;
      held = false;
    };
  }

  /** Cuts the wire of node `node`. @returns a function that mends this cut */
  cut(node: number): () => void {
    const cut = { node };
    this.#cuts.push(cut);
    return () => {
      const index = this.#cuts.indexOf(cut);
      if (index >= 0) this.#cuts.splice(index, 1);
    };
  }

  #cutOff(node: number): boolean {
    return this.#cuts.some((cut) => cut.node === node);
  }
}
