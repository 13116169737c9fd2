// @ts-check
/**
 * Starts a command: `node simulator/cli/start.mjs simulate --help`.
 *
 * The commands are TypeScript. Loading them and their packages file by file takes over a second, so they are bundled
 * once into `.build/cli` and again whenever a source is newer than the bundle; a start then takes a tenth of that. Each
 * bundle has a folder of its own, and `current.json` comes to name it by a rename: of two commands that are started at
 * once neither reads what the other has half written, and one that is at work keeps the files that it began with.
 */
import {
  chmodSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  writeFileSync,
} from "node:fs";
import { basename, dirname, join } from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";

const root = join(dirname(fileURLToPath(import.meta.url)), "..", "..");
const bundles = join(root, ".build", "cli");
const current = join(bundles, "current.json");
const PREFIX = "bundle-";
/** So many bundles, and those of the last hour: a command that is at work may yet load a part of its own. */
const KEPT = 4;
const KEPT_MS = 3_600_000;
const COMMANDS = [
  "simulate",
  "cloud",
  "node",
  "battery",
  "verify",
  "swarm",
  "acknowledge",
  "mute",
  "provision",
  "readings",
  "cost",
  "replay",
  "doctor",
  "test-mail",
  "prepare",
];
/** No right to write, a disk that is read-only or full. */
const REFUSALS = ["EACCES", "EPERM", "EROFS", "ENOSPC", "EDQUOT"];
/** Loaded by a command into threads of its own. */
const WORKERS = { "verify-worker": "verify/worker", "swarm-worker": "swarm/worker" };
/** By the name of its file in the bundle, what a command or a thread is made from. */
const ENTRIES = Object.entries({ ...Object.fromEntries(COMMANDS.map((name) => [name, name])), ...WORKERS });

/** Packages with native parts, or that are loaded from worker threads: these stay in node_modules. */
const EXTERNAL = ["aws-crt", "dynalite", "aws-ses-v2-local", "esbuild"];

/** @returns {string | undefined} the folder of the bundle, if no file that went into it has changed since */
function freshBundle() {
  try {
    /** @type {{ dir: string, startedMs: number, inputs: string[] }} */
    const { dir, startedMs, inputs } = JSON.parse(readFileSync(current, "utf8"));
    const fresh = inputs.every((input) => statSync(join(root, input)).mtimeMs < startedMs);
    return fresh && statSync(join(bundles, dir)).isDirectory() ? join(bundles, dir) : undefined;
  } catch {
    return undefined;
  }
}

/** @returns {Promise<string>} the folder of a new bundle */
async function build() {
  const { build: bundle } = await import("esbuild");
  // A source that changes from here on is newer than the bundle, whether it got in or not.
  const startedMs = Date.now();
  mkdirSync(bundles, { recursive: true });
  const outdir = mkdtempSync(join(bundles, PREFIX));
  // It makes folders for their owner alone; others of this machine run the commands as well.
  chmodSync(outdir, 0o777 & ~process.umask());
  const { metafile } = await bundle({
    absWorkingDir: root,
    entryPoints: ENTRIES.map(([out, source]) => ({ out, in: `simulator/cli/${source}.ts` })),
    outdir,
    bundle: true,
    splitting: true,
    metafile: true,
    platform: "node",
    target: "node20",
    format: "esm",
    outExtension: { ".js": ".mjs" },
    // For `node --enable-source-maps`; reading them at every start would cost a tenth of it.
    sourcemap: "linked",
    minifySyntax: true,
    minifyWhitespace: true,
    logLevel: "error",
    external: EXTERNAL,
    // Packages written as CommonJS call require() for Node's own modules.
    banner: {
      js: 'import { createRequire as __r } from "node:module"; const require = __r(import.meta.url);',
    },
  });
  const own = Object.keys(metafile.inputs).filter((input) => !input.includes("node_modules/"));
  const inputs = [...own, "package-lock.json", "simulator/cli/start.mjs"];
  const named = join(outdir, "current.json");
  writeFileSync(named, JSON.stringify({ dir: basename(outdir), startedMs, inputs }));
  renameSync(named, current);
  removeAllButNewest(startedMs);
  return outdir;
}

/**
 * As `build`; for a user who may not write here, it says what to do.
 * @returns {Promise<string | undefined>}
 */
async function buildHere() {
  try {
    return await build();
  } catch (error) {
    const { code = "", path = bundles } = /** @type {NodeJS.ErrnoException} */ (error);
    if (!REFUSALS.includes(code)) throw error;
    const why = existsSync(current) ? "their sources have changed since" : "they are not built yet";
    console.error(
      `The commands cannot be built into ${path} (${code}): ${why}. The owner of ${root} can run there: npm run prepare`,
    );
    return undefined;
  }
}

/** @param {number} nowMs */
function removeAllButNewest(nowMs) {
  const found = readdirSync(bundles)
    .filter((name) => name.startsWith(PREFIX))
    .map((name) => join(bundles, name))
    .map((path) => ({ path, builtMs: statSync(path, { throwIfNoEntry: false })?.mtimeMs ?? 0 }))
    .sort((x, y) => y.builtMs - x.builtMs);
  for (const { path, builtMs } of found.slice(KEPT))
    if (builtMs < nowMs - KEPT_MS) rmSync(path, { recursive: true, force: true });
}

const [command = "", ...args] = process.argv.slice(2);
if (!COMMANDS.includes(command)) {
  console.error(`start.mjs: unknown command "${command}"; one of: ${COMMANDS.join(", ")}`);
  process.exit(2);
}
// Supported until the SDK drops Node 20 in 2027; its warning would stand in every run's output.
process.env.AWS_SDK_JS_NODE_VERSION_SUPPORT_WARNING_DISABLED ??= "true";
try {
  const dir = freshBundle() ?? (await buildHere());
  if (dir === undefined) process.exitCode = 2;
  else {
    const { main } = await import(pathToFileURL(join(dir, `${command}.mjs`)).href);
    process.exitCode = await main(args);
  }
} catch (error) {
  const { code } = /** @type {NodeJS.ErrnoException} */ (error);
  if (code !== "ERR_MODULE_NOT_FOUND" && code !== "MODULE_NOT_FOUND") throw error;
  console.error(`${root} has no packages yet: run npm ci there first`);
  process.exitCode = 2;
}
