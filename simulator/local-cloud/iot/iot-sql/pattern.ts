/**
 * The regular expressions of `regexp_matches`, checked when the rule is loaded and run by RE2, whose time grows with the
 * text alone: no payload can keep the cloud busy.
 *
 * The documentation names no dialect; its own expressions (`(?i)` in the middle, JDK time formats) are Java's, so a
 * pattern means here what `java.util.regex` makes of it, for the part that RE2 has as well.
 *
 * Refused: backslashes (see the lexer), groups other than `(…)` and `(?:…)`, nested or intersected classes, empty classes,
 * possessive quantifiers, repetitions beyond 1,000, `$` anywhere but at the end of an alternative.
 */
import { RE2JS } from "re2js";

/** Whether a match is anywhere in the text. */
export interface TextPattern {
  test(text: string): boolean;
}

/** Java's `.` stops at these, and its `$` also matches before one that ends the text. */
const LINE_ENDS = "\\n\\r\\x{85}\\x{2028}\\x{2029}";
const ANY_CHARACTER = `[^${LINE_ENDS}]`;
/** A test needs no position: the line end may as well be part of the match. */
const END_OF_TEXT = `(?:\\r\\n|[${LINE_ENDS}])?\\z`;

const CHARACTER_CLASS = /\[\^?[^\]]*\]/g;
const FOREIGN_GROUP = /\(\?(?!:)/;
/** RE2 would take it for a plain character; Java refuses it. */
const BARE_BRACE = /\{(?![0-9]+(?:,[0-9]*)?\})/;
const DOLLAR_WITHIN = /\$(?![)|]|$)/;

/** The pattern as RE2 takes it, or the reason why it is refused. */
export function compilePattern(text: string): TextPattern | { readonly problem: string } {
  const classes = text.match(CHARACTER_CLASS) ?? [];
  const outside = text.replaceAll(CHARACTER_CLASS, "_");
  if (classes.some((part) => part.slice(1).includes("[") || part.includes("&&"))) {
    return { problem: "a character class inside a character class is not supported" };
  }
  if (classes.some((part) => part === "[]" || part === "[^]")) {
    return { problem: "an empty character class means different things in different dialects" };
  }
  if (FOREIGN_GROUP.test(outside)) return { problem: "of the groups only (…) and (?:…) are supported" };
  if (BARE_BRACE.test(outside))
    return { problem: "not a regular expression: { begins a repetition, such as {2} or {2,3}" };
  if (DOLLAR_WITHIN.test(outside)) return { problem: "$ is supported at the end of an alternative only" };
  try {
    return RE2JS.compile(translate(text));
  } catch (error) {
    const why = error instanceof Error ? error.message : String(error);
    return { problem: `not a regular expression that RE2 takes (${why})` };
  }
}

function translate(text: string): string {
  const classes = text.match(CHARACTER_CLASS) ?? [];
  return text
    .split(CHARACTER_CLASS)
    .map(
      (part, i) =>
        part.replaceAll(".", ANY_CHARACTER).replaceAll("$", () => END_OF_TEXT) + (classes[i] ?? ""),
    )
    .join("");
}
