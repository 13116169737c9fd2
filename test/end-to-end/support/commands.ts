/** Runs the project's commands as a person does: in a process of their own, from the project's folder. */
import { type ChildProcessWithoutNullStreams, spawn } from "node:child_process";
import { join } from "node:path";
import { CSR_FOLDER } from "../../../lib/device-files.ts";

export const projectFolder = join(__dirname, "..", "..", "..");

export interface Finished {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

/** A command that is running: what it has printed so far, and how it ended. */
export interface Running {
  readonly child: ChildProcessWithoutNullStreams;
  readonly finished: Promise<Finished>;
  /** Resolves with the output so far once it matches; rejects when the command ends first. */
  until(stream: "stdout" | "stderr", pattern: RegExp): Promise<string>;
}

/** A command that hangs must not hang the run; the longest that is meant to live serves one file of tests. */
const CEILING_MS = 180_000;

/** `command` as in `npm run command`, without npm's own start-up; `env` is added to the caller's. */
export function start(
  command: string,
  args: readonly string[],
  folder = projectFolder,
  env: Readonly<Record<string, string>> = {},
): Running {
  const child = spawn(process.execPath, [join(folder, "simulator/cli/start.mjs"), command, ...args], {
    cwd: folder,
    env: {
      ...process.env,
      NO_COLOR: "1",
      ...(folder === projectFolder ? {} : { HA2M_CSRS: CSR_FOLDER }),
      ...env,
    },
  });
  const ceiling = setTimeout(() => child.kill("SIGKILL"), CEILING_MS);
  child.on("close", () => clearTimeout(ceiling));
  const printed = { stdout: "", stderr: "" };
  const waiting: (() => void)[] = [];
  for (const stream of ["stdout", "stderr"] as const)
    child[stream].setEncoding("utf8").on("data", (text: string) => {
      printed[stream] += text;
      for (const look of waiting) look();
    });
  const finished = new Promise<Finished>((resolve, reject) => {
    child.on("error", reject);
    child.on("close", (code) => resolve({ code, ...printed }));
  });
  const until = (stream: "stdout" | "stderr", pattern: RegExp): Promise<string> =>
    new Promise((resolve, reject) => {
      const look = () => {
        if (pattern.test(printed[stream])) resolve(printed[stream]);
      };
      waiting.push(look);
      look();
      void finished.then(({ code }) =>
        reject(
          new Error(`ended with ${code} before printing ${pattern}:\n${printed.stdout}${printed.stderr}`),
        ),
      );
    });
  return { child, finished, until };
}

export const run = (command: string, args: readonly string[], folder?: string): Promise<Finished> =>
  start(command, args, folder).finished;
