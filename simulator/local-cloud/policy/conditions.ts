/**
 * The Condition element: every operator and every key must hold; for a key, one value of its list is enough. Source:
 * IAM User Guide, "Condition operators", "Condition" (evaluation logic for multiple keys or values).
 *
 * `ForAllValues:` holds where the request has no value, `ForAnyValue:` does not. Refused by name: Numeric…, Date…,
 * Binary…, IpAddress operators, and a key of several values without one of the two, of which the guide says that it
 * needs one.
 */
import { type ArnPattern, arnMatches, arnVariables, parseArnPattern } from "./arn-pattern.ts";
import { asRecord, asTexts, type Dialect } from "./elements.ts";
import {
  type LookUp,
  type Pattern,
  parsePattern,
  patternMatches,
  patternMatchesIgnoringCase,
  variablesOf,
} from "./pattern.ts";
import { PolicyError } from "./policy-error.ts";

/** The condition on one key by one operator. */
export interface Condition {
  readonly key: string;
  readonly variables: readonly string[];
  /** @param values the request's values of the key */
  readonly holds: (values: readonly string[], lookUp: LookUp) => boolean;
}

/** Makes a test of one request value from the values of an operator. */
type Family = (values: readonly string[], where: string) => Test;
interface Test {
  readonly variables: readonly string[];
  readonly any: (value: string, lookUp: LookUp) => boolean;
}

type TextMatch = (pattern: Pattern, text: string, lookUp: LookUp) => boolean;

const textFamily =
  (wildcards: boolean, match: TextMatch): Family =>
  (values) => {
    const patterns = values.map((value) => parsePattern(value, { wildcards }));
    return {
      variables: patterns.flatMap(variablesOf),
      any: (value, lookUp) => patterns.some((pattern) => match(pattern, value, lookUp)),
    };
  };

const arnFamily: Family = (values, where) => {
  const patterns = values.map((value) => arnPatternOf(value, where));
  return {
    variables: patterns.flatMap(arnVariables),
    any: (value, lookUp) => patterns.some((pattern) => arnMatches(pattern, value, lookUp)),
  };
};

const boolFamily: Family = (values, where) => {
  const wanted = values.map((value) => asFlag(value, where));
  return { variables: [], any: (value) => wanted.includes(value.toLowerCase()) };
};

interface Operator {
  readonly family: Family;
  readonly negated: boolean;
}

const exactly = textFamily(false, patternMatches);
const ignoringCase = textFamily(false, patternMatchesIgnoringCase);
const like = textFamily(true, patternMatches);

const operators: ReadonlyMap<string, Operator> = new Map([
  ["StringEquals", { family: exactly, negated: false }],
  ["StringNotEquals", { family: exactly, negated: true }],
  ["StringEqualsIgnoreCase", { family: ignoringCase, negated: false }],
  ["StringNotEqualsIgnoreCase", { family: ignoringCase, negated: true }],
  ["StringLike", { family: like, negated: false }],
  ["StringNotLike", { family: like, negated: true }],
  // "The ArnEquals and ArnLike condition operators behave identically."
  ["ArnEquals", { family: arnFamily, negated: false }],
  ["ArnLike", { family: arnFamily, negated: false }],
  ["ArnNotEquals", { family: arnFamily, negated: true }],
  ["ArnNotLike", { family: arnFamily, negated: true }],
  ["Bool", { family: boolFamily, negated: false }],
]);

const IF_EXISTS = /IfExists$/;
const SET_OPERATOR = /^(ForAllValues|ForAnyValue):/;

/** Parses a Condition element; absent: no conditions. @throws PolicyError */
export function parseConditions(element: unknown, where: string, dialect: Dialect): readonly Condition[] {
  if (element === undefined) return [];
  return Object.entries(asRecord(element, where)).flatMap(([operator, keys]) =>
    Object.entries(asRecord(keys, `${where}.${operator}`)).map(([key, values]) => {
      const place = `${where}.${operator}.${key}`;
      dialect.checkConditionKey(key, place);
      if (dialect.isMultivalued(key) && !SET_OPERATOR.test(operator) && operator !== "Null")
        throw new PolicyError(
          "policy-unsupported",
          place,
          `${key} may have several values: write ForAllValues:${operator} or ForAnyValue:${operator}`,
        );
      return { key, ...parseOperator(operator, asTexts(values, place), place) };
    }),
  );
}

function parseOperator(name: string, values: readonly string[], where: string): Omit<Condition, "key"> {
  if (name === "Null") return parseNull(values, where);
  const set = SET_OPERATOR.exec(name)?.[1];
  const operator = operators.get(name.replace(SET_OPERATOR, "").replace(IF_EXISTS, ""));
  if (operator === undefined) {
    const known = [...operators.keys(), "Null"].join(", ");
    throw new PolicyError(
      "policy-unsupported",
      where,
      `condition operator ${name} is not emulated; these are: ${known}; with ForAllValues: or ForAnyValue: before and IfExists behind it`,
    );
  }
  const test = operator.family(values, where);
  // A missing key does not match: false for a plain operator, true for a negated one and for …IfExists.
  const whenMissing =
    IF_EXISTS.test(name) || set === "ForAllValues" || (set === undefined && operator.negated);
  return {
    variables: test.variables,
    holds: (values, lookUp) => {
      if (values.length === 0) return whenMissing;
      const matches = (value: string) => test.any(value, lookUp) !== operator.negated;
      return set === "ForAnyValue" ? values.some(matches) : values.every(matches);
    },
  };
}

/** The condition of `Null: true`, that the key has no value, or of `Null: false`, that it has one. */
function parseNull(values: readonly string[], where: string): Omit<Condition, "key"> {
  const wanted = values.map((value) => asFlag(value, where));
  return { variables: [], holds: (values) => wanted.includes(String(values.length === 0)) };
}

function asFlag(value: string, where: string): string {
  const flag = value.toLowerCase();
  if (flag === "true" || flag === "false") return flag;
  throw new PolicyError("policy-malformed", where, `${JSON.stringify(value)} is neither "true" nor "false"`);
}

function arnPatternOf(value: string, where: string): ArnPattern {
  const pattern = parseArnPattern(value);
  if (pattern !== undefined) return pattern;
  throw new PolicyError(
    "policy-malformed",
    where,
    `${JSON.stringify(value)} has a variable before the fifth colon`,
  );
}
