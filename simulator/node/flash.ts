/** A node's flash, which survives every reset and every loss of power. */

/** Whom a person makes of a board; absent: as it was. */
export interface Flashed {
  /** The node whose number it gets. */
  readonly as?: number | undefined;
  /** Name of the cluster. */
  readonly cluster?: string | undefined;
}

/** The counters in a node's flash. It is written at a cold start, and once after that when the node runs on. */
export class Flash {
  #boots = 0;
  #coldStarts = 0;

  /** Number of cold starts, and of stops at the prompt, so far: the `boot` of the node's records. */
  get boots(): number {
    return this.#boots;
  }

  /** Number of cold starts since the node last published a reading or woke from a full sleep. */
  get coldStarts(): number {
    return this.#coldStarts;
  }

  /** Counts a cold start: the node starts with its RTC memory lost. */
  coldStart(): void {
    this.#boots += 1;
    this.#coldStarts += 1;
  }

  /** Counts from that number on, which a node found its own records to need. */
  keepBoot(boot: number): void {
    this.#boots = boot;
  }

  /** A new board: nothing has been counted. */
  erase(): void {
    this.#boots = 0;
    this.#coldStarts = 0;
  }

  /**
   * Counts a stop at the prompt by a person: the node's records begin anew. Such a stop is no sign of a fault, so cold
   * starts are counted from here on.
   */
  atPrompt(): void {
    this.#boots += 1;
    this.#coldStarts = 0;
  }

  /** Clears `coldStarts`: the node has published a reading, or woken from a full sleep. */
  ranOn(): void {
    this.#coldStarts = 0;
  }
}
