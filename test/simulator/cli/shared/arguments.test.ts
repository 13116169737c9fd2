import {
  decimalNumber,
  parseFlags,
  refuseWords,
  UsageError,
  wholeNumber,
} from "../../../../simulator/cli/shared/arguments.ts";

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

describe("no -- before the options, so that npm took them", () => {
  const ENVIRONMENT = { ...process.env };
  afterEach(() => {
    process.env = { ...ENVIRONMENT };
  });

  test.each<[string, string, string, RegExp]>([
    ["an option with a value", "npm_config_seed", "4", /npm run simulate -- --seed …$/],
    ["one without", "npm_config_json", "true", /npm run simulate -- --json$/],
  ])("%s -> says so, and what to type", (_, name, value, expected) => {
    process.env[name] = value;
    expect(String(failure(() => parse("4")))).toMatch(/^UsageError: npm took --\w+ for itself/);
    expect(String(failure(() => parse("4")))).toMatch(expected);
  });

  test("npm's configuration has one of that name, and the option is given -> taken", () => {
    process.env.npm_config_json = "true";
    process.env.npm_config_seed = "4";
    expect(parse("--json", "--seed=5").values).toMatchObject({ json: true, seed: "5" });
  });

  test("npm's configuration of another name, or an empty one -> taken", () => {
    process.env.npm_config_json = "";
    process.env.npm_config_cache = "/tmp";
    expect({ ...parse("--seed", "5").values }).toEqual({ seed: "5" });
  });

  test("a stray number -> may be what is left of an option", () => {
    expect(String(failure(() => refuseWords("simulate", ["4"])))).toMatch(/put "--" before/);
    expect(String(failure(() => refuseWords("simulate", ["kitchen"])))).not.toMatch(/put "--"/);
  });
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
