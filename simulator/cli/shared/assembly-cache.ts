/**
 * The synthesized app for the local cloud. Synthesis takes seconds, so its result is kept in `.build` under a digest of
 * everything that goes into it: what runs is always what `cdk deploy` would deploy from the files as they are now.
 */
import { execFile } from "node:child_process";
import { createHash } from "node:crypto";
import {
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  utimesSync,
  writeFileSync,
} from "node:fs";
import { join, resolve } from "node:path";
import { promisify } from "node:util";
import { CSR_FOLDER } from "../../../lib/device-files.ts";
import { projectRoot } from "../../project-root.ts";
import { whyRefused } from "../../write-file.ts";
import { UsageError } from "./arguments.ts";
import { readCdkJson } from "./cdk-json.ts";

type Context = Readonly<Record<string, unknown>>;

/** One for each number of nodes that a person alternates between. */
const KEPT = 4;
const IN_USE_MS = 3_600_000;
const INPUTS = ["bin", "lib", "lambda", "cdk.json", "package.json", "package-lock.json", "tsconfig.json"];

function filesUnder(path: string): string[] {
  if (!existsSync(path)) return [];
  if (statSync(path).isFile()) return [path];
  return readdirSync(path)
    .sort()
    .flatMap((name) => filesUnder(join(path, name)));
}

function digestOf(root: string, context: Context): string {
  const hash = createHash("sha256");
  if (Object.keys(context).length > 0) hash.update(JSON.stringify(context)).update("\0");
  const csrs = process.env.HA2M_CSRS ?? CSR_FOLDER;
  for (const file of [csrs, ...INPUTS].flatMap((input) => filesUnder(resolve(root, input))))
    hash.update(file.slice(root.length)).update("\0").update(readFileSync(file)).update("\0");
  return hash.digest("hex").slice(0, 16);
}

/**
 * The folder of the synthesized app, made anew when an input has changed.
 * @param overrides context in place of what cdk.json has
 * @throws UsageError with what synthesis printed when it stops, e.g. on a bad configuration.
 */
export async function freshAssembly(onSynth: () => void, overrides: Context = {}): Promise<string> {
  const root = projectRoot();
  const cache = join(root, ".build", "assembly");
  const dir = join(cache, digestOf(root, overrides));
  if (!isWhole(dir)) {
    makeCache(cache, root);
    onSynth();
    await synthesize(root, dir, overrides);
    removeAllButNewest(cache);
  }
  noteUse(dir);
  return dir;
}

/** @throws UsageError for a user who may not write there. */
function makeCache(cache: string, root: string): void {
  try {
    mkdirSync(cache, { recursive: true });
    // A deployed bundle stands alone and is CommonJS; here it would inherit "type": "module" from our package.json.
    writeFileSync(join(cache, "package.json"), '{ "type": "commonjs" }\n');
  } catch (error) {
    throw new UsageError(
      `The app cannot be synthesized into ${cache}: ${whyRefused(error)}. The owner of ${root} can run there: npm run prepare`,
    );
  }
}

/** The time of its last use, by which the oldest are found. */
function noteUse(dir: string): void {
  try {
    utimesSync(dir, new Date(), new Date());
  } catch {
    // Another user's folder is only read; those who own it note their own uses.
  }
}

const isWhole = (dir: string): boolean => existsSync(join(dir, "manifest.json"));

async function synthesize(root: string, dir: string, overrides: Context): Promise<void> {
  const partial = `${dir}.${process.pid}`;
  const { app, context } = readCdkJson();
  const [program = "node", ...args] = app.split(" ");
  const env = {
    ...process.env,
    CDK_OUTDIR: partial,
    CDK_CONTEXT_JSON: JSON.stringify({ ...context, ...overrides }),
    CDK_VALIDATION: "false",
  };
  try {
    await promisify(execFile)(program, args, { cwd: root, env });
    renameSync(partial, dir);
  } catch (error) {
    rmSync(partial, { recursive: true, force: true });
    // Another run may have synthesized the same in the meantime, and its folder stands where ours should.
    if (isWhole(dir)) return;
    const { stderr = "" } = error as { stderr?: string };
    throw new UsageError(`The app could not be synthesized (${app}):\n${stderr.trim() || String(error)}`);
  }
}

/** What was used lately, or is being made by another run, may be in use still. */
function removeAllButNewest(cache: string): void {
  const lately = Date.now() - IN_USE_MS;
  const folders = readdirSync(cache)
    .filter((name) => /^[0-9a-f]+(\.\d+)?$/.test(name))
    .map((name) => join(cache, name))
    .map((path) => ({ path, usedMs: statSync(path, { throwIfNoEntry: false })?.mtimeMs ?? 0 }))
    .sort((x, y) => y.usedMs - x.usedMs);
  for (const { path, usedMs } of folders.slice(KEPT))
    if (usedMs < lately) rmSync(path, { recursive: true, force: true });
}
