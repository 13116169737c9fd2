import { compilePattern } from "../../../../../simulator/local-cloud/iot/iot-sql/pattern.ts";

const matches = (pattern: string, text: string): boolean => {
  const compiled = compilePattern(pattern);
  if (!("test" in compiled)) throw new Error(compiled.problem);
  return compiled.test(text);
};

test.each([
  ["b", "abc", true, "a match anywhere is enough"],
  ["^[0-9]{2}$", "12", true, "anchors"],
  ["^[0-9]{2}$", "123", false, "anchors"],
  ["^a$", "a\n", true, "Java: $ also matches before a line end at the end"],
  ["^a$", "a\n\n", false, "before one of them only"],
  ["^a$", "a\r\n", true, "CR LF is one line end"],
  ["a.c", "a\u0085c", false, "Java: a point does not match U+0085"],
  ["^.$", "🌡", true, "a point matches a whole code point"],
  ["[.]", "x", false, "a point in a class is a point"],
  ["[$]", "a$b", true, "a dollar in a class is a dollar"],
  ["(?:ab)+|(c)d", "cd", true, "groups"],
  ["a$|b$", "b\n", true, "the end of each alternative"],
  ["(a|b$)", "b\r\n", true, "the end of a group"],
  ["x[^a]y", "x\ny", true, "a negated class takes line ends"],
])("/%s/ on %j -> %s: %s", (pattern, text, result) => {
  expect(matches(pattern, text)).toBe(result);
});

test.each([
  ["(?i)a", /groups/],
  ["a(?!b)", /groups/],
  ["a(?=b)", /groups/],
  ["a$b", /end of an alternative/],
  ["a{1,2000}", /not a regular expression/],
  ["(?<=a)b", /groups/],
  ["(?<name>a)", /groups/],
  ["a++", /not a regular expression/],
  ["[a[b]]", /class inside/],
  ["[a-z&&b]", /class inside/],
  ["[[:alpha:]]", /class inside/],
  ["[]a]", /empty/],
  ["(a", /not a regular expression/],
  ["a{,2}", /not a regular expression/],
])("/%s/ -> refused", (pattern, reason) => {
  expect(compilePattern(pattern)).toEqual({ problem: expect.stringMatching(reason) });
});

test("a pattern on which a backtracking engine takes for ever -> an answer", () => {
  for (const pattern of ["^(a+)+$", "^(a|aa)+$", "(x+x+)+y", "^([a-z]*)*[0-9]$"])
    expect(matches(pattern, `${"a".repeat(5_000)}!`)).toBe(false);
});
