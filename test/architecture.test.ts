/**
 * Who may import whom, and what the pure parts may not touch. The rules are ARCHITECTURE.md's "Dependency direction".
 */
import { readdirSync, readFileSync } from "node:fs";
import { dirname, join, relative } from "node:path";

const root = join(__dirname, "..");

/** A Lambda function: what is pure, what calls AWS, and the list of steps. */
const lambdaParts = (name: string): Readonly<Record<string, readonly string[]>> => ({
  [`lambda/${name}/core`]: ["lambda/core", "lib/contract", "node:crypto", "zod"],
  [`lambda/${name}/adapters`]: [
    `lambda/${name}/core`,
    "lambda/core",
    "lambda/adapters",
    "lib/contract",
    "@aws-sdk",
    "@smithy",
    "nodemailer",
    "zod",
  ],
  [`lambda/${name}/handler.ts`]: [
    `lambda/${name}/core`,
    `lambda/${name}/adapters`,
    "lambda/core",
    "lambda/adapters",
    "lib/contract",
    "@aws-sdk",
    "aws-lambda",
    "node:crypto",
  ],
});

/** A part of the tree, and the parts (or packages) that it may import besides itself. */
const MAY_IMPORT: Readonly<Record<string, readonly string[]>> = {
  "lib/contract": ["zod"],
  "lib/nearest.ts": [],
  "lib/mail-advice.ts": [],
  "lib/config-schema.ts": ["lib/contract", "lib/mail-advice.ts", "zod"],
  "lib/config.ts": ["lib/config-schema.ts", "lib/mail-advice.ts", "lib/nearest.ts", "lib/contract", "zod"],
  "lib/csr.ts": ["@peculiar/x509", "reflect-metadata"],
  "lib/device-files.ts": ["lib/contract"],
  "lib/device-csrs.ts": ["lib/csr.ts", "lib/device-files.ts", "lib/config.ts", "lib/contract", "node:"],
  "lib/constructs": [
    "lib/contract",
    "lib/mail-advice.ts",
    "lib/config.ts",
    "lib/device-csrs.ts",
    "lib/device-files.ts",
    "aws-cdk-lib",
    "constructs",
    "zod",
  ],
  "lib/stacks": [
    "lib/constructs",
    "lib/mail-advice.ts",
    "lib/contract",
    "lib/config.ts",
    "lib/device-csrs.ts",
    "aws-cdk-lib",
    "constructs",
  ],
  bin: [
    "lib/stacks",
    "lib/config.ts",
    "lib/device-csrs.ts",
    "lib/device-files.ts",
    "aws-cdk-lib",
    "node:url",
  ],
  // node:crypto for hashes alone: they are as pure as arithmetic.
  "lambda/core": ["lib/contract", "node:crypto", "zod"],
  "lambda/adapters": ["lambda/core", "lib/contract", "@aws-sdk", "@smithy", "zod"],
  ...lambdaParts("send_cluster_mail"),
  ...lambdaParts("sweep_clusters"),
  ...lambdaParts("answer_mail"),
  ...lambdaParts("tell_subscribers"),
  "simulator/protocol": [],
  "simulator/engine": ["node:crypto"],
  "simulator/hardware": ["simulator/engine"],
  "simulator/node": [
    "simulator/protocol",
    "simulator/hardware",
    "simulator/engine",
    "lib/contract",
    "aws-iot-device-sdk-v2",
    "node:",
    "zod",
  ],
  "simulator/scenario": [
    "simulator/node",
    "simulator/hardware",
    "simulator/engine",
    "simulator/protocol",
    "simulator/local-cloud/clock.ts",
    "lib/contract",
    "lib/nearest.ts",
    "yaml",
    "zod",
  ],
  "simulator/swarm": [
    "simulator/scenario",
    "simulator/node",
    "simulator/hardware",
    "simulator/engine",
    "simulator/protocol",
    "lib/contract",
    "zod",
  ],
  "simulator/checker": ["simulator/protocol"],
  "simulator/counterexample": [
    "simulator/checker",
    "simulator/scenario",
    "simulator/node",
    "simulator/engine",
    "simulator/protocol",
  ],
  "simulator/cost": [],
  "simulator/project-root.ts": ["node:"],
  "simulator/write-file.ts": ["node:"],
  "simulator/local-cloud": [
    "lib/contract",
    // What AWS IoT asks of a CSR.
    "lib/csr.ts",
    "simulator/project-root.ts",
    "simulator/write-file.ts",
    "node:",
    "@aws-sdk",
    "@peculiar/x509",
    "aedes",
    "decimal.js",
    "lossless-json",
    "postal-mime",
    "re2js",
    "reflect-metadata",
  ],
  "simulator/cli": [
    "simulator",
    // A person answers a mail by a command as by a link.
    "lambda/adapters/answers.ts",
    "lambda/core/answer.ts",
    "lib/contract",
    "lib/nearest.ts",
    "lib/config.ts",
    "lib/csr.ts",
    "lib/device-files.ts",
    "@aws-sdk",
    "@peculiar/x509",
    "csv-parse",
    "reflect-metadata",
    "node:",
  ],
};

/** Sources of time, chance and environment, and the files that are the edge where they come in. */
const BANNED =
  /\bDate\.now\b|\bnew Date\(\)|\bMath\.random\b|\bset(?:Timeout|Interval|Immediate)\b|\bprocess\.env\b|\bconsole\./;
const EDGES = [
  /^bin\//,
  /^lambda\/[^/]+\/handler\.ts$/,
  /^simulator\/cli\//,
  /^simulator\/node\/mqtt-uplink\.ts$/,
  /^simulator\/local-cloud\/(?:(?:functions|backends)\/|broker-gate\.ts$)/,
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

/** The most specific part that a file belongs to. */
const partOf = (file: string): string | undefined =>
  Object.keys(MAY_IMPORT)
    .filter((part) => isUnder(file, part))
    .sort((x, y) => y.length - x.length)[0];

test("every source file -> belongs to a part with rules", () => {
  expect(sources.filter((file) => partOf(file) === undefined)).toEqual([]);
  expect(sources.length).toBeGreaterThan(60);
});

test.each(Object.keys(MAY_IMPORT))("%s -> imports only what it may", (part) => {
  const allowed = [part, ...MAY_IMPORT[part]!];
  const wrong = sources
    .filter((file) => partOf(file) === part)
    .flatMap((file) => importsOf(file).map((target) => ({ file, target })))
    .filter(({ target }) => !allowed.some((other) => isUnder(target, other)));
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
