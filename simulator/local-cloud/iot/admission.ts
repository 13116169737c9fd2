/**
 * How much work the cloud takes on: who publishes while as much is at work as the cloud holds waits, without a PUBACK.
 * So what has been acknowledged and is not done yet stays within a bound, however fast messages come.
 */

/** How much may be at work at a time. */
export interface AdmissionOptions {
  /** Messages and events at work. */
  readonly max: number;
  /** How many there are now. */
  readonly load: () => number;
  /** Told when the first has to wait, and again only after nobody did. */
  readonly onFull: () => void;
}

/** Holds publishers back while too much is at work. */
export class Admission {
  readonly #options: AdmissionOptions;
  readonly #waiting: (() => void)[] = [];

  constructor(options: AdmissionOptions) {
    this.#options = options;
  }

  /** Tasks that wait for room. */
  get waiting(): number {
    return this.#waiting.length;
  }

  /** Runs the task now or, in the order in which they came, once there is room. The task raises the load. */
  admit(task: () => void): void {
    if (this.#waiting.length === 0 && this.#hasRoom()) return task();
    if (this.#waiting.length === 0) this.#options.onFull();
    this.#waiting.push(task);
  }

  /** The load may have gone down. */
  freed(): void {
    while (this.#waiting.length > 0 && this.#hasRoom()) this.#waiting.shift()?.();
  }

  /** Runs what waits, room or not: whoever drains refuses the tasks' messages itself. */
  release(): void {
    for (const task of this.#waiting.splice(0)) task();
  }

  #hasRoom(): boolean {
    return this.#options.load() < this.#options.max;
  }
}
