/** `npm run prepare`, which `npm ci` runs: bundles and synthesizes ahead, so that the first run starts at once. */
import { freshAssembly } from "./assembly-cache.ts";
import { runCommand } from "./run-command.ts";

export const main = (): Promise<number> =>
  runCommand(async () => {
    await freshAssembly(() => {});
    return 0;
  });
