/**
 * A DynamoDB API on this machine, in memory: dynalite in this process, and AWS's own DynamoDB Local where it is there.
 *
 * For the latter set HA2M_DYNAMODB_LOCAL to the folder that holds DynamoDBLocal.jar, and have Java.
 */
import { type ChildProcess, spawn, spawnSync } from "node:child_process";
import { once } from "node:events";
import { existsSync } from "node:fs";
import type { Server } from "node:http";
import { type AddressInfo, createServer } from "node:net";
import { join } from "node:path";
import {
  CreateTableCommand,
  DescribeTableCommand,
  DynamoDBClient,
  ListTablesCommand,
} from "@aws-sdk/client-dynamodb";
import dynalite from "dynalite";
import { CLUSTERS_KEY } from "../../../../lib/contract/tables.ts";
import { dynaliteInProcess } from "./dynalite-in-process.ts";

/** The table that is there from the start. */
export const TABLE = "clusters";

export interface LocalDynamo {
  readonly client: DynamoDBClient;
  /** An empty table of its own, for incidents and heartbeats unless it says otherwise. */
  makeTable(name: string, key?: TableKey): Promise<void>;
  close(): Promise<void>;
}

interface TableKey {
  readonly partition: string;
  readonly sort: string;
}

const clientOf = (port: number): DynamoDBClient =>
  new DynamoDBClient({
    endpoint: `http://127.0.0.1:${port}`,
    region: "us-east-1",
    credentials: { accessKeyId: "local", secretAccessKey: "local" },
  });

/** A table is made in the background. */
async function isActive(client: DynamoDBClient, TableName: string): Promise<void> {
  for (;;) {
    const { Table } = await client.send(new DescribeTableCommand({ TableName }));
    if (Table?.TableStatus === "ACTIVE") return;
    await new Promise((done) => setImmediate(done));
  }
}

async function opened(client: DynamoDBClient, stop: () => Promise<unknown>): Promise<LocalDynamo> {
  const makeTable = async (TableName: string, { partition, sort }: TableKey = CLUSTERS_KEY) => {
    await client.send(
      new CreateTableCommand({
        TableName,
        BillingMode: "PAY_PER_REQUEST",
        AttributeDefinitions: [
          { AttributeName: partition, AttributeType: "S" },
          { AttributeName: sort, AttributeType: "S" },
        ],
        KeySchema: [
          { AttributeName: partition, KeyType: "HASH" },
          { AttributeName: sort, KeyType: "RANGE" },
        ],
      }),
    );
    await isActive(client, TableName);
  };
  await makeTable(TABLE);
  return {
    client,
    makeTable,
    async close() {
      client.destroy();
      await stop();
    },
  };
}

export async function startDynamo(): Promise<LocalDynamo> {
  const server: Server = dynalite({ createTableMs: 0 });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  const stop = () => new Promise((closed) => server.close(closed));
  return opened(clientOf((server.address() as AddressInfo).port), stop);
}

/** dynalite, for thousands of stories. */
export function startQuickDynamo(): Promise<LocalDynamo> {
  const { client, stop } = dynaliteInProcess();
  return opened(client, stop);
}

const folder = process.env.HA2M_DYNAMODB_LOCAL;

/** Why there is none, or undefined. */
export const noDynamoDbLocal: string | undefined =
  folder === undefined
    ? "HA2M_DYNAMODB_LOCAL does not name the folder with DynamoDBLocal.jar"
    : !existsSync(join(folder, "DynamoDBLocal.jar"))
      ? `no DynamoDBLocal.jar in ${folder}`
      : spawnSync("java", ["-version"]).error === undefined
        ? undefined
        : "no java";

async function freePort(): Promise<number> {
  const server = createServer().listen(0, "127.0.0.1");
  await once(server, "listening");
  const { port } = server.address() as AddressInfo;
  await new Promise((closed) => server.close(closed));
  return port;
}

/** It says nothing when it is ready: whoever asks is told. */
async function answers(client: DynamoDBClient, process: ChildProcess): Promise<void> {
  for (;;) {
    if (process.exitCode !== null) throw new Error(`DynamoDB Local ended with ${process.exitCode}`);
    try {
      await client.send(new ListTablesCommand({}));
      return;
    } catch (error) {
      if (!String(error).includes("ECONNREFUSED")) throw error;
    }
  }
}

export async function startDynamoDbLocal(): Promise<LocalDynamo> {
  const port = await freePort();
  const java = spawn(
    "java",
    [
      "-Djava.library.path=DynamoDBLocal_lib",
      "-jar",
      "DynamoDBLocal.jar",
      "-inMemory",
      "-port",
      String(port),
    ],
    { ...(folder === undefined ? {} : { cwd: folder }), stdio: "ignore" },
  );
  const client = clientOf(port);
  await answers(client, java);
  client.destroy();
  return opened(clientOf(port), async () => {
    java.kill();
    await once(java, "exit");
  });
}
