/** What may be printed where: colour and lines in place on a terminal that can, whole plain lines into a pipe. */
export interface Terminal {
  readonly write: (text: string) => void;
  /** Not when piped, not with NO_COLOR (no-color.org), not on a terminal that calls itself dumb. */
  readonly colour: boolean;
  /** A line may be rewritten in place. */
  readonly live: boolean;
  /** A person reads it at `columns`: long lines are broken between words. Piped lines stay whole. */
  readonly wraps: boolean;
  readonly columns: number;
}

const TERMINAL_COLUMNS = 80;
/** Lines into a pipe are not wrapped; what is drawn is so wide. */
const PIPE_COLUMNS = 100;

/** What can be written to a stream: colours, and how wide. */
export function terminalOf(stream: NodeJS.WriteStream): Terminal {
  const { NO_COLOR, TERM } = process.env;
  const wraps = stream.isTTY === true;
  const live = wraps && TERM !== "dumb";
  return {
    write: (text) => stream.write(text),
    colour: live && !NO_COLOR,
    live,
    wraps,
    // Some terminals say that they have 0 columns.
    columns: stream.columns === 0 ? TERMINAL_COLUMNS : (stream.columns ?? PIPE_COLUMNS),
  };
}

const CODES = { bold: 1, dim: 2, red: 31, green: 32, yellow: 33, blue: 34, magenta: 35, cyan: 36 } as const;
/** A colour or weight of text. */
export type Style = keyof typeof CODES;

/** The text in that style, where the terminal has colours. */
export const paint = (terminal: Terminal, style: Style, text: string): string =>
  terminal.colour ? `\u001b[${CODES[style]}m${text}\u001b[0m` : text;

/**
 * The text in lines of at most `room` characters, the first of at most `firstRoom`, broken between words. A word that is
 * longer than a line stands on one of its own, whole.
 */
export function wrapped(text: string, firstRoom: number, room: number): string[] {
  const lines: string[] = [];
  let line: string | undefined;
  for (const word of text.split(" ")) {
    const longer = line === undefined ? word : `${line} ${word}`;
    if (line !== undefined && longer.length > (lines.length === 0 ? firstRoom : room)) {
      lines.push(line);
      line = word;
    } else line = longer;
  }
  return [...lines, line ?? ""];
}

const BARS = "▁▂▃▄▅▆▇█";

/** The last `width` values as a row of bars; a flat line where they do not differ. */
export function sparkline(values: readonly number[], width: number): string {
  const shown = values.slice(-width);
  const [low, high] = [Math.min(...shown), Math.max(...shown)];
  const level = (value: number) =>
    high === low ? 0 : Math.round(((value - low) / (high - low)) * (BARS.length - 1));
  return shown.map((value) => BARS[level(value)]).join("");
}
