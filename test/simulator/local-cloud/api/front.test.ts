import { Agent, createServer, request, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { type FrontOptions, startFront } from "../../../../simulator/local-cloud/api/front.ts";
import type { Front } from "../../../../simulator/local-cloud/api/server.ts";
import { PortError } from "../../../../simulator/local-cloud/port-error.ts";

/** Answers every request with what arrived. */
let backend: Server;
let backendPort: number;
beforeAll(async () => {
  backend = createServer(async (incoming, answer) => {
    const chunks: Buffer[] = [];
    for await (const chunk of incoming as AsyncIterable<Buffer>) chunks.push(chunk);
    const { method, url, headers } = incoming;
    answer
      .writeHead(418, { "x-backend": "yes" })
      .end(JSON.stringify({ method, url, body: Buffer.concat(chunks).toString(), kept: headers["x-kept"] }));
  });
  await new Promise<void>((listening) => backend.listen(0, "127.0.0.1", listening));
  backendPort = (backend.address() as AddressInfo).port;
});
afterAll(async () => {
  backend.closeAllConnections();
  await new Promise((closed) => backend.close(closed));
});

const fronts: Front[] = [];
afterEach(() => Promise.all(fronts.splice(0).map((front) => front.stop())));

const errors: unknown[] = [];
async function open(options: Partial<FrontOptions> = {}): Promise<Front> {
  const front = await startFront({
    what: "Some",
    port: 0,
    portFlag: "--some-port",
    backendPort: Promise.resolve(backendPort),
    judge: () => ({ pass: true }),
    onError: (error) => errors.push(error),
    ...options,
  });
  fronts.push(front);
  return front;
}

const credential = (key: string) =>
  `AWS4-HMAC-SHA256 Credential=${key}/20300601/us-east-1/ses/aws4_request, SignedHeaders=host, Signature=0`;

test("a request that passes -> reaches the backend unchanged, and its answer comes back unchanged", async () => {
  const passed: unknown[] = [];
  const front = await open({
    judge: () => ({ pass: true, onPassed: (status, body) => passed.push(status, String(body)) }),
  });
  const answer = await fetch(`${front.endpoint}/a?b=c`, {
    method: "POST",
    body: "text",
    headers: { "x-kept": "kept" },
  });
  const body = await answer.text();
  expect([answer.status, answer.headers.get("x-backend")]).toEqual([418, "yes"]);
  expect(JSON.parse(body)).toEqual({ method: "POST", url: "/a?b=c", body: "text", kept: "kept" });
  expect(passed).toEqual([418, body]);
});

test("a request that does not -> is answered by the front alone", async () => {
  const front = await open({
    backendPort: Promise.resolve(1),
    judge: () => ({ pass: false, refusal: { status: 403, contentType: "text/plain", body: "nö" } }),
  });
  const answer = await fetch(front.endpoint);
  expect([answer.status, answer.headers.get("content-type"), await answer.text()]).toEqual([
    403,
    "text/plain",
    "nö",
  ]);
});

test("the caller -> known by the access key id of its credential; no credential, no caller", async () => {
  const callers: unknown[] = [];
  const front = await open({
    judge: ({ accessKeyId }) => {
      callers.push(accessKeyId);
      return { pass: true };
    },
  });
  await fetch(front.endpoint, { headers: { authorization: credential("AKIA1") } });
  await fetch(front.endpoint, { headers: { authorization: "Basic dTpw" } });
  await fetch(front.endpoint);
  expect(callers).toEqual(["AKIA1", undefined, undefined]);
});

test("no backend there -> 500 and an error for the log, and the next request is served", async () => {
  const front = await open({
    judge: ({ path }) =>
      path === "/" ? { pass: true } : { pass: false, refusal: { status: 204, contentType: "x", body: "" } },
    backendPort: Promise.resolve(1),
  });
  errors.length = 0;
  expect((await fetch(front.endpoint)).status).toBe(500);
  expect(errors).toMatchObject([{ code: "ECONNREFUSED" }]);
  expect((await fetch(`${front.endpoint}/other`)).status).toBe(204);
});

test("a client that goes away in the middle of its request -> others are served on", async () => {
  const front = await open();
  await new Promise<void>((gone) => {
    const half = request({
      host: "127.0.0.1",
      port: front.port,
      method: "POST",
      headers: { "content-length": 100 },
    });
    half.on("error", () => gone());
    half.write("half");
    setTimeout(() => half.destroy(new Error("gone")), 20);
  });
  expect((await fetch(front.endpoint)).status).toBe(418);
});

test("many requests on one connection -> one connection to the backend, too", async () => {
  const front = await open();
  let connections = 0;
  const count = () => connections++;
  backend.on("connection", count);
  const agent = new Agent({ keepAlive: true, maxSockets: 1 });
  for (let i = 0; i < 20; i++)
    await new Promise<void>((done, failed) => {
      const asked = request({ host: "127.0.0.1", port: front.port, agent }, (answer) =>
        answer.resume().on("end", done),
      );
      asked.on("error", failed).end();
    });
  agent.destroy();
  backend.off("connection", count);
  expect(connections).toBe(1);
});

test("its port is taken -> an error that names the port and the flag, and keeps the cause", async () => {
  const { port } = await open();
  const failing = open({ port });
  await expect(failing).rejects.toThrow(PortError);
  await expect(failing).rejects.toMatchObject({
    message: `Some port ${port} on 127.0.0.1 is in use by another process; choose another with --some-port N (0: any free one)`,
    cause: { code: "EADDRINUSE" },
  });
});

test("stop with a connection kept alive -> ends it, and frees the port", async () => {
  const front = await open();
  await (await fetch(front.endpoint)).text();
  fronts.splice(0);
  await front.stop();
  await expect(fetch(front.endpoint)).rejects.toThrow();
  expect((await open({ port: front.port })).port).toBe(front.port);
});
