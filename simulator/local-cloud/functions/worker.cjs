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

/**
 * A plain function, because `Date()` without `new` gives a text. It shares its prototype with the real one, so that dates
 * from elsewhere (a file's, a clone's) are instances of it, too.
 * @this {unknown}
 * @param {any[]} args
 */
function CloudDate(...args) {
  if (new.target === undefined) return new RealDate(CloudDate.now()).toString();
  return Reflect.construct(RealDate, args.length === 0 ? [CloudDate.now()] : args, new.target);
}
CloudDate.now = () => RealDate.now() + aheadMs;
CloudDate.prototype = RealDate.prototype;
Object.setPrototypeOf(CloudDate, RealDate);
RealDate.prototype.constructor = CloudDate;
// @ts-ignore: by its type, Date is more than a function
globalThis.Date = CloudDate;

// Printed text takes the same way as results, so that no line of an invocation arrives after its end.
for (const stream of /** @type {any[]} */ ([process.stdout, process.stderr]))
  stream.write = (
    /** @type {string | Uint8Array} */ chunk,
    /** @type {unknown} */ encodingOrDone,
    /** @type {unknown} */ done,
  ) => {
    const encoding = typeof encodingOrDone === "string" ? encodingOrDone : "utf8";
    const bytes =
      typeof chunk === "string"
        ? Buffer.from(chunk, /** @type {BufferEncoding} */ (encoding))
        : Buffer.from(chunk.buffer, chunk.byteOffset, chunk.byteLength);
    parentPort?.postMessage({ printed: bytes.toString("utf8") });
    const callback = typeof encodingOrDone === "function" ? encodingOrDone : done;
    if (typeof callback === "function") process.nextTick(callback);
    return true;
  };

/**
 * Where the invocation that is under way ends: before or after its nth request, or before its result.
 * @type {{ request: number, moment: "before" | "after" } | undefined}
 */
let crash;
let requests = 0;
const http = require("node:http");
const { request } = http;
// @ts-ignore: the overloads of request
http.request = (...args) => {
  requests += 1;
  const strikes = crash?.request === requests;
  if (strikes && crash?.moment === "before") process.exit(1);
  // @ts-ignore: as it was called
  const outgoing = request(...args);
  if (strikes) outgoing.on("response", () => process.exit(1));
  return outgoing;
};

setClock(workerData.epochMs);
const [file, name] = [workerData.file, workerData.exportName];
/** @type {unknown} */
const handler = require(file)[name];
if (typeof handler !== "function")
  throw new Error(`Runtime.HandlerNotFound: ${file} exports no function ${name}`);
parentPort?.postMessage({ ready: true });

parentPort?.on("message", async ({ epochMs, payload, context, crash: point }) => {
  setClock(epochMs);
  [crash, requests] = [point, 0];
  const deadline = epochMs + workerData.timeoutMs;
  const invocation = { ...context, getRemainingTimeInMillis: () => Math.max(0, deadline - Date.now()) };
  try {
    const result = await handler(JSON.parse(payload), invocation);
    if (crash !== undefined) process.exit(1);
    parentPort?.postMessage({ ok: true, result: JSON.stringify(result ?? null) });
  } catch (error) {
    const { name: errorType = "Error", message: errorMessage = String(error) } =
      error instanceof Error ? error : {};
    parentPort?.postMessage({ ok: false, errorType, errorMessage });
  }
});
