/** Findings as a person reads them: one line each, and the command that mends it. */

import { counted } from "../shared/counted.ts";
import { hanging } from "../shared/hanging-indent.ts";
import { paint, type Style, type Terminal, wrapped } from "../shared/terminal.ts";
import { CHECKS, type Finding, type State } from "./finding.ts";

const MARKS: Readonly<Record<State, { readonly mark: string; readonly style: Style }>> = {
  good: { mark: "✓", style: "green" },
  warning: { mark: "⚠", style: "yellow" },
  wrong: { mark: "✗", style: "red" },
  unchecked: { mark: "–", style: "dim" },
};
const LABEL_WIDTH = Math.max(...CHECKS.map((check) => check.length));
const INDENT = "    ";

/** Prints a finding, and below it what to do. */
export const printFinding = (terminal: Terminal, { check, state, text, mend }: Finding): void =>
  printMarked(terminal, state, check.padEnd(LABEL_WIDTH), text, mend);

/**
 * Into a pipe one line, the command at its end. On a terminal the command stands below, and goes on after a backslash
 * where it is too long, so that it can be copied.
 */
export function printMarked(
  terminal: Terminal,
  state: State,
  name: string,
  text: string,
  mend: string | undefined,
): void {
  const { mark, style } = MARKS[state];
  const label = `${mark} ${name}  `;
  if (!terminal.wraps || mend === undefined) {
    terminal.write(hanging(terminal, label, mend === undefined ? text : `${text}: ${mend}`, style));
    return;
  }
  terminal.write(hanging(terminal, label, `${text}:`, style));
  const room = terminal.columns - 1 - INDENT.length - " \\".length;
  // A backslash between quotation marks would be a character of the word.
  const lines = /['"]/.test(mend) ? [mend] : wrapped(mend, room, room);
  terminal.write(`${lines.map((line) => `${INDENT}${paint(terminal, "bold", line)}`).join(" \\\n")}\n`);
}

/** What it comes to. */
export function conclusion(findings: readonly Finding[]): string {
  const count = (state: State) => findings.filter((finding) => finding.state === state).length;
  const [bad, soon] = [count("wrong"), count("warning")];
  const warned = soon === 0 ? "" : `, ${counted(soon, "warning")}`;
  if (bad === 0) return `Nothing is wrong${warned}.`;
  return `${counted(bad, "thing")} ${bad === 1 ? "is" : "are"} wrong${warned}.`;
}
