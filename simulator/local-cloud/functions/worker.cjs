// @ts-check
/**
 * One execution environment of a function, in a worker thread: loads the bundle as it would be deployed, then runs one
 * invocation at a time. Plain JavaScript, because a worker thread cannot load TypeScript.
 *
 * Every invocation brings the cloud's time, and `Date` shows it from then on, running with the machine's own.
 */
const { parentPort, workerData } = require("node:worker_threads");

const RealDate = Date;
let aheadMs = 0;

/** @param {number} epochMs the cloud's time now */
function setClock(epochMs) {
  aheadMs = epochMs - RealDate.now();
}

class CloudDate extends RealDate {
  /** @param {any[]} args */
  constructor(...args) {
    // @ts-ignore: Date takes between none and seven arguments
    super(...(args.length === 0 ? [RealDate.now() + aheadMs] : args));
  }
  /** @override */
  static now() {
    return RealDate.now() + aheadMs;
  }
}
// @ts-ignore: Date called without `new` gives a text, which nothing uses
globalThis.Date = CloudDate;

// Printed text takes the same way as results, so that no line of an invocation arrives after its end.
/** @type {any} */ for (const stream of [process.stdout, process.stderr])
  stream.write = (/** @type {unknown} */ chunk) => {
    parentPort?.postMessage({ printed: String(chunk) });
    return true;
  };

setClock(workerData.epochMs);
const [file, name] = [workerData.file, workerData.exportName];
/** @type {unknown} */
const handler = require(file)[name];
if (typeof handler !== "function")
  throw new Error(`Runtime.HandlerNotFound: ${file} exports no function ${name}`);
parentPort?.postMessage({ ready: true });

parentPort?.on("message", async ({ epochMs, payload, context }) => {
  setClock(epochMs);
  const deadline = epochMs + workerData.timeoutMs;
  const invocation = { ...context, getRemainingTimeInMillis: () => Math.max(0, deadline - Date.now()) };
  try {
    const result = await handler(JSON.parse(payload), invocation);
    parentPort?.postMessage({ ok: true, result: JSON.stringify(result ?? null) });
  } catch (error) {
    const { name: errorType = "Error", message: errorMessage = String(error) } =
      error instanceof Error ? error : {};
    parentPort?.postMessage({ ok: false, errorType, errorMessage });
  }
});
