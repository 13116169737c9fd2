/** Writes a small cloud assembly, as `cdk synth` would, into a folder of its own. */
import { mkdirSync, mkdtempSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

export const ACCOUNT = { accountId: "123456789012", region: "eu-central-1" } as const;

/** One stack's template, the name it is deployed under included. */
export type Templates = Readonly<Record<string, Readonly<Record<string, unknown>>>>;

/** The folder, for `loadAssembly`; `assets` maps an S3 key to the folder that is uploaded as it. */
export function writeAssembly(templates: Templates, assets: Readonly<Record<string, string>> = {}): string {
  const dir = mkdtempSync(join(tmpdir(), "ha2m-assembly-"));
  const put = (file: string, value: unknown) => writeFileSync(join(dir, file), JSON.stringify(value));
  const artifacts: Record<string, unknown> = {
    "assets.assets": { type: "cdk:asset-manifest", properties: { file: "assets.json" } },
    Tree: { type: "cdk:tree", properties: { file: "tree.json" } },
  };
  for (const [name, template] of Object.entries(templates)) {
    const templateFile = `${name}.template.json`;
    artifacts[name] = { type: "aws:cloudformation:stack", properties: { templateFile } };
    put(templateFile, template);
  }
  for (const folder of Object.values(assets)) mkdirSync(join(dir, folder), { recursive: true });
  put("manifest.json", { version: "48.0.0", artifacts });
  put("assets.json", {
    files: Object.fromEntries(
      Object.entries(assets).map(([objectKey, path]) => [
        objectKey,
        { source: { path, packaging: "zip" }, destinations: { here: { objectKey } } },
      ]),
    ),
  });
  return dir;
}
