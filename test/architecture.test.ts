/**
 * Who may import whom, by the table in ARCHITECTURE.md, "Parts, and who may import whom"; and what the pure parts may not
 * touch.
 */
import { readdirSync, readFileSync } from "node:fs";
import { dirname, join, relative } from "node:path";

const root = join(__dirname, "..");

/** A part of the tree, and the parts (or packages) that it may import besides itself. */
interface Part {
  /** `*` stands for one folder. */
  readonly path: string;
  /** `*` is what it is in `path`. */
  readonly mayImport: readonly string[];
}

/** `| \`part\` | what it is | \`other\` \`another\` |` */
const ROW = /^\| `([^`]+)` \| [^|]+ \|([^|]*)\|$/gm;

const PARTS: readonly Part[] = [...readFileSync(join(root, "ARCHITECTURE.md"), "utf8").matchAll(ROW)].map(
  ([, path, others]) => ({
    path: path!,
    mayImport: [...others!.matchAll(/`([^`]+)`/g)].map(([, other]) => other!),
  }),
);

/** Sources of time, chance and environment, and the files that are the edge where they come in. */
const BANNED =
  /\bDate\.now\b|\bnew Date\(\)|\bMath\.random\b|\bset(?:Timeout|Interval|Immediate)\b|\bprocess\.env\b|\bconsole\./;
const EDGES = [
  /^bin\//,
  /^lambda\/[^/]+\/handler\.ts$/,
  /^simulator\/cli\//,
  /^simulator\/node\/mqtt-uplink\.ts$/,
  /^simulator\/local-cloud\/(?:(?:functions|backends)\/|iot\/broker-gate\.ts$)/,
];

const sourcesUnder = (dir: string): string[] =>
  readdirSync(join(root, dir), { recursive: true, encoding: "utf8" })
    .filter((name) => name.endsWith(".ts"))
    .map((name) => `${dir}/${name}`);

const sources = ["bin", "lib", "lambda", "simulator"].flatMap(sourcesUnder);

/** The code without its comments: rules hold for what runs. */
const codeOf = (file: string): string =>
  readFileSync(join(root, file), "utf8").replace(/\/\*[\s\S]*?\*\/|(?<![:"'`])\/\/.*$/gm, "");

function importsOf(file: string): string[] {
  const found = codeOf(file).matchAll(
    /\bfrom\s+"([^"\n]+)";|^import\s+"([^"\n]+)";|\bimport\(\s*"([^"\n]+)"/gm,
  );
  return [...found]
    .map(([, declared, dynamic]) => declared ?? dynamic ?? "")
    .map((target) => (target.startsWith(".") ? relative(root, join(root, dirname(file), target)) : target));
}

const isUnder = (path: string, part: string): boolean =>
  path === part || path.startsWith(part.endsWith(":") ? part : `${part}/`);

/** The part's path in this file's case: `lambda/*` of a file in `lambda/sweep_clusters` is that folder. */
const folderOf = (path: string, file: string): string =>
  path
    .split("/")
    .map((name, depth) => (name === "*" ? (file.split("/")[depth] ?? name) : name))
    .join("/");

/** The most specific part that a file belongs to; one without a `*` before one with. */
const partOf = (file: string): Part | undefined =>
  PARTS.filter(({ path }) => isUnder(file, folderOf(path, file))).sort(
    (x, y) => y.path.split("/").length - x.path.split("/").length || y.path.length - x.path.length,
  )[0];

test("ARCHITECTURE.md's table -> has rows, and each stands for some file", () => {
  expect(PARTS.length).toBeGreaterThan(20);
  const empty = PARTS.filter((part) => !sources.some((file) => partOf(file) === part));
  expect(empty.map(({ path }) => path)).toEqual([]);
});

test("every source file -> belongs to a part with rules", () => {
  expect(sources.filter((file) => partOf(file) === undefined)).toEqual([]);
  expect(sources.length).toBeGreaterThan(60);
});

test.each(PARTS)("$path -> imports only what it may", (part) => {
  const wrong = sources
    .filter((file) => partOf(file) === part)
    .flatMap((file) => importsOf(file).map((target) => ({ file, target })))
    .filter(
      ({ file, target }) =>
        ![part.path, ...part.mayImport].some((other) => isUnder(target, folderOf(other, file))),
    );
  expect(wrong).toEqual([]);
});

test("imports -> have no cycle", () => {
  const graph = new Map(
    sources.map((file) => [file, importsOf(file).filter((target) => sources.includes(target))]),
  );
  const state = new Map<string, "open" | "done">();
  const cycles: string[] = [];
  const visit = (file: string, path: string[]): void => {
    if (state.get(file) === "done") return;
    if (state.get(file) === "open") {
      cycles.push([...path.slice(path.indexOf(file)), file].join(" -> "));
      return;
    }
    state.set(file, "open");
    for (const target of graph.get(file) ?? []) visit(target, [...path, file]);
    state.set(file, "done");
  };
  for (const file of sources) visit(file, []);
  expect(cycles).toEqual([]);
});

test("time, chance, environment and console -> only at the edges", () => {
  const wrong = sources
    .filter((file) => !EDGES.some((edge) => edge.test(file)))
    .flatMap((file) => (codeOf(file).match(BANNED) ?? []).map((found) => `${file}: ${found}`));
  expect(wrong).toEqual([]);
});

test("every file, tests too -> at most 400 lines", () => {
  const long = [...sources, ...sourcesUnder("test")]
    .map((file) => ({ file, lines: readFileSync(join(root, file), "utf8").trimEnd().split("\n").length }))
    .filter(({ lines }) => lines > 400);
  expect(long).toEqual([]);
});
