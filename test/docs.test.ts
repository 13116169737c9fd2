/** The documents: their links lead somewhere, and those that everybody reads stay short. */
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { dirname, join } from "node:path";

const root = join(__dirname, "..");
const documents = [
  ...readdirSync(root).filter((name) => name.endsWith(".md")),
  ...readdirSync(join(root, "docs"), { recursive: true, encoding: "utf8" })
    .filter((name) => name.endsWith(".md"))
    .map((name) => `docs/${name}`),
];
const textOf = (file: string): string => readFileSync(join(root, file), "utf8");

/** The anchor that a heading has on the usual hosting. */
const anchorOf = (heading: string): string =>
  heading
    .toLowerCase()
    .replace(/[^\p{L}\p{N}\s_-]/gu, "")
    .replace(/\s/g, "-");
const anchorsOf = (text: string): string[] =>
  [...text.matchAll(/^#{1,6} (.+)$/gm)].map(([, heading]) => anchorOf(heading!));

/** Links to files of ours: where they stand in the tree, and the heading. */
const linksOf = (file: string) =>
  [...textOf(file).matchAll(/\]\(([^)\s]+)\)/g)]
    .map(([, target]) => target!)
    .filter((target) => !/^[a-z]+:/.test(target))
    .map((target) => {
      const [path = "", anchor] = target.split("#");
      return { target, path: path === "" ? file : join(dirname(file), path), anchor };
    });

test("documents -> there are some, with links", () => {
  expect(documents.length).toBeGreaterThan(10);
  expect(documents.flatMap(linksOf).length).toBeGreaterThan(40);
});

test.each(documents)("%s -> each link leads to a file, and to a heading in it", (file) => {
  const broken = linksOf(file).filter(
    ({ path, anchor }) =>
      !existsSync(join(root, path)) || (anchor !== undefined && !anchorsOf(textOf(path)).includes(anchor)),
  );
  expect(broken.map(({ target }) => target)).toEqual([]);
});

test("README -> under 200 lines; ARCHITECTURE -> under 1,000 words", () => {
  expect(textOf("README.md").split("\n").length).toBeLessThan(200);
  expect(textOf("ARCHITECTURE.md").split(/\s+/).length).toBeLessThan(1_000);
});
