/** Colour where a terminal wants it: not when piped, not with NO_COLOR (no-color.org). */
export interface Terminal {
  readonly write: (text: string) => void;
  readonly colour: boolean;
  /** A line may be rewritten in place. */
  readonly live: boolean;
  readonly columns: number;
}

export const terminalOf = (stream: NodeJS.WriteStream): Terminal => ({
  write: (text) => stream.write(text),
  colour: stream.isTTY === true && !process.env.NO_COLOR,
  live: stream.isTTY === true,
  columns: stream.columns ?? 100,
});

const CODES = { bold: 1, dim: 2, red: 31, green: 32, yellow: 33, blue: 34, magenta: 35, cyan: 36 } as const;
export type Style = keyof typeof CODES;

export const paint = (terminal: Terminal, style: Style, text: string): string =>
  terminal.colour ? `\u001b[${CODES[style]}m${text}\u001b[0m` : text;

const BARS = "▁▂▃▄▅▆▇█";

/** The last `width` values as a row of bars; a flat line where they do not differ. */
export function sparkline(values: readonly number[], width: number): string {
  const shown = values.slice(-width);
  const [low, high] = [Math.min(...shown), Math.max(...shown)];
  const level = (value: number) =>
    high === low ? 0 : Math.round(((value - low) / (high - low)) * (BARS.length - 1));
  return shown.map((value) => BARS[level(value)]).join("");
}
