/** Remembers answers that cost more to compute than to keep, such as a policy's decision about one call. */
export class Remembered<Answer> {
  readonly #answers = new Map<string, Answer>();
  readonly #max: number;

  /** @param max answers to keep; when there are more all are forgotten, so that ever new keys do not fill the memory */
  constructor(max = 1_000) {
    this.#max = max;
  }

  /** The answer for `key`. @param make computes it, and must depend on nothing but the key */
  get(key: string, make: () => Answer): Answer {
    const kept = this.#answers.get(key);
    if (kept !== undefined) return kept;
    if (this.#answers.size >= this.#max) this.#answers.clear();
    const made = make();
    this.#answers.set(key, made);
    return made;
  }
}
