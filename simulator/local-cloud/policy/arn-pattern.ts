/**
 * Patterns of ARNs, of up to six parts between colons. A wildcard stays within its part; the last part may hold colons.
 * In a condition each part is matched on its own. In a Resource element a `*` that ends a part "can expand to match
 * beyond the colon boundaries". Source: IAM User Guide, "Resource"; "Condition operators", section "ARN condition
 * operators".
 */
import { filled, type LookUp, type Pattern, parsePattern, patternMatches, variablesOf } from "./pattern.ts";

/** A pattern of up to six parts; `*` alone is a single part that matches any ARN. */
export type ArnPattern = readonly Pattern[];

const PARTS = 6;

/**
 * Parses a pattern. Undefined: a variable stands before the fifth colon, which AWS does not allow: "You can't use a
 * variable to replace parts of the ARN before the fifth colon".
 */
export function parseArnPattern(text: string): ArnPattern | undefined {
  const parts = splitPieces(parsePattern(text, { wildcards: true }));
  const fixed = parts.slice(0, PARTS - 1);
  return fixed.every((part) => variablesOf(part).length === 0) ? parts : undefined;
}

/** The policy variables in an ARN pattern, by name. */
export const arnVariables = (pattern: ArnPattern): readonly string[] => pattern.flatMap(variablesOf);

/** Whether an ARN matches by the rules of an ARN condition operator. */
export function arnMatches(pattern: ArnPattern, arn: string, lookUp: LookUp): boolean {
  const parts = splitText(arn, pattern.length);
  return (
    parts.length === pattern.length &&
    pattern.every((part, i) => patternMatches(part, parts[i] ?? "", lookUp))
  );
}

/** Whether an ARN matches by the rules of a Resource element. A variable without a value matches nothing. */
export function resourceMatches(pattern: ArnPattern, arn: string, lookUp: LookUp): boolean {
  const parts = pattern.map((part) => filled(part, lookUp));
  const steps: Step[] = [];
  for (const [i, part] of parts.entries()) {
    if (part === undefined) return false;
    if (i > 0) steps.push(":");
    for (const [j, piece] of part.entries())
      steps.push(
        typeof piece === "string"
          ? piece
          : {
              many: piece.wildcard === "*",
              overColons: i === PARTS - 1 || (piece.wildcard === "*" && j === part.length - 1),
            },
      );
  }
  return steps.every((step) => typeof step === "string") ? steps.join("") === arn : fits(steps, arn);
}

/** A character, or a wildcard. */
type Step = string | { readonly many: boolean; readonly overColons: boolean };

/** Whether the text matches. It follows all possible places in the pattern at once: at most pattern × text steps. */
function fits(steps: readonly Step[], text: string): boolean {
  const reach = (places: Set<number>, place: number): void => {
    places.add(place);
    const step = steps[place];
    if (typeof step === "object" && step.many) reach(places, place + 1);
  };
  let places = new Set<number>();
  reach(places, 0);
  for (const character of text) {
    const next = new Set<number>();
    for (const place of places) {
      const step = steps[place];
      if (step === undefined) continue;
      if (typeof step === "string") {
        if (step === character) reach(next, place + 1);
      } else if (step.overColons || character !== ":") reach(next, step.many ? place : place + 1);
    }
    places = next;
  }
  return places.has(steps.length);
}

function splitPieces(pattern: Pattern): ArnPattern {
  const colons = pattern.flatMap((piece, i) => (piece === ":" ? [i] : [])).slice(0, PARTS - 1);
  return [...colons, pattern.length].map((end, i) =>
    pattern.slice(i === 0 ? 0 : (colons[i - 1] ?? 0) + 1, end),
  );
}

/** Splits a text into at most `count` parts; the last one keeps its colons. */
function splitText(text: string, count: number): readonly string[] {
  const parts = text.split(":");
  return parts.length <= count ? parts : [...parts.slice(0, count - 1), parts.slice(count - 1).join(":")];
}
