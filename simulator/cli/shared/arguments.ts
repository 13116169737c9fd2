/** Command lines: Node's own parser, with errors that say what to type instead. */
import { type ParseArgsConfig, parseArgs } from "node:util";
import { nearest } from "../../../lib/nearest.ts";

/** The caller's mistake: reported without a stack, exit code 2. */
export class UsageError extends Error {
  override readonly name = "UsageError";
}

type Options = NonNullable<ParseArgsConfig["options"]>;

/**
 * A number below zero after an option is its value: whoever reads the option says which values it takes.
 * @throws UsageError on an unknown flag, or one without its value.
 */
export function parseFlags<const T extends Options>(command: string, argv: readonly string[], options: T) {
  const args = negativeNumbersJoined(argv, options);
  refuseWhatNpmTook(command, args, options);
  try {
    return parseArgs({ args, options, strict: true, allowPositionals: true });
  } catch (error) {
    const text = error instanceof Error ? error.message : String(error);
    throw new UsageError(`${explained(text, args, options)} See: npm run ${command} -- --help`);
  }
}

/** npm's own, which a company's .npmrc may well set: not a sign of a missing "--". */
const OFTEN_SET = ["ca"];

/**
 * Without a "--" before them npm takes options for its own configuration, and hands on no more than their values, as
 * environment variables or as stray words. The command would run as if they had not been given.
 */
function refuseWhatNpmTook(command: string, args: readonly string[], options: Options): void {
  const value = (name: string) => process.env[`npm_config_${name.replaceAll("-", "_")}`];
  const taken = Object.keys(options).find(
    (name) =>
      value(name) && !OFTEN_SET.includes(name) && !args.some((arg) => arg.split("=")[0] === `--${name}`),
  );
  if (taken === undefined) return;
  const shown = options[taken]?.type === "boolean" ? `--${taken}` : `--${taken} …`;
  throw new UsageError(
    `npm took --${taken} for itself: put "--" before the options. Type: npm run ${command} -- ${shown}`,
  );
}

/** As one word for a shell. */
export const shellWord = (text: string): string =>
  /^[\w@%+=:,./-]+$/.test(text) ? text : `'${text.replaceAll("'", "'\\''")}'`;

/** For a command that takes options alone. @throws UsageError when there is another word. */
export function refuseWords(command: string, [word]: readonly string[]): void {
  if (word === undefined) return;
  // npm splits some options, such as --days, into letters of its own, and leaves their value.
  const lost = `If an option stood before it, npm took it: put "--" before the options. `;
  throw new UsageError(
    `"${word}" is not an option. ${/^[\d.]+$/.test(word) ? lost : ""}See: npm run ${command} -- --help`,
  );
}

/** `--seed -1` as `--seed=-1`: the parser would take "-1" for a flag. */
function negativeNumbersJoined(argv: readonly string[], options: Options): string[] {
  const args: string[] = [];
  for (const word of argv) {
    const before = args.at(-1) ?? "";
    const joins =
      /^-\.?\d/.test(word) && optionNamed(before, options)?.type === "string" && !args.includes("--");
    if (joins) args[args.length - 1] = `${before}=${word}`;
    else args.push(word);
  }
  return args;
}

const optionNamed = (word: string, options: Options) =>
  word.startsWith("--") ? options[word.slice(2)] : undefined;

/** Node's message, which names the flag in quotes, in words that say what to type. */
function explained(text: string, args: readonly string[], options: Options): string {
  const unknown = /Unknown option '([^']+)'/.exec(text)?.[1];
  if (unknown !== undefined) {
    const near = nearest(unknown.replace(/^-+/, ""), Object.keys(options));
    return `Unknown option '${unknown}'.${near === undefined ? "" : ` Did you mean --${near}?`}`;
  }
  const flag = /--[\w-]+/.exec(text)?.[0] ?? "";
  if (optionNamed(flag, options)?.type === "boolean") return `${flag} takes no value.`;
  const next = args[args.indexOf(flag) + 1];
  if (next === undefined) return `${flag} needs a value.`;
  return `${flag} needs a value, but "${next}" follows; write a value that begins with "-" as ${flag}=VALUE.`;
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
