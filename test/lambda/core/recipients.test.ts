/** What recipients are called. */
import { NAME_GIVEN, namesOf } from "../../../lambda/core/recipients.ts";

test("addresses -> the part before the @ where that is one person's alone, else the whole address", () => {
  const names = namesOf([
    { to: ["ann@example.org", "Bob@example.org"] },
    { to: ["bob@example.net", "ann@example.org", "-x-@example.org"] },
  ]);
  expect([...names]).toEqual([
    ["ann@example.org", "ann"],
    ["Bob@example.org", "Bob@example.org"],
    ["bob@example.net", "bob@example.net"],
    ["-x-@example.org", "-x-@example.org"],
  ]);
});

test.each(["ann", "Zoë", "Jean-Luc P.", "张伟", "ann+home@example.org"])("%s -> a name", (name) => {
  expect(NAME_GIVEN.test(name)).toBe(true);
});
test.each(["", " ann", "ann ", "a\nb", "<ann>", "=?utf-8?q?x?=", "a\u202eb", "x".repeat(65)])(
  "%j -> none",
  (name) => {
    expect(NAME_GIVEN.test(name)).toBe(false);
  },
);
