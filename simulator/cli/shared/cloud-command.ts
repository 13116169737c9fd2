/** What `doctor`, `test-mail` and `replay` share: the options that name a cloud, and how they begin. */
import type { ParseArgsConfig } from "node:util";
import { oneOf, parseFlags, refuseWords, UsageError } from "./arguments.ts";
import { runCommand } from "./run-command.ts";

/** The options of each of these commands. */
export const CLOUD_FLAGS = {
  target: { type: "string" },
  cloud: { type: "string" },
  outputs: { type: "string" },
  json: { type: "boolean" },
  help: { type: "boolean", short: "h" },
} as const;

type Flags = NonNullable<ParseArgsConfig["options"]> & typeof CLOUD_FLAGS;
/** The values of a command's options, by name; undefined for one that was not given. */
export type CommandValues<Of extends Flags> = ReturnType<typeof parseFlags<Of>>["values"];

/** A command that takes options alone: its name, its help, its options, and what it does with their values. */
export interface CloudCommand<Of extends Flags> {
  readonly name: string;
  readonly help: string;
  readonly flags: Of;
  /** @returns the exit code */
  readonly run: (values: CommandValues<Of>) => Promise<number>;
}

/**
 * Runs a command, or prints its help where that is asked for. Exit codes are those of `runCommand`.
 * @param argv the words after `--`
 */
export const runCloudCommand = <Of extends Flags>(
  { name, help, flags, run }: CloudCommand<Of>,
  argv: readonly string[],
): Promise<number> =>
  runCommand(async () => {
    const { values, positionals } = parseFlags(name, argv, flags);
    if ("help" in values && values.help === true) {
      process.stdout.write(help);
      return 0;
    }
    refuseWords(name, positionals);
    return run(values);
  });

/** The options that say which cloud is meant. */
export interface TargetFlags {
  readonly target?: string | undefined;
  readonly cloud?: string | undefined;
  readonly outputs?: string | undefined;
  readonly region?: string | undefined;
}

/** Options that only one target has. */
const OPTIONS_OF = { local: ["cloud"], aws: ["outputs", "region"] } as const;

/**
 * Which cloud the options mean.
 * @param standard the target where none is given
 * @throws UsageError for an unknown target, or an option of the other one
 */
export function targetOf(flags: TargetFlags, standard: "local" | "aws"): "local" | "aws" {
  const target = oneOf("--target", flags.target ?? standard, ["local", "aws"]);
  const stray = OPTIONS_OF[target === "aws" ? "local" : "aws"].find((option) => flags[option] !== undefined);
  if (stray !== undefined) throw new UsageError(`--${stray} does not go with --target ${target}.`);
  return target;
}
