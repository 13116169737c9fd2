import { decimalNumber, parseFlags, UsageError, wholeNumber } from "../../../simulator/cli/arguments.ts";

const FLAGS = {
  seed: { type: "string" },
  days: { type: "string" },
  json: { type: "boolean" },
  help: { type: "boolean", short: "h" },
} as const;

const failure = (run: () => unknown): unknown => {
  try {
    run();
  } catch (error) {
    return error;
  }
  return undefined;
};
const parse = (...argv: string[]) => parseFlags("simulate", argv, FLAGS);

test("known flags -> their values; words beside them -> positionals", () => {
  const { values, positionals } = parse("--seed", "7", "fast", "--json", "-h", "--days=2");
  expect({ ...values }).toEqual({ seed: "7", json: true, help: true, days: "2" });
  expect(positionals).toEqual(["fast"]);
});

test.each<[string, string[], RegExp]>([
  ["an unknown flag, near a known one", ["--sed", "1"], /'--sed'.*Did you mean --seed\?/],
  ["an unknown flag, near none", ["--temperature-of-the-room"], /'--temperature-of-the-room'/],
  ["an unknown letter", ["-x"], /'-x'/],
  ["a value that is missing", ["--seed"], /^UsageError: --seed needs a value\. See/],
  [
    "a flag where a value belongs",
    ["--seed", "--json"],
    /--seed needs a value, but "--json" follows;.*--seed=V/,
  ],
  [
    "a value that begins with a dash",
    ["--seed", "-x"],
    /--seed needs a value, but "-x" follows;.*--seed=VALUE/,
  ],
  ["a value where none is wanted", ["--json=yes"], /^UsageError: --json takes no value\. See/],
  ["a letter with a value", ["-h=1"], /Unknown option '-='/],
])("%s -> UsageError that names it and the help", (_, argv, expected) => {
  const error = failure(() => parse(...argv));
  expect(error).toBeInstanceOf(UsageError);
  expect(String(error)).toMatch(expected);
  expect(String(error)).toMatch(/See: npm run simulate -- --help$/);
});

test.each([["--temperature-of-the-room"], ["--seed"], ["--seed", "--json"], ["--json=yes"]])(
  "%s: near no other flag, or known itself -> no guess",
  (...argv) => {
    expect(String(failure(() => parse(...argv)))).not.toMatch(/Did you mean/);
  },
);

test.each(["-1", "-0.5", "-.5"])("%s after an option -> its value, for the option to judge", (value) => {
  expect(parse("--seed", value, "--days", value).values).toMatchObject({ seed: value, days: value });
});

test("a negative number after a flag without a value, or after -- -> not joined to it", () => {
  expect(String(failure(() => parse("--json", "-1")))).toMatch(/Unknown option '-1'/);
  expect(parse("--", "--seed", "-1").positionals).toEqual(["--seed", "-1"]);
});

describe("numbers", () => {
  test.each<[string, () => number, number]>([
    ["whole", () => wholeNumber("--seed", "42", 0, 100), 42],
    ["whole, at both bounds", () => wholeNumber("--seed", "0", 0, 0), 0],
    ["whole, negative where it may be", () => wholeNumber("--seed", "-1", -1, 1), -1],
    ["decimal", () => decimalNumber("--days", "1.25", 1.25, 10), 1.25],
    ["decimal, with an exponent", () => decimalNumber("--days", "1e1", 1.25, 10), 10],
  ])("%s -> taken", (_, read, expected) => {
    expect(read()).toBe(expected);
  });

  test.each(["", " ", "x", "1.5", "1e2", "0x10", "-1", "101", "NaN", "Infinity"])(
    'whole, "%s" -> UsageError with range and value',
    (text) => {
      expect(() => wholeNumber("--seed", text, 0, 100)).toThrow(
        new UsageError(`--seed takes a whole number from 0 to 100, not "${text}".`),
      );
    },
  );

  test.each(["", " ", "x", "1,5", "1.24", "11", "NaN", "Infinity"])(
    'decimal, "%s" -> UsageError with range and value',
    (text) => {
      expect(() => decimalNumber("--days", text, 1.25, 10)).toThrow(
        new UsageError(`--days takes a number from 1.25 to 10, not "${text}".`),
      );
    },
  );
});
