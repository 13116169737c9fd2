/** `npm run prepare`, which `npm ci` runs: bundles and synthesizes ahead, so that the first run starts at once. */
import { parseFlags, refuseWords } from "./shared/arguments.ts";
import { freshAssembly } from "./shared/assembly-cache.ts";
import { runCommand } from "./shared/run-command.ts";

const HELP = `Bundles the commands and synthesizes the app in advance, so that the next
command starts at once. npm ci runs it.

  npm run prepare
`;

/** `npm run prepare`. @param argv what stands behind `--` @returns the exit code */
export const main = (argv: readonly string[]): Promise<number> =>
  runCommand(async () => {
    const { values, positionals } = parseFlags("prepare", argv, { help: { type: "boolean", short: "h" } });
    refuseWords("prepare", positionals);
    if (values.help === true) {
      process.stdout.write(HELP);
      return 0;
    }
    await freshAssembly(() => {});
    return 0;
  });
