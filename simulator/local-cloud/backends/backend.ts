import { join } from "node:path";
import { Worker } from "node:worker_threads";
import { projectRoot } from "../../project-root.ts";

/** A third-party server that runs in a worker thread. */
export interface Backend {
  /** Its port, when it listens; rejects when it cannot be loaded or does not start. */
  readonly port: Promise<number>;
  /** Ends it, also while it is still loading. */
  stop(): Promise<void>;
}

/** Starts dynalite or the SES inbox in a worker thread, on a free port of 127.0.0.1. */
export function startBackend(server: "dynalite" | "ses"): Backend {
  const worker = new Worker(join(projectRoot(), "simulator/local-cloud/backends/worker.cjs"), {
    workerData: { server },
    env: {},
    execArgv: [],
    argv: [],
  });
  const port = new Promise<number>((resolve, reject) => {
    worker.once("message", (message: { port: number }) => resolve(message.port));
    worker.once("error", (cause) =>
      reject(new Error(`${server} did not start: ${cause.message}`, { cause })),
    );
    worker.once("exit", (code) => reject(new Error(`${server} ended with code ${code} before it was ready`)));
  });
  // It may be stopped before its port is awaited: that is no unhandled rejection.
  port.catch(() => {});
  return {
    port,
    stop: async () => {
      await worker.terminate();
    },
  };
}
