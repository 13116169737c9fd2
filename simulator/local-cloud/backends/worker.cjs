// @ts-check
/**
 * A third-party server in a thread of its own: its packages take most of a second to load, which the main thread spends
 * on other things. Plain JavaScript, because a worker thread cannot load TypeScript.
 */
const { dirname, join } = require("node:path");
const { parentPort, workerData } = require("node:worker_threads");

const HOST = "127.0.0.1";
const KEEP_ALIVE_MS = 600_000;

/** @type {Record<string, () => Promise<import("node:net").Server>>} */
const SERVERS = {
  dynalite: () =>
    new Promise((resolve, reject) => {
      // @ts-ignore: it has no types
      const server = require("dynalite")({ createTableMs: 0, deleteTableMs: 0, updateTableMs: 0 });
      server.once("error", reject);
      server.listen(0, HOST, () => resolve(server));
    }),
  // Without "::", its default, it is reached from this machine alone.
  ses: async () => {
    const server = await require("aws-ses-v2-local").default({ host: HOST, port: 0 });
    showCloudsTime(server);
    return server;
  },
};

/**
 * The inbox stamps mails with this machine's time; a story's are of the story's, which the front says with each request.
 * @param {import("node:net").Server} server
 */
function showCloudsTime(server) {
  const util = require(join(dirname(require.resolve("aws-ses-v2-local")), "util.js"));
  if (typeof util.getCurrentTimestamp !== "function")
    throw new Error("aws-ses-v2-local stamps its mails otherwise");
  let nowMs = Date.now();
  util.getCurrentTimestamp = () => Math.floor(nowMs / 1_000);
  server.prependListener("request", (/** @type {import("node:http").IncomingMessage} */ { headers }) => {
    nowMs = Number(headers["x-ha2m-now"] ?? nowMs);
  });
}

const start = SERVERS[workerData.server];
if (start === undefined) throw new Error(`there is no server ${workerData.server}`);
start().then((server) => {
  // As in fronts/front.ts: a front that was busy finds its connection still there.
  Object.assign(server, { keepAliveTimeout: KEEP_ALIVE_MS });
  const address = /** @type {import("node:net").AddressInfo} */ (server.address());
  parentPort?.postMessage({ port: address.port });
});
