/** What is wrong with a scenario file, with the line of each mistake. */

/** One mistake in a scenario file. */
export interface Problem {
  /** Counted from 1, as editors do. */
  readonly line: number;
  /** What is wrong; what to do. */
  readonly text: string;
}

/** A file that went wrong in every line would scroll its first mistake off the screen. */
const SHOWN_MAX = 100;

/** What is quoted from a file may break a line, or rewrite the terminal. */
const UNPRINTABLE = /[\p{Cc}\p{Zl}\p{Zp}]/gu;

/** A scenario that cannot be played. The message is meant to be read as it is: `FILE:LINE: …`, a line each. */
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

  /** By line; those of one line in the order in which they were found. */
  error(file: string): ScenarioError {
    return new ScenarioError(
      file,
      [...this.#found.values()].sort((x, y) => x.line - y.line),
    );
  }
}
