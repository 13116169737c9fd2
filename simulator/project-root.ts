import { existsSync } from "node:fs";
import { dirname, join } from "node:path";

/** No cdk.json was found, which has the configuration and the command that builds the app. */
export class NoProjectError extends Error {
  override readonly name = "NoProjectError";
}

/**
 * The project's folder: the nearest one with cdk.json, above the program that runs or, failing that, above the working
 * folder. The code is bundled, so that no file knows its own place.
 * @throws NoProjectError when there is none.
 */
export function projectRoot(): string {
  const [program, working] = [dirname(process.argv[1] ?? "."), process.cwd()];
  for (const start of [program, working]) {
    for (let folder = start; ; folder = dirname(folder)) {
      if (existsSync(join(folder, "cdk.json"))) return folder;
      if (folder === dirname(folder)) break;
    }
  }
  throw new NoProjectError(
    `cdk.json is missing: neither ${program} nor ${working}, nor a folder above them, holds one; put it back, it stands beside package.json`,
  );
}
