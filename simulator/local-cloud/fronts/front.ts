/**
 * An HTTP server on 127.0.0.1 in front of a backend: judges each request by who calls and what is asked, and hands on what
 * is allowed. The caller is known by the access key id of its SigV4 credential.
 *
 * Not emulated: signatures are not verified, session tokens and clock skew are not looked at. A key that belongs to no
 * role of the template is the account's owner, who may do everything.
 */
import {
  Agent,
  createServer,
  type IncomingMessage,
  request,
  type Server,
  type ServerResponse,
} from "node:http";
import type { AddressInfo } from "node:net";
import { PortError } from "../port-error.ts";

/** A request, read whole. */
export interface FrontRequest {
  readonly method: string;
  readonly path: string;
  readonly headers: Readonly<Record<string, string | string[] | undefined>>;
  readonly body: Buffer;
  /** Undefined for a request without credentials. */
  readonly accessKeyId: string | undefined;
}

/** An answer that the front gives itself. */
export interface Refusal {
  readonly status: number;
  readonly contentType: string;
  readonly body: string;
}

/** What to do with a request. */
export type Judgement =
  | { readonly pass: true; readonly onPassed?: (status: number, body: Buffer) => void }
  | { readonly pass: false; readonly refusal: Refusal };

export interface FrontOptions {
  /** `DynamoDB` or `SES`, for errors. */
  readonly what: string;
  /** 0: any free one. */
  readonly port: number;
  /** How to choose another port, for the error when it is taken. */
  readonly portFlag: string;
  /** Requests wait until it is up. */
  readonly backendPort: Promise<number>;
  readonly judge: (request: FrontRequest) => Judgement | Promise<Judgement>;
  /** Takes what no request should ever cause. */
  readonly onError: (error: unknown) => void;
}

export interface Front {
  readonly endpoint: string;
  readonly port: number;
  stop(): Promise<void>;
}

const HOST = "127.0.0.1";
/** No DynamoDB or SES request may be larger (SES: 10 MB of message in base64). */
const BODY_BYTES_MAX = 16 * 1_024 * 1_024;
/** Node's 5 s would end a connection just as a machine that had been busy uses it again. */
const KEEP_ALIVE_MS = 600_000;
const CREDENTIAL = /\bCredential=([^/,\s]+)\//;

/** @throws Error when the port is taken, naming it and the flag that changes it. */
export async function startFront(options: FrontOptions): Promise<Front> {
  const agent = new Agent({ keepAlive: true });
  const server = createServer({ noDelay: true, keepAliveTimeout: KEEP_ALIVE_MS }, (incoming, answer) => {
    handle(options, agent, incoming, answer).catch((error: unknown) => {
      options.onError(error);
      if (answer.headersSent) answer.destroy();
      else answer.writeHead(500).end();
    });
  });
  await listen(server, options);
  const { port } = server.address() as AddressInfo;
  const stop = async (): Promise<void> => {
    const closed = new Promise<void>((resolve) => server.close(() => resolve()));
    server.closeAllConnections();
    agent.destroy();
    await closed;
  };
  return { endpoint: `http://${HOST}:${port}`, port, stop };
}

function listen(server: Server, { what, port, portFlag }: FrontOptions): Promise<void> {
  return new Promise((resolve, reject) => {
    server.once("error", (cause: NodeJS.ErrnoException) =>
      reject(new PortError(what, port, portFlag, cause)),
    );
    server.listen(port, HOST, resolve);
  });
}

async function handle(
  options: FrontOptions,
  agent: Agent,
  incoming: IncomingMessage,
  answer: ServerResponse,
): Promise<void> {
  const body = await readBody(incoming);
  const { method = "GET", url: path = "/", headers } = incoming;
  const accessKeyId = CREDENTIAL.exec(headers.authorization ?? "")?.[1];
  const judgement = await options.judge({ method, path, headers, body, accessKeyId });
  if (!judgement.pass) {
    const { status, contentType, body: text } = judgement.refusal;
    answer
      .writeHead(status, { "content-type": contentType, "content-length": Buffer.byteLength(text) })
      .end(text);
    return;
  }
  const passed = await forward({ port: await options.backendPort, agent, method, path, headers }, body);
  judgement.onPassed?.(passed.status, passed.body);
  answer.writeHead(passed.status, passed.headers).end(passed.body);
}

async function readBody(incoming: IncomingMessage): Promise<Buffer> {
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of incoming as AsyncIterable<Buffer>) {
    size += chunk.length;
    if (size > BODY_BYTES_MAX) throw new Error(`a request of more than ${BODY_BYTES_MAX} bytes was cut off`);
    chunks.push(chunk);
  }
  return Buffer.concat(chunks);
}

interface Target {
  readonly port: number;
  readonly agent: Agent;
  readonly method: string;
  readonly path: string;
  readonly headers: NodeJS.Dict<string | string[]>;
}

interface Passed {
  readonly status: number;
  readonly headers: NodeJS.Dict<string | string[]>;
  readonly body: Buffer;
}

function forward({ port, ...target }: Target, body: Buffer): Promise<Passed> {
  return new Promise((resolve, reject) => {
    const outgoing = request({ host: HOST, port, ...target }, (response) => {
      const chunks: Buffer[] = [];
      response.on("data", (chunk: Buffer) => chunks.push(chunk));
      response.on("error", reject);
      response.on("end", () => {
        const { "transfer-encoding": _, ...headers } = response.headers;
        const whole = Buffer.concat(chunks);
        resolve({
          status: response.statusCode ?? 502,
          headers: { ...headers, "content-length": String(whole.length) },
          body: whole,
        });
      });
    });
    outgoing.on("error", reject);
    outgoing.end(body);
  });
}
