/**
 * What a cold start of `send_cluster_mail` costs: the size of its bundle and the time until it is loaded, beside the same
 * function on Powertools idempotency, in one run, bundled alike. And what of its size is what. Times are of this machine;
 * the ratio is what counts.
 *
 *   node --import tsx test/bench/cold-start.bench.ts
 */
import { execFileSync } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { gzipSync } from "node:zlib";
import { type BuildOptions, build } from "esbuild";

const ROUNDS = 15;
const FUNCTIONS = {
  send_cluster_mail: "lambda/send_cluster_mail/handler.ts",
  "on Powertools": "test/bench/idempotent-handler.ts",
  sweep_clusters: "lambda/sweep_clusters/handler.ts",
} as const;

/** As lib/constructs/lambda-function.ts has it bundled, for the Node.js that runs this. */
const BUNDLING = {
  bundle: true,
  minify: true,
  platform: "node" as const,
  format: "cjs" as const,
  target: "node20",
  mainFields: ["module", "main"],
  write: false as const,
  metafile: true as const,
  logLevel: "warning" as const,
} satisfies BuildOptions;

const ENVIRONMENT = {
  ...process.env,
  AWS_REGION: "us-east-1",
  AWS_SDK_JS_NODE_VERSION_SUPPORT_WARNING_DISABLED: "true",
  CLUSTERS_TABLE: "clusters",
  CLUSTERS: '{"kitchen":{"nodes":2,"sleep_s":900}}',
  MAIL_FROM: "ha2m@example.org",
  MAIL_TO: "me@example.org",
  RUNBOOK_URL: "https://example.org/RUNBOOK.md",
  SEND_FUNCTION: "send",
};

/** In a new process: ms from before the bundle is loaded until it is. */
const loadMs = (file: string): number =>
  Number(
    execFileSync(
      process.execPath,
      [
        "-e",
        `const from=performance.now();require(${JSON.stringify(file)});console.log(performance.now()-from)`,
      ],
      { env: ENVIRONMENT, encoding: "utf8" },
    ),
  );

const median = (values: readonly number[]): number =>
  [...values].sort((x, y) => x - y)[Math.floor(values.length / 2)]!;

/** The package that a bundled file is of, or `own code`. */
const packageOf = (path: string): string =>
  /node_modules\/((?:@[^/]+\/)?[^/]+)\/(?!.*node_modules)/.exec(path)?.[1] ?? "own code";

const kb = (bytes: number): string => `${(bytes / 1_000).toFixed(0)} kB`;

const dir = mkdtempSync(join(tmpdir(), "ha2m-cold-"));
try {
  const bundles = await Promise.all(
    Object.entries(FUNCTIONS).map(async ([name, entry]) => {
      const { outputFiles, metafile } = await build({ ...BUNDLING, entryPoints: [entry] });
      const code = outputFiles[0]!.contents;
      const file = join(dir, `${name.replaceAll(" ", "-")}.cjs`);
      writeFileSync(file, code);
      const sizes = new Map<string, number>();
      for (const [path, { bytesInOutput }] of Object.entries(Object.values(metafile.outputs)[0]!.inputs))
        sizes.set(packageOf(path), (sizes.get(packageOf(path)) ?? 0) + bytesInOutput);
      return { name, file, bytes: code.length, gzipped: gzipSync(code).length, sizes, times: [] as number[] };
    }),
  );
  // In turn, so that whatever else the machine does falls on all alike; the first of each warms the disk's cache.
  for (let round = 0; round <= ROUNDS; round++)
    for (const { file, times } of bundles) {
      const ms = loadMs(file);
      if (round > 0) times.push(ms);
    }
  const [ours, theirs] = bundles;
  for (const { name, bytes, gzipped, times, sizes } of bundles) {
    const largest = [...sizes].sort((x, y) => y[1] - x[1]).slice(0, 6);
    console.log(
      `${name.padEnd(18)}${kb(bytes).padStart(8)}  (zip ${kb(gzipped)})  loaded in ${median(times).toFixed(1)} ms ` +
        `(${Math.min(...times).toFixed(1)} to ${Math.max(...times).toFixed(1)})`,
    );
    console.log(`  ${largest.map(([of, size]) => `${of} ${kb(size)}`).join(", ")}`);
  }
  const ratio = (of: (values: readonly number[]) => number) =>
    (of(ours!.times) / of(theirs!.times)).toFixed(2);
  console.log(
    `ours / Powertools: size ${(ours!.bytes / theirs!.bytes).toFixed(2)}, loading ${ratio(median)} by the median, ` +
      `${ratio((values) => Math.min(...values))} by the fastest`,
  );
} finally {
  rmSync(dir, { recursive: true });
}
