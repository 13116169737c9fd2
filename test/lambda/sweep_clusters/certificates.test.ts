/** How a sweep asks about certificates, and what becomes of it when AWS IoT does not answer. */
import {
  DescribeCertificateCommand,
  IoTClient,
  ListThingPrincipalsCommand,
  ResourceNotFoundException,
  UnauthorizedException,
} from "@aws-sdk/client-iot";
import { openCertificates } from "../../../lambda/sweep_clusters/adapters/iot-certificates.ts";
import { parseConfig } from "../../../lambda/sweep_clusters/core/config.ts";
import type { Certificates, LogEntry } from "../../../lambda/sweep_clusters/core/ports.ts";
import { NO_MEMORY } from "../../../lambda/sweep_clusters/core/view.ts";
import { makeHandler } from "../../../lambda/sweep_clusters/handler.ts";
import type { SweepSignal } from "../../../lib/contract/incidents.ts";
import { environment } from "../send_cluster_mail/support/fixtures.ts";

const arn = (id: string): string => `arn:aws:iot:eu-west-1:111122223333:cert/${id}`;

test("a node -> the certificates of its thing, none of its other principals, none without an end", async () => {
  const client = new IoTClient({
    region: "eu-west-1",
    credentials: { accessKeyId: "a", secretAccessKey: "b" },
  });
  const asked: unknown[] = [];
  const ends = new Map([
    ["aa", new Date("2027-05-06T07:08:09Z")],
    ["bb", undefined],
  ]);
  client.middlewareStack.add(
    (_, { commandName }) =>
      async (args) => {
        asked.push([commandName, args.input]);
        const { certificateId = "" } = args.input as { certificateId?: string };
        const output =
          commandName === ListThingPrincipalsCommand.name
            ? { principals: [arn("aa"), "eu-west-1:cognito-identity", arn("bb")] }
            : {
                certificateDescription: {
                  status: "INACTIVE" as const,
                  validity: { notAfter: ends.get(certificateId) },
                },
              };
        return { output: { $metadata: {}, ...output }, response: {} };
      },
    { step: "initialize" },
  );
  expect(await openCertificates("home", client).of("attic", 4)).toEqual([
    { status: "INACTIVE", expiresMs: Date.UTC(2027, 4, 6, 7, 8, 9) },
  ]);
  expect(asked).toEqual([
    [ListThingPrincipalsCommand.name, { thingName: "home_attic-4" }],
    [DescribeCertificateCommand.name, { certificateId: "aa" }],
    [DescribeCertificateCommand.name, { certificateId: "bb" }],
  ]);
});

test("a node that has no thing yet -> no certificates, and no failure; whatever else AWS IoT refuses is one", async () => {
  const client = new IoTClient({
    region: "eu-west-1",
    credentials: { accessKeyId: "a", secretAccessKey: "b" },
  });
  let refusal: Error = new ResourceNotFoundException({ message: "no such thing", $metadata: {} });
  client.middlewareStack.add(
    () => async () => {
      throw refusal;
    },
    { step: "initialize" },
  );
  expect(await openCertificates("home", client).of("attic", 4)).toEqual([]);
  refusal = new UnauthorizedException({ message: "not authorized", $metadata: {} });
  await expect(openCertificates("home", client).of("attic", 4)).rejects.toThrow("not authorized");
});

async function swept(time: string, of: Certificates["of"]) {
  const given: SweepSignal[] = [];
  const log: LogEntry[] = [];
  const handler = makeHandler({
    config: parseConfig({ ...environment, SEND_FUNCTION: "send" }),
    clusters: {
      read: async (clusterId) => ({
        ...{ clusterId, incidents: [], heartbeats: [], batteries: new Map(), memory: NO_MEMORY },
        unreadable: [],
      }),
      keepSamples: async () => {},
      remember: async () => {},
    },
    certificates: { of },
    signals: { give: async (signal) => void given.push(signal) },
    log: (entry) => void log.push(entry),
  });
  const failure = await handler({ scheduled_time: time }, { awsRequestId: "r" }).then(
    () => undefined,
    (error: unknown) => error,
  );
  return { given, log, failure };
}
const SOON = [{ status: "ACTIVE", expiresMs: Date.UTC(2026, 5, 20) }];

test("the first sweep of a day -> the first cluster's nodes are asked about, the next sweep asks about the second's", async () => {
  const asked: string[] = [];
  const of: Certificates["of"] = async (cluster, node) => {
    asked.push(`${cluster} ${node}`);
    return SOON;
  };
  const { given, failure } = await swept("2026-06-01T00:03:00Z", of);
  expect(failure).toBeUndefined();
  expect(asked).toEqual(["kitchen 0", "kitchen 1"]);
  expect(given).toMatchObject([
    { type: "firing", cluster_id: "kitchen", kind: "certificate-expiring", subject: 0 },
    { type: "firing", cluster_id: "kitchen", kind: "certificate-expiring", subject: 1 },
  ]);
  await swept("2026-06-01T00:18:00Z", of);
  expect(asked.slice(2).map((one) => one.split(" ")[0])).toEqual(asked.slice(2).map(() => "shed"));
  const before = asked.length;
  expect(before).toBeGreaterThan(2);
  await swept("2026-06-01T00:33:00Z", of);
  expect(asked).toHaveLength(before);
});

test("AWS IoT does not tell of one node -> the sweep goes on with the other node, warns, and then fails, which rings its alarm", async () => {
  const { given, log, failure } = await swept("2026-06-01T00:03:00Z", async (_, node) => {
    if (node === 0) throw new Error("ThrottlingException: Rate exceeded");
    return SOON;
  });
  expect(given).toMatchObject([{ kind: "certificate-expiring", subject: 1 }]);
  expect(String(failure)).toContain("Rate exceeded");
  // What it had to do is done: it has written its last line.
  expect(log.at(-1)?.message).toBe("sweep");
  expect(log.filter(({ level }) => level === "warn")).toEqual([
    {
      level: "warn",
      message: "certificates-unknown",
      cluster: "kitchen",
      node: 0,
      why: "Error: ThrottlingException: Rate exceeded",
      request_id: "r",
    },
  ]);
});
