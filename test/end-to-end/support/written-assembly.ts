/** Cloud assemblies of the app with a configuration of its own, made in this process and without bundles. */
import { mkdtempSync, readFileSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { App } from "aws-cdk-lib";
import { parseConfig } from "../../../lib/config.ts";
import { makeStacks } from "../../../lib/stacks/make-stacks.ts";
import { projectFolder } from "./commands.ts";

/** The folder of the assembly, as `cdk synth` would write it. */
export function synthesizeInto(written: unknown): string {
  const { context } = JSON.parse(readFileSync(join(projectFolder, "cdk.json"), "utf8"));
  const outdir = mkdtempSync(join(tmpdir(), "ha2m-rehearsal-"));
  const app = new App({ outdir, context: { ...context, "aws:cdk:bundling-stacks": [] } });
  makeStacks(app, { config: parseConfig(written), csrs: [] });
  app.synth();
  return outdir;
}

/** The same assembly, of an app that asks for termination protection of all its stacks. */
export function protect(assemblyDir: string): string {
  const file = join(assemblyDir, "manifest.json");
  const manifest = JSON.parse(readFileSync(file, "utf8"));
  for (const { type, properties } of Object.values<{ type: string; properties: Record<string, unknown> }>(
    manifest.artifacts,
  ))
    if (type === "aws:cloudformation:stack") properties.terminationProtection = true;
  writeFileSync(file, JSON.stringify(manifest));
  return assemblyDir;
}
