/**
 * Back-pressure: a client that publishes while the cloud has as much work as it takes waits for its PUBACK. So the
 * messages that are acknowledged and not done yet are bounded, however fast messages come.
 */

/** How much work there may be at a time. */
export interface AdmissionOptions {
  /** Most messages and events at a time. */
  readonly max: number;
  /** How many messages and events there are now. */
  readonly load: () => number;
  /** Called when a first task has to wait; again only after no task has been waiting. */
  readonly onFull: () => void;
}

/** Makes tasks wait while there is too much work. */
export class Admission {
  readonly #options: AdmissionOptions;
  readonly #waiting: (() => void)[] = [];

  constructor(options: AdmissionOptions) {
    this.#options = options;
  }

  /** Number of tasks that wait for room. */
  get waiting(): number {
    return this.#waiting.length;
  }

  /** Runs the task now or, in the order in which tasks came, when there is room. The task raises the load. */
  admit(task: () => void): void {
    if (this.#waiting.length === 0 && this.#hasRoom()) return task();
    if (this.#waiting.length === 0) this.#options.onFull();
    this.#waiting.push(task);
  }

  /** Runs waiting tasks for which there is room; call it when the load may have fallen. */
  freed(): void {
    while (this.#waiting.length > 0 && this.#hasRoom()) this.#waiting.shift()?.();
  }

  /** Runs all waiting tasks without regard to the load: on a drain, each task refuses its own message. */
  release(): void {
    for (const task of this.#waiting.splice(0)) task();
  }

  #hasRoom(): boolean {
    return this.#options.load() < this.#options.max;
  }
}
