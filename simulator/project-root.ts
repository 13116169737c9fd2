import { existsSync } from "node:fs";
import { dirname, join } from "node:path";

/**
 * The project's folder: the nearest one holding cdk.json, above the program that runs or, failing that, above the
 * working folder. Our code is bundled, so no file of it knows where it stood.
 * @throws Error when there is none.
 */
export function projectRoot(): string {
  for (const start of [dirname(process.argv[1] ?? "."), process.cwd()]) {
    for (let folder = start; ; folder = dirname(folder)) {
      if (existsSync(join(folder, "cdk.json"))) return folder;
      if (folder === dirname(folder)) break;
    }
  }
  throw new Error(
    "no folder above this program or the working folder holds cdk.json; run it from the project's folder",
  );
}
