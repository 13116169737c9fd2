/**
 * Every export says what it is: the share of exports with a docstring, by folder. A docstring that has no word beyond the
 * export's own name counts as none. The scan is by line: a docstring ends on the line before its export.
 */
import { readdirSync, readFileSync } from "node:fs";
import { join, relative, sep } from "node:path";

const root = join(__dirname, "..");
const ROOTS = ["bin", "lib", "lambda", "simulator"];

/** By folder, the longest that fits: the share that must be documented, from 0 to 1. */
const SHARE: Readonly<Record<string, number>> = {
  bin: 0.95,
  lib: 0.95,
  "lib/contract": 1,
  lambda: 0.95,
  simulator: 0.95,
  "simulator/checker": 1,
  "simulator/cli": 0.95,
  "simulator/cost": 0.95,
  "simulator/counterexample": 0.95,
  "simulator/engine": 1,
  "simulator/hardware": 1,
  "simulator/local-cloud": 0.95,
  "simulator/node": 0.95,
  "simulator/protocol": 1,
  "simulator/scenario": 0.95,
  "simulator/swarm": 0.95,
};

const EXPORT =
  /^export (?:declare |abstract |async )*(?:const|function\*?|class|interface|type) \*?\s*([A-Za-z_$][\w$]*)/;
/** They add nothing to a name. */
const EMPTY_WORDS = new Set(["a", "an", "the", "of", "is", "its", "this", "for", "to"]);

/** `readChip` and "Read chip." have the same words; an s at the end makes no difference. */
const wordsOf = (text: string): string[] =>
  (text.replaceAll(/@\w+/g, "").match(/[A-Z]?[a-z]+|[A-Z]+(?![a-z])|\d+/g) ?? [])
    .map((word) => word.toLowerCase().replace(/(?<=..)s$/, ""))
    .filter((word) => !EMPTY_WORDS.has(word));

interface Export {
  readonly where: string;
  readonly name: string;
  readonly documented: boolean;
}

/** The docstring that ends on line `end`; undefined: none does. */
function docstringAt(lines: readonly string[], end: number): string | undefined {
  if (end < 0 || !lines[end]!.trimEnd().endsWith("*/")) return undefined;
  let start = end;
  while (start > 0 && !lines[start]!.includes("/*")) start -= 1;
  return lines[start]!.trimStart().startsWith("/**") ? lines.slice(start, end + 1).join(" ") : undefined;
}

function exportsOf(path: string, text: string): Export[] {
  const lines = text.split("\n");
  return lines.flatMap((line, at) => {
    const name = EXPORT.exec(line)?.[1];
    if (name === undefined) return [];
    const says = docstringAt(lines, at - 1);
    const own = new Set(wordsOf(name));
    const documented = says !== undefined && wordsOf(says).some((word) => !own.has(word));
    return [{ where: `${path}:${at + 1}`, name, documented }];
  });
}

const sources = ROOTS.flatMap((part) =>
  readdirSync(join(root, part), { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile() && entry.name.endsWith(".ts"))
    .map((entry) => relative(root, join(entry.parentPath, entry.name)).split(sep).join("/")),
);
const all = sources.flatMap((path) => exportsOf(path, readFileSync(join(root, path), "utf8")));

const folderOf = ({ where }: Export): string | undefined =>
  Object.keys(SHARE)
    .filter((folder) => where.startsWith(`${folder}/`))
    .sort((x, y) => y.length - x.length)[0];

test("every export -> belongs to a folder with a share", () => {
  expect(all.length).toBeGreaterThan(1_000);
  expect(all.filter((one) => folderOf(one) === undefined)).toEqual([]);
});

test.each(Object.entries(SHARE))("exports of %s -> documented, %d of them", (folder, share) => {
  const own = all.filter((one) => folderOf(one) === folder);
  const bare = own.filter(({ documented }) => !documented);
  const enough = own.length - bare.length >= share * own.length;
  expect(enough ? [] : bare.map(({ where, name }) => `${where} ${name}`)).toEqual([]);
});

test.each([
  ["/** What a chip answered. */\nexport const readChip = 1;", true],
  ["/** Reads the chip. */\nexport const readChip = 1;", false],
  ["/** @internal */\nexport function* walk() {}", false],
  ["/** @returns whether it came */\nexport async function walk() {}", true],
  ["// What a chip answered.\nexport const readChip = 1;", false],
  ["/* What a chip answered. */\nexport const readChip = 1;", false],
  ["/** What a chip answered. */\n\nexport const readChip = 1;", false],
  ["/**\n * What it answered.\n */\nexport abstract class Chip {}", true],
  ["/** Of the chip. */\nconst rank = 1;\nexport const chip = 1;", false],
])("%j -> documented: %p", (text, documented) => {
  expect(exportsOf("x.ts", text).map((one) => one.documented)).toEqual([documented]);
});
