/**
 * One of the servers that `cloud.bench.ts` measures, in a process of its own, so that its CPU is its own, worker threads
 * included: `broker` is aedes over mutual TLS, `puts` are the two PutItem of a reading by the SDK to dynalite, `cloud` is
 * the local cloud. All three are asked alike, by messages from the process that measures.
 */
import { once } from "node:events";
import { readFileSync } from "node:fs";
import { createServer } from "node:tls";
import { type DynamoDBClient, PutItemCommand } from "@aws-sdk/client-dynamodb";
import { marshall } from "@aws-sdk/util-dynamodb";
import { Aedes } from "aedes";
import { startBackend } from "../../simulator/local-cloud/backends/backend.ts";
import type { CloudClock, EpochMs } from "../../simulator/local-cloud/clock.ts";
import { clientFor } from "../../simulator/local-cloud/dynamodb-client.ts";
import { createCertificateAuthority } from "../../simulator/local-cloud/iot/certificates.ts";
import { startLocalCloud } from "../../simulator/local-cloud/local-cloud.ts";
import { storedReadings } from "../../simulator/local-cloud/stored-readings.ts";
import { createTables } from "../../simulator/local-cloud/tables.ts";
import { loadAssembly } from "../../simulator/local-cloud/template/assembly.ts";
import { type Credentials, readingOf, slotOf } from "./cloud-load.ts";

/** What a server is asked. */
export type Order =
  | { readonly do: "put"; readonly count: number }
  | { readonly do: "settle" | "count" | "usage" | "end" };

/** What it answers: to be connected to, done, or what it has used since its start. */
export type Report =
  | { readonly kind: "ready"; readonly port: number; readonly things: readonly Credentials[] }
  | { readonly kind: "done"; readonly stored: number }
  | { readonly kind: "usage"; readonly cpuMs: number; readonly heapMb: number };

interface Server {
  readonly port: number;
  readonly things: readonly Credentials[];
  put?(count: number): Promise<void>;
  /** Waits until nothing is at work. */
  settle?(): Promise<void>;
  /** Readings that are stored. */
  count?(): Promise<number>;
  stop(): Promise<void>;
}

const CONNECTIONS = 20;
const clock: CloudClock = {
  now: () => Date.now() as EpochMs,
  schedule: (delayMs, task) => {
    const timer = setTimeout(task, delayMs);
    return () => clearTimeout(timer);
  },
};

async function startBrokerAlone(): Promise<Server> {
  const authority = await createCertificateAuthority(Date.now());
  const { certPem: cert, keyPem: key } = await authority.issueServer(["127.0.0.1"]);
  const aedes = await Aedes.createBroker();
  const server = createServer(
    { cert, key, ca: authority.caPem, requestCert: true, noDelay: true },
    (socket) => aedes.handle(socket),
  );
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  const device = await authority.issueDevice("node");
  const things = Array.from({ length: CONNECTIONS }, (_, i) => ({
    thing: `node-${i}`,
    topic: `readings/${i}`,
    ca: authority.caPem,
    cert: device.certPem,
    key: device.keyPem,
  }));
  const { port } = server.address() as { readonly port: number };
  return {
    port,
    things,
    stop: async () => {
      await new Promise<void>((closed) => aedes.close(closed));
      server.close();
    },
  };
}

/** The reading and its heartbeat, as the rule makes them of a message. */
function itemsOf(count: number): Record<string, unknown> {
  const reading = JSON.parse(readingOf(count)) as Record<string, unknown>;
  return {
    cluster_id: `c${count % (CONNECTIONS / 2)}`,
    reading_key: `${slotOf(count)}#0`,
    item_key: "HEARTBEAT#0",
    node: 0,
    ...reading,
    received_at: Date.now(),
    expires_at: Math.floor(Date.now() / 1_000) + 864_000,
  };
}

async function startPutsAlone(assemblyDir: string): Promise<Server> {
  const backend = startBackend("dynalite");
  const assembly = loadAssembly(assemblyDir, { accountId: "123456789012", region: "us-east-1" });
  const client: DynamoDBClient = clientFor(`http://127.0.0.1:${await backend.port}`, "alone");
  const tables = assembly.resources("AWS::DynamoDB::Table", "AWS::DynamoDB::GlobalTable");
  await createTables(tables, client);
  let made = 0;
  const one = async (): Promise<void> => {
    const item = itemsOf(made++);
    const puts = tables.map(({ name }) =>
      client.send(
        new PutItemCommand({ TableName: name, Item: marshall(item, { removeUndefinedValues: true }) }),
      ),
    );
    await Promise.all(puts);
  };
  return {
    port: 0,
    things: [],
    put: async (count) => {
      let left = count;
      const lane = async () => {
        while (left-- > 0) await one();
      };
      await Promise.all(Array.from({ length: CONNECTIONS }, lane));
    },
    stop: async () => {
      client.destroy();
      await backend.stop();
    },
  };
}

async function startCloud(assemblyDir: string): Promise<Server> {
  const cloud = await startLocalCloud({
    assemblyDir,
    clock,
    realNowMs: Date.now(),
    log: () => undefined,
    ownKeys: "every-thing",
  });
  await cloud.ready;
  const things = cloud.nodes.slice(0, CONNECTIONS).map(({ thing, certPath, keyPath }) => {
    const [cluster, node] = thing.split("-").slice(-2);
    return {
      thing,
      topic: `rosie/reading/${cluster}/${node}`,
      ca: readFileSync(cloud.mqtt.caPath, "utf8"),
      cert: readFileSync(certPath, "utf8"),
      key: readFileSync(keyPath, "utf8"),
    };
  });
  const clusters = new Set(things.map(({ topic }) => topic.split("/")[2] ?? ""));
  return {
    port: cloud.mqtt.port,
    things,
    settle: () => cloud.idle(),
    count: async () => {
      const stored = await Promise.all([...clusters].map((name) => storedReadings(name, cloud.dynamodb)));
      return stored.reduce((sum, { size }) => sum + size, 0);
    },
    stop: () => cloud.stop(),
  };
}

const [what = "", assemblyDir = ""] = process.argv.slice(2);
const starts: Readonly<Record<string, () => Promise<Server>>> = {
  broker: startBrokerAlone,
  puts: () => startPutsAlone(assemblyDir),
  cloud: () => startCloud(assemblyDir),
};
const started = starts[what];
if (started === undefined) throw new Error(`there is no server ${what}`);
const server = await started();
const report = (message: Report): void => void process.send?.(message);

function usage(): Report {
  const { user, system } = process.cpuUsage();
  globalThis.gc?.();
  return { kind: "usage", cpuMs: (user + system) / 1_000, heapMb: process.memoryUsage().heapUsed / 1e6 };
}

async function obey(order: Order): Promise<void> {
  if (order.do === "usage") return report(usage());
  if (order.do === "put") await server.put?.(order.count);
  if (order.do === "end") {
    await server.stop();
    process.exit(0);
  }
  if (order.do === "settle") await server.settle?.();
  report({ kind: "done", stored: order.do === "count" ? ((await server.count?.()) ?? 0) : 0 });
}

process.on("message", (order: Order) => void obey(order));
report({ kind: "ready", port: server.port, things: server.things });
