/**
 * The regular expressions of `regexp_matches`, checked when the rule is loaded.
 * The documentation names no dialect; its own expressions (`(?i)` in the middle, JDK time formats) are Java's, so a
 * pattern means here what `java.util.regex` makes of it, for the part where that can be said in JavaScript.
 *
 * Refused: backslashes (see the lexer), groups other than `(…)`, `(?:…)`, `(?=…)`, `(?!…)`, nested or intersected
 * classes, empty classes, possessive quantifiers. Not guarded: patterns that backtrack for ever.
 */

/** Java's `.` stops at these, and its `$` also matches before one that ends the text. */
const LINE_ENDS = "\\n\\r\\u0085\\u2028\\u2029";
const ANY_CHARACTER = `[^${LINE_ENDS}]`;
const END_OF_TEXT = `(?=(?:\\r\\n|[${LINE_ENDS}])?$)`;

const CHARACTER_CLASS = /\[\^?[^\]]*\]/g;
const FOREIGN_GROUP = /\(\?(?![:=!])/;

/** The pattern as a JavaScript one, or the reason why it is refused. */
export function compilePattern(text: string): RegExp | { readonly problem: string } {
  const classes = text.match(CHARACTER_CLASS) ?? [];
  const outside = text.replaceAll(CHARACTER_CLASS, "");
  if (classes.some((part) => part.slice(1).includes("[") || part.includes("&&"))) {
    return { problem: "a character class inside a character class is not supported" };
  }
  if (classes.some((part) => part === "[]" || part === "[^]")) {
    return { problem: "an empty character class means different things in different dialects" };
  }
  if (FOREIGN_GROUP.test(outside))
    return { problem: "of the groups only (…), (?:…), (?=…) and (?!…) are supported" };
  try {
    return new RegExp(translate(text), "u");
  } catch {
    return { problem: "not a regular expression" };
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
