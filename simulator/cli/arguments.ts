/** Command lines: Node's own parser, with errors that say what to type instead. */
import { type ParseArgsConfig, parseArgs } from "node:util";

/** The caller's mistake: reported without a stack, exit code 2. */
export class UsageError extends Error {
  override readonly name = "UsageError";
}

type Options = NonNullable<ParseArgsConfig["options"]>;

/** @throws UsageError on an unknown flag, a missing value, or a positional argument that is not wanted. */
export function parseFlags<const T extends Options>(command: string, argv: readonly string[], options: T) {
  try {
    return parseArgs({ args: [...argv], options, strict: true, allowPositionals: true });
  } catch (error) {
    const text = error instanceof Error ? error.message.split(". ")[0] : String(error);
    const flag = /'(--?[^' =]+)/.exec(text ?? "")?.[1];
    const near = flag === undefined ? undefined : nearest(flag.replace(/^-+/, ""), Object.keys(options));
    const hint = near === undefined ? "" : ` Did you mean --${near}?`;
    throw new UsageError(`${text}.${hint} See: npm run ${command} -- --help`);
  }
}

/** @throws UsageError when `text` is not a whole number from `min` to `max`. */
export function wholeNumber(flag: string, text: string, min: number, max: number): number {
  const value = Number(text);
  if (/^-?\d+$/.test(text) && value >= min && value <= max) return value;
  throw new UsageError(`${flag} takes a whole number from ${min} to ${max}, not "${text}".`);
}

/** @throws UsageError when `text` is not a number from `min` to `max`. */
export function decimalNumber(flag: string, text: string, min: number, max: number): number {
  const value = Number(text);
  if (text.trim() !== "" && value >= min && value <= max) return value;
  throw new UsageError(`${flag} takes a number from ${min} to ${max}, not "${text}".`);
}

/** The known word that is closest to `word`, when it is close enough to have been meant. */
export function nearest(word: string, known: readonly string[]): string | undefined {
  const ranked = known.map((candidate) => ({ candidate, edits: editDistance(word, candidate) }));
  ranked.sort((x, y) => x.edits - y.edits);
  const best = ranked[0];
  return best !== undefined && best.edits <= Math.max(2, Math.floor(word.length / 3))
    ? best.candidate
    : undefined;
}

/** Levenshtein distance. */
function editDistance(from: string, to: string): number {
  let row = Array.from({ length: to.length + 1 }, (_, j) => j);
  for (let i = 1; i <= from.length; i++) {
    const next = [i];
    for (let j = 1; j <= to.length; j++) {
      const substituted = row[j - 1]! + (from[i - 1] === to[j - 1] ? 0 : 1);
      next.push(Math.min(substituted, row[j]! + 1, next[j - 1]! + 1));
    }
    row = next;
  }
  return row[to.length]!;
}
