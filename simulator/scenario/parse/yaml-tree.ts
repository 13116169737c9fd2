/**
 * Reads a YAML file to a tree of values with their lines. A part of YAML 1.2 is accepted: one document of mappings with
 * plain keys, lists and scalars. Anchors, aliases, tags and complex keys are refused, because a scenario does not need
 * them.
 */
import {
  Composer,
  isAlias,
  isMap,
  isScalar,
  isSeq,
  Lexer,
  LineCounter,
  type ParsedNode,
  Parser,
  type YAMLMap,
  type YAMLParseError,
} from "yaml";
import type { Problems } from "../scenario-error.ts";

/** A value of the file, with its line. */
export type Tree = {
  /** The line of its key; for an item of a list, its own. Counted from 1. */
  readonly line: number;
} & (
  | { readonly kind: "scalar"; readonly value: unknown }
  | { readonly kind: "list"; readonly items: readonly Tree[] }
  | { readonly kind: "map"; readonly entries: Entries }
);
/** The keys of a map, in the order of the file. */
export type Entries = ReadonlyMap<string, Tree>;

/**
 * Limit of the parser's stack. A scenario nests 7 deep, with two places each; without a limit a file could exhaust
 * memory.
 */
const STACK_MAX = 60;

const HINTS: Partial<Record<YAMLParseError["code"], string>> = {
  BAD_DQ_ESCAPE: "write a backslash as \\\\, or use single quotes",
  BAD_INDENT: "align it with its siblings",
  BLOCK_AS_IMPLICIT_KEY: "put a text that contains a colon in quotes, or align the next line with this one",
  MISSING_CHAR: "complete it; the opening may be further up",
  MULTILINE_IMPLICIT_KEY: "end the line above, or put a colon after the key",
  TAB_AS_INDENT: "indent with spaces",
};

/** Reads a file. Undefined: it is no such YAML, and `problems` say why. */
export function readYaml(text: string, problems: Problems): Tree | undefined {
  const lines = new LineCounter();
  lines.addNewLine(0);
  const lineAt = (offset: number): number => lines.linePos(Math.min(offset, text.length)).line;
  const tokens = tokensOf(text, lines, (offset) =>
    problems.add(lineAt(offset), "nested too deeply for a scenario; see docs/scenarios.md for its form"),
  );
  if (tokens === undefined) return undefined;
  // Duplicate keys are found below: the composer's own search is quadratic.
  const composer = new Composer({ schema: "core", prettyErrors: false, uniqueKeys: false, merge: false });
  const [document, second] = [...composer.compose(tokens, true, text.length)];
  if (second !== undefined)
    return problems.add(lineAt(second.range[0]), "a second document; a file holds one scenario");
  // Only the first error of a line: the others are mostly its consequences.
  let reported = 0;
  for (const { code, pos, message } of document?.errors ?? []) {
    const line = lineAt(pos[0]);
    if (line !== reported) problems.add(line, `${message}; ${HINTS[code] ?? "correct the YAML here"}`);
    reported = line;
  }
  if (!problems.none) return undefined;
  const root = document?.contents ?? null;
  if (root === null || (isScalar(root) && root.value === null))
    return problems.add(1, "the file is empty; docs/scenarios.md has an example");
  const tree = treeOf(root as ParsedNode, lineAt(root.range![0]), { lineAt, problems });
  return problems.none ? tree : undefined;
}

function tokensOf(text: string, lines: LineCounter, tooDeep: (offset: number) => void) {
  const parser = new Parser(lines.addNewLine);
  const tokens = [];
  for (const lexeme of new Lexer().lex(text)) {
    tokens.push(...parser.next(lexeme));
    if (parser.stack.length > STACK_MAX) return tooDeep(parser.offset);
  }
  return [...tokens, ...parser.end()];
}

interface Context {
  readonly lineAt: (offset: number) => number;
  readonly problems: Problems;
}

function treeOf(node: ParsedNode, line: number, context: Context): Tree | undefined {
  const { problems, lineAt } = context;
  if (isAlias(node) || node.anchor !== undefined)
    return problems.add(line, "anchors (&) and aliases (*) are not supported; write the value out");
  if (node.tag !== undefined) return problems.add(line, `the tag ${node.tag} is not supported; leave it out`);
  if (isScalar(node)) return { kind: "scalar", line, value: node.value };
  if (isMap(node)) return { kind: "map", line, entries: entriesOf(node, context) };
  if (!isSeq(node)) return problems.add(line, "no value; write a mapping, a list, a text or a number");
  const items = node.items.map((item) => treeOf(item, lineAt(item.range[0]), context));
  return { kind: "list", line, items: items.filter((item) => item !== undefined) };
}

function entriesOf(map: YAMLMap.Parsed, context: Context): Entries {
  const { problems, lineAt } = context;
  const entries = new Map<string, Tree>();
  const lineOfKey = new Map<string, number>();
  for (const { key, value } of map.items) {
    const line = lineAt(key.range[0]);
    if (!isScalar(key) || key.anchor !== undefined || key.tag !== undefined) {
      problems.add(line, "a key that is not a plain word; write key: value");
      continue;
    }
    const name = typeof key.value === "string" ? key.value : String(key.source);
    const first = lineOfKey.get(name);
    if (first !== undefined)
      problems.add(line, `"${name}" is here a second time, after line ${first}; keep one of them`);
    lineOfKey.set(name, first ?? line);
    const tree: Tree | undefined =
      value === null ? { kind: "scalar", line, value: null } : treeOf(value, line, context);
    if (tree !== undefined) entries.set(name, tree);
  }
  return entries;
}
