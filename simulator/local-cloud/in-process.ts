/**
 * A client's way to a front of this very process: the SDK makes its request as ever, the front judges it as ever, and no
 * socket lies between. A rule's actions go this way, twice for each reading.
 */
import { Readable } from "node:stream";
import type { DynamoDBClientConfig } from "@aws-sdk/client-dynamodb";
import type { Front } from "./api/server.ts";

type RequestHandler = Exclude<NonNullable<DynamoDBClientConfig["requestHandler"]>, Record<string, unknown>>;
type HttpRequest = Parameters<Extract<RequestHandler, { handle: unknown }>["handle"]>[0];

/** For services whose requests have a body of text and no query, as DynamoDB's have. */
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
