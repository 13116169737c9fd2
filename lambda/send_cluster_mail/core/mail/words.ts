/** Values as words, and texts of unknown making as text and nothing else. */

// Controls and separators could start a header or a line, formats could turn what follows around; a surrogate alone is no
// character at all.
const UNPRINTABLE = /[\p{Cc}\p{Cf}\p{Zl}\p{Zp}\p{Cs}]/gu;

/** What an encoded word begins with (RFC 2047): in a subject its reader would decode it. */
const ENCODED_WORD_BROKEN = "= ?";

/** Long enough for a queue's name (80 characters). */
const QUOTED_LENGTH_MAX = 80;

/** What is left after `lengthMax` characters is `…`; no character is cut in two. */
export function bounded(text: string, lengthMax: number): string {
  if (text.length <= lengthMax) return text;
  const whole = text.slice(0, lengthMax - 1).replace(/\p{Cs}$/u, "");
  return `${whole}…`;
}

/** In place of a text without a visible character: a sentence that quoted nothing would seem to be cut off. */
const BLANK = "(blank)";

/**
 * A text that somebody else wrote: one line, bounded, without anything that acts on its neighbours, and without a blank at
 * either end, which programs cut off.
 */
export function quoted(text: string, lengthMax = QUOTED_LENGTH_MAX): string {
  // A character has at most two code units: what is longer than this is too long, whatever it becomes.
  const line = text
    .slice(0, 2 * lengthMax + 1)
    .replace(UNPRINTABLE, "\ufffd")
    .replaceAll("=?", ENCODED_WORD_BROKEN)
    .trim();
  return line === "" ? BLANK : bounded(line, lengthMax);
}

/** `node 0`, `nodes 0 and 2`, `nodes 0, 1 and 2`. */
export const nodesText = (nodes: readonly number[]): string =>
  nodes.length === 1 ? `node ${nodes[0]}` : `nodes ${nodes.slice(0, -1).join(", ")} and ${nodes.at(-1)}`;

/** The text with its first letter in upper case. */
export const capital = (text: string): string => `${text.slice(0, 1).toUpperCase()}${text.slice(1)}`;

/** `1 message`, `2 messages`. */
export const counted = (count: number, noun: string): string => `${count} ${noun}${count === 1 ? "" : "s"}`;

/** `21.4 °C`, as a person says it; the sensor has four digits. */
export const celsius = (value: number): string => `${value.toFixed(1)} °C`;

/** Millivolts as `4.87 V`. */
export const volts = (millivolts: number): string => `${(millivolts / 1_000).toFixed(2)} V`;
