/** The mistakes in a scenario file, with their lines. */

/** One mistake in a scenario file. */
export interface Problem {
  /** Line, from 1 on, as editors count. */
  readonly line: number;
  /** What is wrong, and what to do. */
  readonly text: string;
}

/** Most mistakes shown: more would scroll the first one off the screen. */
const SHOWN_MAX = 100;

/** Characters of a quoted file that could break a line, or rewrite the terminal. */
const UNPRINTABLE = /[\p{Cc}\p{Zl}\p{Zp}]/gu;

/** A scenario that cannot be played. The message is for people: `FILE:LINE: …`, a line for each mistake. */
export class ScenarioError extends Error {
  override readonly name = "ScenarioError";
  readonly problems: readonly Problem[];

  /** @param problems in the order of their lines. */
  constructor(file: string, problems: readonly Problem[]) {
    const lines = problems.slice(0, SHOWN_MAX).map(({ line, text }) => `${file}:${line}: ${text}`);
    const more = problems.length - lines.length;
    super([...lines, ...(more === 0 ? [] : [`and ${more} more`])].join("\n"));
    this.problems = problems;
  }
}

/** Collects problems, so that a person sees all of them at once. */
export class Problems {
  readonly #found = new Map<string, Problem>();

  /** Returns undefined, so that a reader can end with it: `return problems.add(line, "…")`. */
  add(line: number, text: string): undefined {
    const shown = text.replace(UNPRINTABLE, (character) => `\\x${character.codePointAt(0)!.toString(16)}`);
    this.#found.set(`${line} ${shown}`, { line, text: shown });
  }

  get none(): boolean {
    return this.#found.size === 0;
  }

  /** The error with all problems, in the order of their lines. */
  error(file: string): ScenarioError {
    return new ScenarioError(
      file,
      [...this.#found.values()].sort((x, y) => x.line - y.line),
    );
  }
}
