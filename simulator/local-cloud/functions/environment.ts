/**
 * An execution environment: a worker thread that has loaded the function's bundle. It runs one invocation at a time, is
 * kept warm, and is dropped after a crash, a timeout, or when its memory is used up.
 *
 * Not emulated: CPU in proportion to memory, /tmp, layers, extensions, the freeze between invocations, arm64, TZ (local
 * time is this machine's), bundles in ES modules, handlers that answer by callback. Timers of the function run in real
 * time.
 */

import { join } from "node:path";
import { Worker } from "node:worker_threads";
import { projectRoot } from "../../project-root.ts";
import type { CrashPoint } from "../chaos.ts";

/** The bundle that an execution environment runs, and its limits. */
export interface EnvironmentOptions {
  /** The bundle's file, and the name that it exports the handler under. */
  readonly file: string;
  readonly exportName: string;
  readonly timeoutMs: number;
  readonly memoryMb: number;
  /** The function's whole environment: no variable of this process is added. */
  readonly env: Readonly<Record<string, string>>;
  readonly epochMs: number;
  readonly onLine: (line: string) => void;
}

type Message = { readonly ready: true } | { readonly printed: string } | Outcome;

/** How one attempt ended. */
export type Outcome =
  | { readonly ok: true; readonly result: string }
  | { readonly ok: false; readonly errorType: string; readonly errorMessage: string };

/** One invocation as the environment gets it. */
export interface Invocation {
  readonly epochMs: number;
  /** The event, as JSON. */
  readonly payload: string;
  readonly context: Readonly<Record<string, unknown>>;
  /** Where the attempt crashes; absent: it does not. */
  readonly crash?: CrashPoint | undefined;
}

/**
 * Limit of loading the bundle: "Init phase … limited to 10 seconds" (Lambda developer guide, "Runtime environment").
 */
const INIT_LIMIT_MS = 10_000;

/** A worker thread that has loaded a function's bundle, and runs one invocation at a time. */
export class ExecutionEnvironment {
  readonly #worker: Worker;
  readonly #timeoutMs: number;
  readonly #ready: Promise<Outcome>;
  #settle: ((outcome: Outcome) => void) | undefined;
  #dead = false;
  #partialLine = "";
  readonly #onLine: (line: string) => void;

  constructor(options: EnvironmentOptions) {
    this.#onLine = options.onLine;
    this.#timeoutMs = options.timeoutMs;
    this.#worker = new Worker(join(projectRoot(), "simulator/local-cloud/functions/worker.cjs"), {
      workerData: {
        file: options.file,
        exportName: options.exportName,
        timeoutMs: options.timeoutMs,
        epochMs: options.epochMs,
      },
      env: { ...options.env },
      execArgv: [],
      argv: [],
      resourceLimits: { maxOldGenerationSizeMb: options.memoryMb },
    });
    this.#worker.on("message", (message: Message) => {
      if ("printed" in message) this.#print(message.printed);
      else this.#answer("ready" in message ? { ok: true, result: "" } : message);
    });
    this.#worker.on("error", (error: Error & { code?: string }) => {
      const outOfMemory = error.code === "ERR_WORKER_OUT_OF_MEMORY";
      this.#end(outOfMemory ? "Runtime.OutOfMemory" : error.name, error.message);
    });
    this.#worker.on("exit", (code) =>
      this.#end("Runtime.ExitError", `the environment exited with code ${code}`),
    );
    this.#ready = this.#within(INIT_LIMIT_MS, "Sandbox.Timedout", "the function was not loaded");
  }

  /** Whether it has crashed, timed out or been ended: it then takes no further invocation. */
  get dead(): boolean {
    return this.#dead;
  }

  /** Resolves when the bundle is loaded, or with the error for which it cannot be. */
  loaded(): Promise<Outcome> {
    return this.#ready;
  }

  async invoke(invocation: Invocation): Promise<Outcome> {
    const loaded = await this.#ready;
    if (!loaded.ok) return loaded;
    const outcome = this.#within(this.#timeoutMs, "Sandbox.Timedout", "the task timed out");
    this.#worker.postMessage(invocation);
    return outcome;
  }

  /** Ends it: an invocation that it runs fails with `Runtime.ExitError`. */
  async end(): Promise<void> {
    this.#end("Runtime.ExitError", "the environment was ended");
    await this.#worker.terminate();
  }

  #print(text: string): void {
    const lines = (this.#partialLine + text).split("\n");
    this.#partialLine = lines.pop() ?? "";
    for (const line of lines) if (line !== "") this.#onLine(line);
  }

  #within(limitMs: number, errorType: string, what: string): Promise<Outcome> {
    return new Promise((resolve) => {
      const timer = setTimeout(() => {
        this.#end(errorType, `${what} within ${limitMs / 1_000} s`);
        void this.end();
      }, limitMs);
      this.#settle = (outcome) => {
        clearTimeout(timer);
        resolve(outcome);
      };
    });
  }

  #end(errorType: string, errorMessage: string): void {
    this.#dead = true;
    this.#answer({ ok: false, errorType, errorMessage });
  }

  #answer(outcome: Outcome): void {
    // A last line without its end belongs to the invocation that printed it.
    this.#print("\n");
    this.#settle?.(outcome);
    this.#settle = undefined;
  }
}
