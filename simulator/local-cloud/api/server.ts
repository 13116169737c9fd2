/**
 * An HTTP server on 127.0.0.1 in the place of an AWS service. The access key id of the SigV4 credential identifies the
 * caller. A key that belongs to no role of the template is the account's owner, who may do everything.
 *
 * Not emulated: signatures are not verified, and session tokens and clock skew are ignored.
 */
import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { PortError } from "../port-error.ts";

/** A request with its whole body. */
export interface FrontRequest {
  readonly method: string;
  readonly path: string;
  readonly headers: Readonly<Record<string, string | string[] | undefined>>;
  readonly body: Buffer;
  /** Undefined for a request without credentials. */
  readonly accessKeyId: string | undefined;
}

/** An HTTP response with its whole body. */
export interface HttpResponse {
  readonly status: number;
  readonly headers: NodeJS.Dict<string | string[]>;
  readonly body: Buffer | string;
}

/** How a server answers requests, and where it listens. */
export interface ServerOptions {
  /** `DynamoDB` or `SES`, for errors. */
  readonly what: string;
  /** @default 0: any free one */
  readonly port?: number;
  /** How to choose another port, for the error when it is taken. */
  readonly portFlag?: string;
  readonly answer: (request: FrontRequest) => Promise<HttpResponse>;
  /** Takes errors that no request should cause. */
  readonly onError: (error: unknown) => void;
}

/** An API that listens on 127.0.0.1. */
export interface Front {
  readonly endpoint: string;
  readonly port: number;
  /** The response to a request that comes by a call, without a socket. */
  answer(request: Omit<FrontRequest, "accessKeyId">): Promise<HttpResponse>;
  stop(): Promise<void>;
}

/** The only address on which the local cloud listens. */
export const HOST = "127.0.0.1";
/** Largest request, in bytes: no DynamoDB or SES request may be larger (SES: 10 MB of message in base64). */
const BODY_BYTES_MAX = 16 * 1_024 * 1_024;
/**
 * How long an idle connection stays open, in milliseconds. After Node's default of 5 s a busy client would often find
 * it closed.
 */
const KEEP_ALIVE_MS = 600_000;
const CREDENTIAL = /\bCredential=([^/,\s]+)\//;

/** Starts a server. @throws PortError when the port is taken */
export async function startServer(options: ServerOptions): Promise<Front> {
  const server = createServer({ noDelay: true, keepAliveTimeout: KEEP_ALIVE_MS }, (incoming, response) => {
    handle(options, incoming, response).catch((error: unknown) => {
      options.onError(error);
      if (response.headersSent) response.destroy();
      else response.writeHead(500).end();
    });
  });
  await listen(server, options);
  const { port } = server.address() as AddressInfo;
  const stop = async (): Promise<void> => {
    const closed = new Promise<void>((resolve) => server.close(() => resolve()));
    server.closeAllConnections();
    await closed;
  };
  const answer = (request: Omit<FrontRequest, "accessKeyId">): Promise<HttpResponse> =>
    options.answer({ ...request, accessKeyId: keyOf(request.headers.authorization) });
  return { endpoint: `http://${HOST}:${port}`, port, answer, stop };
}

function listen(server: Server, { what, port = 0, portFlag = "" }: ServerOptions): Promise<void> {
  return new Promise((resolve, reject) => {
    server.once("error", (cause: NodeJS.ErrnoException) =>
      reject(new PortError(what, port, portFlag, cause)),
    );
    server.listen(port, HOST, resolve);
  });
}

async function handle(
  options: ServerOptions,
  incoming: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  const body = await readBody(incoming);
  const { method = "GET", url: path = "/", headers } = incoming;
  const accessKeyId = keyOf(headers.authorization);
  const answer = await options.answer({ method, path, headers, body, accessKeyId });
  response
    .writeHead(answer.status, { ...answer.headers, "content-length": Buffer.byteLength(answer.body) })
    .end(answer.body);
}

const keyOf = (authorization: string | string[] | undefined): string | undefined =>
  CREDENTIAL.exec(String(authorization ?? ""))?.[1];

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
