/**
 * dynalite without sockets, signatures and the SDK's layers: requests are given to its request handler as the JSON that the
 * SDK would send. Five times as many stories in the same time; the tests of adapters talk to it through the SDK.
 */
import { EventEmitter } from "node:events";
import type { Server } from "node:http";
import { ConditionalCheckFailedException, type DynamoDBClient } from "@aws-sdk/client-dynamodb";
import dynalite from "dynalite";

const HEADERS = {
  "content-type": "application/x-amz-json-1.0",
  authorization: "AWS4-HMAC-SHA256 Credential=local, Signature=none, SignedHeaders=host",
  "x-amz-date": "20260101T000000Z",
};

interface Answer {
  readonly statusCode: number;
  readonly body: string;
}

function ask(server: Server, operation: string, input: unknown): Promise<Answer> {
  return new Promise((answered) => {
    const headers = { ...HEADERS, "x-amz-target": `DynamoDB_20120810.${operation}` };
    const request = Object.assign(new EventEmitter(), { method: "POST", url: "/", headers });
    const response = {
      statusCode: 200,
      setHeader: () => undefined,
      end: (body = "") => answered({ statusCode: response.statusCode, body }),
    };
    server.emit("request", request, response);
    request.emit("data", Buffer.from(JSON.stringify(input)));
    request.emit("end");
  });
}

interface Command {
  readonly constructor: { readonly name: string };
  readonly input: unknown;
}

async function send(server: Server, command: Command): Promise<unknown> {
  const operation = command.constructor.name.replace(/Command$/, "");
  const { statusCode, body } = await ask(server, operation, command.input);
  const answer: unknown = JSON.parse(body);
  if (statusCode === 200) return answer;
  const { __type = "", message = body } = answer as { readonly __type?: string; readonly message?: string };
  if (__type.endsWith("ConditionalCheckFailedException"))
    throw new ConditionalCheckFailedException({ message, $metadata: {} });
  throw Object.assign(new Error(message), { name: __type.replace(/^.*#/, "") });
}

/** What the adapters use of a client. */
export function dynaliteInProcess() {
  const server: Server = dynalite({ createTableMs: 0 });
  const client = {
    send: (command: Command) => send(server, command),
    destroy: () => undefined,
  } as unknown as DynamoDBClient;
  return { client, stop: () => new Promise<void>((closed) => void server.close(() => closed())) };
}
