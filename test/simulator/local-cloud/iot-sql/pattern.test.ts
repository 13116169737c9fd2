import { compilePattern } from "../../../../simulator/local-cloud/iot-sql/pattern.ts";

const matches = (pattern: string, text: string): boolean => {
  const compiled = compilePattern(pattern);
  if (!(compiled instanceof RegExp)) throw new Error(compiled.problem);
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
  ["(?:ab)+|c(?!d)", "cd", false, "groups"],
])("/%s/ on %j -> %s: %s", (pattern, text, result) => {
  expect(matches(pattern, text)).toBe(result);
});

test.each([
  ["(?i)a", /groups/],
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
