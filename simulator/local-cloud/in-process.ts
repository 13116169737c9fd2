/**
 * A client's connection to a front of this process: the SDK makes its request and the front judges it as always, but no
 * socket lies between. A rule's actions use it, twice for each reading.
 */
import { Readable } from "node:stream";
import type { DynamoDBClientConfig } from "@aws-sdk/client-dynamodb";
import type { Front } from "./api/server.ts";

type RequestHandler = Exclude<NonNullable<DynamoDBClientConfig["requestHandler"]>, Record<string, unknown>>;
type HttpRequest = Parameters<Extract<RequestHandler, { handle: unknown }>["handle"]>[0];

/** A request handler for a service whose requests have a text body and no query, such as DynamoDB. */
export const inProcess = ({ answer }: Pick<Front, "answer">): RequestHandler => ({
  handle: async ({ method, path, headers, body }: HttpRequest) => {
    const bytes = typeof body === "string" ? Buffer.from(body) : viewOf(body as Uint8Array);
    const answered = await answer({ method, path, headers, body: bytes });
    return {
      response: {
        statusCode: answered.status,
        headers: Object.fromEntries(
          Object.entries(answered.headers).map(([name, value]) => [name, String(value)]),
        ),
        body: Readable.from([answered.body]),
      },
    };
  },
  updateHttpClientConfig: () => undefined,
  httpHandlerConfigs: () => ({}),
});

const viewOf = ({ buffer, byteOffset, byteLength }: Uint8Array): Buffer =>
  Buffer.from(buffer, byteOffset, byteLength);
