import { paint, type Style, type Terminal, wrapped } from "./terminal.ts";

/**
 * A line with a label before it. On a terminal a long one goes on below its own beginning, broken between words; into a
 * pipe it stays whole.
 * @param label as wide as the labels of the lines around it, and plain: it is painted here.
 */
export function hanging(terminal: Terminal, label: string, text: string, labelStyle: Style = "dim"): string {
  const room = terminal.columns - 1 - label.length;
  const lines = terminal.wraps ? wrapped(text, room, room) : [text];
  return `${paint(terminal, labelStyle, label)}${lines.join(`\n${" ".repeat(label.length)}`)}\n`;
}
