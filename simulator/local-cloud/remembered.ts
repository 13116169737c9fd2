/** Answers that cost more to work out than to keep, as what a policy says to the same call each time. */
export class Remembered<Answer> {
  readonly #answers = new Map<string, Answer>();
  readonly #max: number;

  /** @param max answers; beyond it all are forgotten, so that whoever asks ever new questions fills no memory */
  constructor(max = 1_000) {
    this.#max = max;
  }

  /** The answer of `make`, which must depend on nothing but the key. */
  get(key: string, make: () => Answer): Answer {
    const kept = this.#answers.get(key);
    if (kept !== undefined) return kept;
    if (this.#answers.size >= this.#max) this.#answers.clear();
    const made = make();
    this.#answers.set(key, made);
    return made;
  }
}
