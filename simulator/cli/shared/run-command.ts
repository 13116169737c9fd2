import { constants } from "node:os";
import { UplinkError } from "../../node/uplink.ts";

/**
 * What the caller can mend: a flag, a file, a port, the configuration or what stands in the template. Said in one message
 * without a stack.
 */
const CALLERS_MISTAKES: ReadonlySet<string> = new Set([
  "UsageError",
  "FileError",
  "NoProjectError",
  "PortError",
  "KeysError",
  "ConfigError",
  "ScenarioError",
  "TemplateError",
  "SqlError",
  "PolicyError",
]);

const isCallersMistake = (error: Error): boolean =>
  CALLERS_MISTAKES.has(error.name) ||
  (error instanceof UplinkError && error.code === "bad-credentials") ||
  // A file or folder that cannot be read or written; Node's message says which, and why.
  ("syscall" in error && "path" in error);

/**
 * Exit codes: 0 held, 1 an expectation or invariant broke, 2 usage, and as shells have it 128 + n for signal n: 141, that
 * of SIGPIPE, when nobody reads the output any more.
 */
export async function runCommand(body: () => Promise<number>): Promise<number> {
  watchForAnEarlyEnd();
  const code = await exitCodeOf(body);
  windDown = undefined;
  return unread ? BROKEN_PIPE : code;
}

async function exitCodeOf(body: () => Promise<number>): Promise<number> {
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

/** 128 + SIGINT. */
export const INTERRUPTED = 130;
const BROKEN_PIPE = 128 + constants.signals.SIGPIPE;
/** Ctrl-C, a request to end, the terminal's window closed, Ctrl-\: all alike. */
const ENDING = ["SIGINT", "SIGTERM", "SIGHUP", "SIGQUIT"] as const;

/** Set while a command is at work that ends in order when it is asked to. */
let windDown: (() => void) | undefined;
let asked = false;
let unread = false;
let watching = false;

/**
 * Resolves at the first of the ending signals, or once nobody reads the output any more; a second signal ends the process
 * at once. A command that never calls this is ended at once by the first.
 */
export function untilInterrupted(): Promise<void> {
  return new Promise((resolve) => {
    windDown = resolve;
  });
}

/** `process.exit` and not the signal's default: what is to be removed at the exit of a process, as keys are, is. */
function watchForAnEarlyEnd(): void {
  if (watching) return;
  watching = true;
  for (const signal of ENDING)
    process.on(signal, () => {
      if (asked || windDown === undefined) process.exit(128 + constants.signals[signal]);
      asked = true;
      windDown();
    });
  for (const stream of [process.stdout, process.stderr]) stream.on("error", unwritable);
}

function unwritable({ code, message }: NodeJS.ErrnoException): void {
  // The reader of a pipe has gone, or the terminal: as `head` does once it has enough. Not a mistake of anybody's.
  if (code !== "EPIPE" && code !== "EIO") {
    process.stderr.write(`the output cannot be written: ${message}\n`);
    process.exit(2);
  }
  unread = true;
  if (windDown === undefined) process.exit(BROKEN_PIPE);
  windDown();
}
