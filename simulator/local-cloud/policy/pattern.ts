/**
 * Patterns of policies: text with the wildcards `*` and `?` and with policy variables. Source: IAM User Guide,
 * "Resource", "Variables and tags"; AWS IoT Core Developer Guide, "AWS IoT Core policy variables".
 *
 * A variable's value is inserted as plain characters after the wildcards have been recognised, so that a client with
 * the name `*` gains nothing. Not emulated: default values of variables.
 */

const ANY = { wildcard: "*" } as const;
const ONE = { wildcard: "?" } as const;

/** One character, one wildcard, or one variable. */
type Piece = string | typeof ANY | typeof ONE | { readonly variable: string };
/** A policy's pattern, compiled: literal text, wildcards and variables. */
export type Pattern = readonly Piece[];
/** A pattern with its variables filled in. */
export type Filled = readonly (string | typeof ANY | typeof ONE)[];

/** A pattern with its variables filled in; undefined when one of them has no value. */
export function filled(pattern: Pattern, lookUp: LookUp): Filled | undefined {
  const pieces: (string | typeof ANY | typeof ONE)[] = [];
  for (const piece of pattern) {
    if (typeof piece === "string") pieces.push(...piece);
    else if ("wildcard" in piece) pieces.push(piece);
    else {
      const value = lookUp(piece.variable);
      if (value === undefined) return undefined;
      pieces.push(...value);
    }
  }
  return pieces;
}

/** The value of a variable; undefined when it has none. */
export type LookUp = (variable: string) => string | undefined;

/** A piece of a pattern's text. `${*}`, `${?}` and `${$}` are plain characters; any other `${…}` is a variable. */
const PIECE = /\$\{([^}]*)\}|[\s\S]/gu;
const ESCAPED = new Set(["*", "?", "$"]);

/** Parses a pattern. @param options wildcards: false makes `*` and `?` plain characters */
export function parsePattern(text: string, options: { readonly wildcards: boolean }): Pattern {
  return [...text.matchAll(PIECE)].map(([piece, variable]) => {
    if (variable !== undefined) return ESCAPED.has(variable) ? variable : { variable };
    if (options.wildcards && piece === "*") return ANY;
    return options.wildcards && piece === "?" ? ONE : piece;
  });
}

/** Names of the variables in a pattern, as written. */
export const variablesOf = (pattern: Pattern): readonly string[] =>
  pattern.flatMap((piece) => (typeof piece === "object" && "variable" in piece ? [piece.variable] : []));

/** Whether the whole text matches. A variable without a value matches nothing. */
export function patternMatches(pattern: Pattern, text: string, lookUp: LookUp): boolean {
  const pieces = filled(pattern, lookUp);
  return pieces !== undefined && fits(pieces, [...text]);
}

/** As `patternMatches`, without regard to case. */
export const patternMatchesIgnoringCase = (pattern: Pattern, text: string, lookUp: LookUp): boolean =>
  patternMatches(
    pattern.map((piece) => (typeof piece === "string" ? piece.toLowerCase() : piece)),
    text.toLowerCase(),
    (variable) => lookUp(variable)?.toLowerCase(),
  );

/**
 * Whether the text matches. It backtracks to the last `*` only, so that a hostile text costs at most pattern × text
 * steps.
 */
function fits(pattern: Filled, text: readonly string[]): boolean {
  let [p, t, star, resume] = [0, 0, -1, 0];
  while (t < text.length) {
    const piece = pattern[p];
    if (piece === ANY) [star, p, resume] = [p, p + 1, t];
    else if (piece === ONE || (piece !== undefined && piece === text[t])) [p, t] = [p + 1, t + 1];
    else if (star >= 0) [p, resume, t] = [star + 1, resume + 1, resume + 1];
    else return false;
  }
  return pattern.slice(p).every((piece) => piece === ANY);
}
