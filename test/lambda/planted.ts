/** Modules with a fault planted: what they export is replaced, in whatever is loaded with them. */

/** Files below the project's root, and what is exported in place of what they export. */
export type Modules<Shipped extends object> = {
  readonly [File in keyof Shipped]?: (actual: Shipped[File]) => object;
};

const ROOT = "../..";

/**
 * What is loaded, with a fault planted.
 * @param modules none: as they are shipped
 * @param load requires what the fault is to show in; what was loaded before is not affected
 */
export function planted<Shipped extends object, T>(modules: Modules<Shipped>, load: () => T): T {
  jest.resetModules();
  const changes = Object.entries(modules) as [string, (actual: object) => object][];
  for (const [file, change] of changes)
    jest.doMock(`${ROOT}/${file}`, () => {
      const actual = jest.requireActual<object>(`${ROOT}/${file}`);
      return { ...actual, ...change(actual) };
    });
  const loaded = load();
  for (const [file] of changes) jest.dontMock(`${ROOT}/${file}`);
  return loaded;
}
