// @ts-check
/**
 * Starts a command: `node simulator/cli/start.mjs simulate --help`.
 *
 * The commands are TypeScript. Loading them and their packages file by file takes over a second, so they are bundled
 * once into `.build/cli` and again whenever a source is newer than the bundle; a start then takes a tenth of that.
 */
import { readFileSync, statSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";

const root = join(dirname(fileURLToPath(import.meta.url)), "..", "..");
const outdir = join(root, ".build", "cli");
const stamp = join(outdir, "inputs.json");
const COMMANDS = ["simulate", "cloud", "node", "battery", "verify", "prepare"];
/** Loaded by a command into threads of its own. */
const WORKERS = ["verify-worker"];

/** Packages with native parts, or that are loaded from worker threads: these stay in node_modules. */
const EXTERNAL = ["aws-crt", "dynalite", "aws-ses-v2-local", "esbuild"];

/** @returns {boolean} whether the bundle exists and no file that went into it has changed since */
function isFresh() {
  try {
    const builtMs = statSync(stamp).mtimeMs;
    /** @type {string[]} */
    const inputs = JSON.parse(readFileSync(stamp, "utf8"));
    return inputs.every((input) => statSync(join(root, input)).mtimeMs < builtMs);
  } catch {
    return false;
  }
}

async function build() {
  const { build: bundle } = await import("esbuild");
  const { metafile } = await bundle({
    absWorkingDir: root,
    entryPoints: [...COMMANDS, ...WORKERS].map((command) => `simulator/cli/${command}.ts`),
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
  writeFileSync(stamp, JSON.stringify([...own, "package-lock.json", "simulator/cli/start.mjs"]));
}

const [command = "", ...args] = process.argv.slice(2);
if (!COMMANDS.includes(command)) {
  console.error(`start.mjs: unknown command "${command}"; one of: ${COMMANDS.join(", ")}`);
  process.exit(2);
}
// Supported until the SDK drops Node 20 in 2027; its warning would stand in every run's output.
process.env.AWS_SDK_JS_NODE_VERSION_SUPPORT_WARNING_DISABLED ??= "true";
try {
  if (!isFresh()) await build();
  const { main } = await import(pathToFileURL(join(outdir, `${command}.mjs`)).href);
  process.exitCode = await main(args);
} catch (error) {
  const { code } = /** @type {NodeJS.ErrnoException} */ (error);
  if (code !== "ERR_MODULE_NOT_FOUND" && code !== "MODULE_NOT_FOUND") throw error;
  console.error(`${root} does not have its packages yet: run npm ci there first`);
  process.exitCode = 2;
}
