import { join } from "node:path";
import { Worker } from "node:worker_threads";
import { projectRoot } from "../../project-root.ts";

/** A third-party server that runs in a worker thread, on a free port of 127.0.0.1. */
export interface Backend {
  readonly port: number;
  stop(): Promise<void>;
}

/** @throws Error when the server cannot be loaded or does not start. */
export function startBackend(server: "dynalite" | "ses"): Promise<Backend> {
  const worker = new Worker(join(projectRoot(), "simulator/local-cloud/backends/worker.cjs"), {
    workerData: { server },
    env: {},
    execArgv: [],
    argv: [],
  });
  const stop = async (): Promise<void> => {
    await worker.terminate();
  };
  return new Promise((resolve, reject) => {
    worker.once("message", ({ port }: { port: number }) => resolve({ port, stop }));
    worker.once("error", (cause) =>
      reject(new Error(`${server} did not start: ${cause.message}`, { cause })),
    );
    worker.once("exit", (code) => reject(new Error(`${server} ended with code ${code} before it was ready`)));
  });
}
