/** How a sweep asks about certificates, and what becomes of it when AWS IoT does not answer. */
import { DescribeCertificateCommand, IoTClient, ListThingPrincipalsCommand } from "@aws-sdk/client-iot";
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
  await handler({ scheduled_time: time }, { awsRequestId: "r" });
  return { given, log };
}
const SOON = [{ status: "ACTIVE", expiresMs: Date.UTC(2026, 5, 20) }];

test("the first sweep of a day -> the first cluster's nodes are asked about, the next sweep asks about the second's", async () => {
  const asked: string[] = [];
  const of: Certificates["of"] = async (cluster, node) => {
    asked.push(`${cluster} ${node}`);
    return SOON;
  };
  const { given } = await swept("2026-06-01T00:03:00Z", of);
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

test("AWS IoT does not tell of one node -> a warning that says why; the sweep goes on, with the other node", async () => {
  const { given, log } = await swept("2026-06-01T00:03:00Z", async (_, node) => {
    if (node === 0) throw new Error("ThrottlingException: Rate exceeded");
    return SOON;
  });
  expect(given).toMatchObject([{ kind: "certificate-expiring", subject: 1 }]);
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
