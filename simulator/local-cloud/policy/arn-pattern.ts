/**
 * Patterns of ARNs: each of the six colon-delimited parts is matched on its own, so a wildcard does not cross a colon,
 * except in the last part. Source: IAM User Guide, "Resource"; "Condition operators", section "ARN condition operators".
 */
import { type LookUp, type Pattern, parsePattern, patternMatches, variablesOf } from "./pattern.ts";

/** Up to six parts; `*` alone is a single part that fits any ARN. */
export type ArnPattern = readonly Pattern[];

const PARTS = 6;

/**
 * Undefined when a variable stands before the fifth colon: "You can't use a variable to replace parts of the ARN before
 * the fifth colon".
 */
export function parseArnPattern(text: string): ArnPattern | undefined {
  const parts = splitPieces(parsePattern(text, { wildcards: true }));
  const fixed = parts.slice(0, PARTS - 1);
  return fixed.every((part) => variablesOf(part).length === 0) ? parts : undefined;
}

export const arnVariables = (pattern: ArnPattern): readonly string[] => pattern.flatMap(variablesOf);

export function arnMatches(pattern: ArnPattern, arn: string, lookUp: LookUp): boolean {
  const parts = splitText(arn, pattern.length);
  return (
    parts.length === pattern.length &&
    pattern.every((part, i) => patternMatches(part, parts[i] ?? "", lookUp))
  );
}

function splitPieces(pattern: Pattern): ArnPattern {
  const colons = pattern.flatMap((piece, i) => (piece === ":" ? [i] : [])).slice(0, PARTS - 1);
  return [...colons, pattern.length].map((end, i) =>
    pattern.slice(i === 0 ? 0 : (colons[i - 1] ?? 0) + 1, end),
  );
}

/** At most `count` parts; the last one keeps its colons. */
function splitText(text: string, count: number): readonly string[] {
  const parts = text.split(":");
  return parts.length <= count ? parts : [...parts.slice(0, count - 1), parts.slice(count - 1).join(":")];
}
