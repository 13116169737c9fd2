/** Command lines: Node's own parser, with errors that say what to type instead. */
import { type ParseArgsConfig, parseArgs } from "node:util";
import { nearest } from "../../lib/nearest.ts";

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

/** @throws UsageError when `text` is none of `words`. */
export function oneOf<Word extends string>(flag: string, text: string, words: readonly Word[]): Word {
  const found = words.find((word) => word === text);
  if (found !== undefined) return found;
  const quoted = words.map((word) => `"${word}"`);
  throw new UsageError(`${flag} takes ${quoted.join(" or ")}, not "${text}".`);
}
