/** Gives each distinct text a small number, and finds it again. */
export class Interner<Value> {
  readonly #ids = new Map<string, number>();
  readonly #values: Value[] = [];

  /** The number of `key`. @param value makes what `get` returns for it; called only where the key is new */
  id(key: string, value: () => Value): number {
    const known = this.#ids.get(key);
    if (known !== undefined) return known;
    const id = this.#values.length;
    this.#ids.set(key, id);
    this.#values.push(value());
    return id;
  }

  /** The value with that number. */
  get(id: number): Value {
    return this.#values[id]!;
  }

  get size(): number {
    return this.#values.length;
  }
}
