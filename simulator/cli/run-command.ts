import { UplinkError } from "../node/uplink.ts";

/**
 * What the caller can mend: a flag, a file, a port, the configuration or what stands in the template. Said in one message
 * without a stack.
 */
const CALLERS_MISTAKES: ReadonlySet<string> = new Set([
  "UsageError",
  "PortError",
  "ConfigError",
  "TemplateError",
  "SqlError",
  "PolicyError",
]);

const isCallersMistake = (error: Error): boolean =>
  CALLERS_MISTAKES.has(error.name) ||
  (error instanceof UplinkError && error.code === "bad-credentials") ||
  // A file or folder that cannot be read or written; Node's message says which, and why.
  ("syscall" in error && "path" in error);

/** Exit codes: 0 held, 1 an expectation or invariant broke, 2 usage. */
export async function runCommand(body: () => Promise<number>): Promise<number> {
  try {
    return await body();
  } catch (error) {
    if (error instanceof Error && isCallersMistake(error)) {
      process.stderr.write(`${error.message}\n`);
      return 2;
    }
    process.stderr.write(`${error instanceof Error ? (error.stack ?? error.message) : String(error)}\n`);
    return 1;
  }
}

/** Resolves at the first SIGINT or SIGTERM; a second one ends the process at once. */
export function untilInterrupted(): Promise<void> {
  return new Promise((resolve) => {
    let asked = false;
    const stop = (): void => {
      if (asked) process.exit(INTERRUPTED);
      asked = true;
      resolve();
    };
    process.on("SIGINT", stop);
    process.on("SIGTERM", stop);
  });
}

/** 128 + SIGINT, as shells have it. */
export const INTERRUPTED = 130;
