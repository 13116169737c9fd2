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
  writeFileSync,
} from "node:fs";
import { join } from "node:path";
import { promisify } from "node:util";
import { projectRoot } from "../project-root.ts";
import { UsageError } from "./arguments.ts";
import { readCdkJson } from "./cdk-json.ts";

const INPUTS = ["bin", "lib", "lambda", "cdk.json", "package.json", "package-lock.json", "tsconfig.json"];

function filesUnder(path: string): string[] {
  if (!existsSync(path)) return [];
  if (statSync(path).isFile()) return [path];
  return readdirSync(path)
    .sort()
    .flatMap((name) => filesUnder(join(path, name)));
}

function digestOf(root: string): string {
  const hash = createHash("sha256");
  for (const file of INPUTS.flatMap((input) => filesUnder(join(root, input))))
    hash.update(file.slice(root.length)).update("\0").update(readFileSync(file)).update("\0");
  return hash.digest("hex").slice(0, 16);
}

/**
 * The folder of the synthesized app, made anew when an input has changed.
 * @throws UsageError with what synthesis printed when it stops, e.g. on a bad configuration.
 */
export async function freshAssembly(onSynth: () => void): Promise<string> {
  const root = projectRoot();
  const cache = join(root, ".build", "assembly");
  const dir = join(cache, digestOf(root));
  if (existsSync(join(dir, "manifest.json"))) return dir;
  onSynth();
  mkdirSync(cache, { recursive: true });
  // A deployed bundle stands alone and is CommonJS; here it would inherit "type": "module" from our package.json.
  writeFileSync(join(cache, "package.json"), '{ "type": "commonjs" }\n');
  const partial = `${dir}.${process.pid}`;
  const { app, context } = readCdkJson();
  const [program = "node", ...args] = app.split(" ");
  const env = {
    ...process.env,
    CDK_OUTDIR: partial,
    CDK_CONTEXT_JSON: JSON.stringify(context),
    CDK_VALIDATION: "false",
  };
  try {
    await promisify(execFile)(program, args, { cwd: root, env });
  } catch (error) {
    rmSync(partial, { recursive: true, force: true });
    const { stderr = "" } = error as { stderr?: string };
    throw new UsageError(`The app could not be synthesized (${app}):\n${stderr.trim() || String(error)}`);
  }
  // Another run may be synthesizing the same files: its folder, named after its process, is left alone.
  for (const old of readdirSync(cache).filter((name) => /^[0-9a-f]+$/.test(name)))
    rmSync(join(cache, old), { recursive: true, force: true });
  renameSync(partial, dir);
  return dir;
}
