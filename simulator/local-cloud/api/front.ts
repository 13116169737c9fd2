/**
 * A server in front of a backend: it judges each request by its caller and content, and passes on what is allowed.
 */
import { Agent, request } from "node:http";
import { type Front, type FrontRequest, HOST, type HttpResponse, startServer } from "./server.ts";

/** An answer that the front gives itself. */
export interface Refusal {
  readonly status: number;
  readonly contentType: string;
  /** Headers other than the content type. */
  readonly headers?: Readonly<Record<string, string>>;
  readonly body: string;
}

/** What to do with a request: pass it on to the backend, or refuse it. */
export type Judgement =
  | { readonly pass: true; readonly onPassed?: (status: number, body: Buffer) => void }
  | { readonly pass: false; readonly refusal: Refusal };

/** A server behind an API, and what is asked before a request is passed on. */
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
  /**
   * The cloud's clock, in epoch milliseconds, sent to the backend as the header `x-ha2m-now`. @default it has its own
   */
  readonly now?: () => number;
  /** Takes errors that no request should cause. */
  readonly onError: (error: unknown) => void;
}

/** Starts a front. @throws PortError when the port is taken */
export async function startFront(options: FrontOptions): Promise<Front> {
  const agent = new Agent({ keepAlive: true });
  const server = await startServer({ ...options, answer: (asked) => answerTo(asked, options, agent) });
  return {
    ...server,
    stop: async () => {
      const stopped = server.stop();
      agent.destroy();
      await stopped;
    },
  };
}

async function answerTo(asked: FrontRequest, options: FrontOptions, agent: Agent): Promise<HttpResponse> {
  const judgement = await options.judge(asked);
  if (!judgement.pass) {
    const { status, contentType, headers, body } = judgement.refusal;
    return { status, headers: { "content-type": contentType, ...headers }, body };
  }
  const { method, path, body } = asked;
  const headers =
    options.now === undefined ? asked.headers : { ...asked.headers, "x-ha2m-now": String(options.now()) };
  const passed = await forward({ port: await options.backendPort, agent, method, path, headers }, body);
  judgement.onPassed?.(passed.status, passed.body);
  return passed;
}

interface Target {
  readonly port: number;
  readonly agent: Agent;
  readonly method: string;
  readonly path: string;
  readonly headers: FrontRequest["headers"];
}

type Passed = HttpResponse & { readonly body: Buffer };

function forward({ port, ...target }: Target, body: Buffer): Promise<Passed> {
  return new Promise((resolve, reject) => {
    const outgoing = request({ host: HOST, port, ...target }, (response) => {
      const chunks: Buffer[] = [];
      response.on("data", (chunk: Buffer) => chunks.push(chunk));
      response.on("error", reject);
      response.on("end", () => {
        const { "transfer-encoding": _, ...headers } = response.headers;
        resolve({ status: response.statusCode ?? 502, headers, body: Buffer.concat(chunks) });
      });
    });
    outgoing.on("error", reject);
    outgoing.end(body);
  });
}
