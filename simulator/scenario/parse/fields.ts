/** Readers of values in a scenario file. Each returns a precise type, or reports a mistake and returns undefined. */
import { nearest } from "../../../lib/nearest.ts";
import type { Micros } from "../../engine/time.ts";
import { durationText, parseDuration } from "../durations.ts";
import type { Problems } from "../scenario-error.ts";
import type { Entries, Tree } from "./yaml-tree.ts";

/** Reads one value. @param name of the value, for messages */
export type Reader<Value> = (problems: Problems, tree: Tree, name: string) => Value | undefined;

const SHOWN_MAX = 40;

/** A value as messages show it: at most 40 characters of it. */
export function shown(tree: Tree): string {
  if (tree.kind !== "scalar") return tree.kind === "list" ? "a list" : "a mapping";
  if (tree.value === null) return "nothing";
  if (typeof tree.value === "number") return String(tree.value);
  const text = JSON.stringify(tree.value);
  return text.length > SHOWN_MAX ? `${text.slice(0, SHOWN_MAX)}…` : text;
}

/** Words as an enumeration: `a, b and c`. */
export const enumerated = (words: readonly (string | number)[], last = "and"): string =>
  words.length < 2 ? words.join("") : `${words.slice(0, -1).join(", ")} ${last} ${words.at(-1)}`;

/** Advice on an unknown word: `did you mean "x"?`, or all known words. */
export function hint(word: string, known: readonly string[]): string {
  const near = nearest(word, known);
  return near === undefined ? `there are: ${known.join(", ")}` : `did you mean "${near}"?`;
}

/** Makes a reader of scalars. @param accept undefined: refused @param what it takes, in words */
const scalar =
  <Value>(accept: (value: unknown) => Value | undefined, what: string): Reader<Value> =>
  (problems, tree, name) => {
    const value = tree.kind === "scalar" ? accept(tree.value) : undefined;
    return value ?? problems.add(tree.line, `${name} takes ${what}, not ${shown(tree)}`);
  };

const isLine = (value: string): boolean => /^[^\p{Cc}\p{Zl}\p{Zp}]+$/u.test(value) && value.trim() !== "";

/** Reads a single line of text, without control characters: they could rewrite the terminal that shows it. */
export const text = (lengthMax: number): Reader<string> =>
  scalar(
    (value) => (typeof value === "string" && value.length <= lengthMax && isLine(value) ? value : undefined),
    `a line of text, at most ${lengthMax} characters`,
  );

/** Reads a number, fractions included, from `min` to `max`. */
export const number = (min: number, max: number): Reader<number> =>
  scalar(
    (value) => (typeof value === "number" && value >= min && value <= max ? value : undefined),
    `a number from ${min} to ${max}`,
  );

/** Reads an integer from `min` to `max`. */
export const wholeNumber = (min: number, max: number): Reader<number> =>
  scalar(
    (value) =>
      Number.isInteger(value) && Number(value) >= min && Number(value) <= max ? Number(value) : undefined,
    `a whole number from ${min} to ${max}`,
  );

/** Reads a duration from `min` to `max`, both included. */
export const duration = (min: Micros, max: Micros): Reader<Micros> =>
  scalar(
    (value) => {
      const span = typeof value === "string" || value === 0 ? parseDuration(String(value)) : undefined;
      return span !== undefined && span >= min && span <= max ? span : undefined;
    },
    `a duration from ${durationText(min)} to ${durationText(max)}, such as 15m, 2d 3h, 90s or 5ms`,
  );

/** Reads one of a few words. */
export const word =
  <Word extends string>(words: readonly Word[]): Reader<Word> =>
  (problems, tree, name) => {
    const found = tree.kind === "scalar" ? words.find((each) => each === tree.value) : undefined;
    if (found !== undefined) return found;
    const near = tree.kind === "scalar" ? nearest(String(tree.value), words) : undefined;
    const meant = near === undefined ? "" : `; did you mean "${near}"?`;
    return problems.add(tree.line, `${name} takes ${enumerated(words, "or")}, not ${shown(tree)}${meant}`);
  };

/** Reads a list of exactly `length` items: one for each node. */
export const oneForEach =
  <Item>(length: number, item: Reader<Item>): Reader<Item[]> =>
  (problems, tree, name) => {
    if (tree.kind !== "list")
      return problems.add(
        tree.line,
        `${name} takes a list, an item for each of the ${length} nodes, not ${shown(tree)}`,
      );
    if (tree.items.length !== length)
      return problems.add(
        tree.line,
        `${name} lists ${tree.items.length} for ${length} nodes; give one for each node`,
      );
    const items = tree.items.map((each) => item(problems, each, `an item of ${name}`));
    return items.every((each) => each !== undefined) ? items : undefined;
  };

/** The items of a list; reports one that is empty, or no list. */
export function itemsOf(problems: Problems, tree: Tree, name: string): readonly Tree[] {
  if (tree.kind === "list" && tree.items.length > 0) return tree.items;
  problems.add(
    tree.line,
    `${name} takes a list with at least one item, not ${tree.kind === "list" ? "an empty one" : shown(tree)}`,
  );
  return [];
}

/** The entries of a mapping; reports a value that is none. */
export function entriesOf(problems: Problems, tree: Tree, name: string): Entries | undefined {
  if (tree.kind === "map") return tree.entries;
  return problems.add(tree.line, `${name} takes a mapping, such as "key: value" lines, not ${shown(tree)}`);
}

/**
 * The entries of a mapping with known keys. Unknown keys and missing required ones are reported; the others are
 * returned all the same, so that their mistakes are reported as well.
 */
export function fieldsOf<Key extends string>(
  problems: Problems,
  tree: Tree,
  name: string,
  known: readonly Key[],
  required: readonly Key[],
): Readonly<Partial<Record<Key, Tree>>> | undefined {
  const entries = entriesOf(problems, tree, name);
  if (entries === undefined) return undefined;
  reportUnknown(problems, entries, known);
  for (const key of required)
    if (!entries.has(key)) problems.add(tree.line, `${name} has no "${key}"; add it`);
  return Object.fromEntries(entries) as Partial<Record<Key, Tree>>;
}

/** Reports unknown keys. @param whose what the keys belong to, if the place does not show it */
export function reportUnknown(
  problems: Problems,
  entries: Entries,
  known: readonly string[],
  whose = "",
): void {
  for (const [key, { line }] of entries)
    if (!known.includes(key)) problems.add(line, `unknown key "${key}"${whose}; ${hint(key, known)}`);
}

/** Reads an optional value: `absent` without one, undefined with a mistake. */
export const optional = <Value, Absent>(
  problems: Problems,
  tree: Tree | undefined,
  name: string,
  read: Reader<Value>,
  absent: Absent,
): Value | Absent | undefined => (tree === undefined ? absent : read(problems, tree, name));
