/** Clients of the local DynamoDB API. */
import { DynamoDBClient } from "@aws-sdk/client-dynamodb";
import type { inProcess } from "./in-process.ts";

const REGION = "us-east-1";

/** The key of the account's owner: of no role, so that no policy limits it. */
export const OWNER_KEY = "owner";

/** A client of the local DynamoDB API. */
export const clientFor = (
  endpoint: string,
  accessKeyId: string,
  requestHandler?: ReturnType<typeof inProcess>,
): DynamoDBClient =>
  new DynamoDBClient({
    ...(requestHandler === undefined ? {} : { requestHandler }),
    endpoint,
    region: REGION,
    credentials: { accessKeyId, secretAccessKey: "local" },
    maxAttempts: 1,
    // A person's own AWS settings must not reach a local endpoint.
    useFipsEndpoint: false,
    useDualstackEndpoint: false,
  });
