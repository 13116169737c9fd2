/** Readers of the values in a scenario file: each gives a precise type, or reports what is wrong and gives undefined. */
import { nearest } from "../../../lib/nearest.ts";
import type { Micros } from "../../engine/time.ts";
import { durationText, parseDuration } from "../durations.ts";
import type { Problems } from "../scenario-error.ts";
import type { Entries, Tree } from "./yaml-tree.ts";

/** @param name the value's, for messages. */
export type Reader<Value> = (problems: Problems, tree: Tree, name: string) => Value | undefined;

const SHOWN_MAX = 40;

/** What was found, for messages. */
export function shown(tree: Tree): string {
  if (tree.kind !== "scalar") return tree.kind === "list" ? "a list" : "a mapping";
  if (tree.value === null) return "nothing";
  if (typeof tree.value === "number") return String(tree.value);
  const text = JSON.stringify(tree.value);
  return text.length > SHOWN_MAX ? `${text.slice(0, SHOWN_MAX)}…` : text;
}

/** `a, b and c` */
export const enumerated = (words: readonly (string | number)[], last = "and"): string =>
  words.length < 2 ? words.join("") : `${words.slice(0, -1).join(", ")} ${last} ${words.at(-1)}`;

/** `did you mean "x"?`, or else what there is. */
export function hint(word: string, known: readonly string[]): string {
  const near = nearest(word, known);
  return near === undefined ? `there are: ${known.join(", ")}` : `did you mean "${near}"?`;
}

/** A reader of scalars from what is accepted (undefined: refused) and how that is said. */
const scalar =
  <Value>(accept: (value: unknown) => Value | undefined, what: string): Reader<Value> =>
  (problems, tree, name) => {
    const value = tree.kind === "scalar" ? accept(tree.value) : undefined;
    return value ?? problems.add(tree.line, `${name} takes ${what}, not ${shown(tree)}`);
  };

const isLine = (value: string): boolean => /^[^\p{Cc}\p{Zl}\p{Zp}]+$/u.test(value) && value.trim() !== "";

/** A single line. Control characters could rewrite the terminal that shows it. */
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

/** Both bounds included. */
export const duration = (min: Micros, max: Micros): Reader<Micros> =>
  scalar(
    (value) => {
      const span = typeof value === "string" || value === 0 ? parseDuration(String(value)) : undefined;
      return span !== undefined && span >= min && span <= max ? span : undefined;
    },
    `a duration from ${durationText(min)} to ${durationText(max)}, such as 15m, 2d 3h, 90s or 5ms`,
  );

/** One of a few words. */
export const word =
  <Word extends string>(words: readonly Word[]): Reader<Word> =>
  (problems, tree, name) => {
    const found = tree.kind === "scalar" ? words.find((each) => each === tree.value) : undefined;
    if (found !== undefined) return found;
    const near = tree.kind === "scalar" ? nearest(String(tree.value), words) : undefined;
    const meant = near === undefined ? "" : `; did you mean "${near}"?`;
    return problems.add(tree.line, `${name} takes ${enumerated(words, "or")}, not ${shown(tree)}${meant}`);
  };

/** A list of exactly `length`: one item for each node. */
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

/** The items of a list that must not be empty. */
export function itemsOf(problems: Problems, tree: Tree, name: string): readonly Tree[] {
  if (tree.kind === "list" && tree.items.length > 0) return tree.items;
  problems.add(
    tree.line,
    `${name} takes a list with at least one item, not ${tree.kind === "list" ? "an empty one" : shown(tree)}`,
  );
  return [];
}

/** The entries of a mapping. */
export function entriesOf(problems: Problems, tree: Tree, name: string): Entries | undefined {
  if (tree.kind === "map") return tree.entries;
  return problems.add(tree.line, `${name} takes a mapping, such as "key: value" lines, not ${shown(tree)}`);
}

/**
 * The entries of a mapping whose keys are known. Unknown ones and missing required ones are reported, and the rest is
 * given all the same, so that its mistakes come to light as well.
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

/** @param whose what the keys belong to, when it is not plain from the place. */
export function reportUnknown(
  problems: Problems,
  entries: Entries,
  known: readonly string[],
  whose = "",
): void {
  for (const [key, { line }] of entries)
    if (!known.includes(key)) problems.add(line, `unknown key "${key}"${whose}; ${hint(key, known)}`);
}

/** Reads an optional value: `absent` without one, undefined when it is wrong. */
export const optional = <Value, Absent>(
  problems: Problems,
  tree: Tree | undefined,
  name: string,
  read: Reader<Value>,
  absent: Absent,
): Value | Absent | undefined => (tree === undefined ? absent : read(problems, tree, name));
