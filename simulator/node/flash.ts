/** What a node keeps in its flash: it outlives every reset and every loss of power. */

/** The counters in a node's flash. It is written at a cold start, and once after that when the node runs on. */
export class Flash {
  #boots = 0;
  #coldStarts = 0;

  /** Cold starts so far: the `boot` of the node's records. */
  get boots(): number {
    return this.#boots;
  }

  /** Cold starts since the node last published a reading or woke from a full sleep. */
  get coldStarts(): number {
    return this.#coldStarts;
  }

  /** The node starts with its RTC memory lost. */
  coldStart(): void {
    this.#boots += 1;
    this.#coldStarts += 1;
  }

  /** A person has stopped the firmware at its prompt: its records begin anew, and nothing is wrong with the node. */
  atPrompt(): void {
    this.#boots += 1;
  }

  /** The node has published a reading, or woken from a full sleep. */
  ranOn(): void {
    this.#coldStarts = 0;
  }
}
