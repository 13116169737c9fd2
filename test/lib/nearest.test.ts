import { nearest } from "../../lib/nearest.ts";

test.each([
  ["form", ["to", "from"], "from"],
  ["retentoin", ["clusters", "mail", "retention"], "retention"],
  ["node", ["nodes", "sleep_s"], "nodes"],
  ["colour", ["clusters", "mail"], undefined],
  ["", ["mail"], undefined],
  ["mail", [], undefined],
])("%p among %p -> %p", (word, known, meant) => {
  expect(nearest(word, known)).toBe(meant);
});

test("two words equally near -> the first", () => {
  expect(nearest("bat", ["cat", "hat"])).toBe("cat");
});
