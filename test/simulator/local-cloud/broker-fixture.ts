import { type ConnectionOptions, connect, type TLSSocket } from "node:tls";
import type { CloudClock, EpochMs } from "../../../simulator/local-cloud/clock.ts";
import type { CloudLogEntry } from "../../../simulator/local-cloud/cloud-log.ts";
import { type Broker, type BrokerOptions, startBroker } from "../../../simulator/local-cloud/iot/broker.ts";
import type { Authorize } from "../../../simulator/local-cloud/iot/broker-access.ts";
import type { PublishedMessage } from "../../../simulator/local-cloud/iot/broker-gate.ts";
import {
  type Authority,
  createCertificateAuthority,
  type DeviceCertificate,
} from "../../../simulator/local-cloud/iot/certificates.ts";

/** The simplest policy that can be told from another: what it allows, as `action resource`. */
export type TestPolicy = RegExp;

const ARN = { region: "eu-west-1", accountId: "123456789012" };
const arn = (name: string): string => `arn:aws:iot:${ARN.region}:${ARN.accountId}:${name}`;

/** Its own client id and reading topic; `news`, what is below it, and `secret`, which it may not receive. */
export const nodePolicy = (thing: string, node: number): TestPolicy =>
  new RegExp(
    `^(iot:Connect ${arn(`client/${thing}`)}|iot:Publish ${arn(`topic/(rosie/reading/kitchen/${node}|news/?|secret)`)}|iot:Subscribe ${arn("topicfilter/(news|news/#|secret)")}|iot:Receive ${arn("topic/news/?")})$`,
  );

export const authorize: Authorize<TestPolicy> = (policies, { action, resource, connection }) =>
  connection.attached && policies.some((policy) => policy.test(`${action} ${resource}`))
    ? { allowed: true }
    : { allowed: false, text: `no policy allows ${action} on ${resource} to ${connection.certificateId}` };

const clock: CloudClock = { now: () => 1_000 as EpochMs, schedule: () => () => undefined };

export interface TestCloud {
  readonly authority: Authority;
  readonly broker: Broker;
  readonly device: DeviceCertificate;
  readonly peer: DeviceCertificate;
  /** Registered, and expired yesterday. */
  readonly expired: DeviceCertificate;
  readonly options: BrokerOptions<TestPolicy>;
  readonly log: CloudLogEntry[];
  readonly published: PublishedMessage[];
  /** Resolves with the first log line of that code, past or to come. */
  logged(code: string): Promise<CloudLogEntry>;
  reset(): void;
}

/** A broker with kitchen-0 (`device`, `expired`) and kitchen-1 (`peer`). */
export async function startTestCloud(onPublish?: (message: PublishedMessage) => void): Promise<TestCloud> {
  const authority = await createCertificateAuthority(Date.now());
  const device = await authority.issueDevice("kitchen-0");
  const peer = await authority.issueDevice("kitchen-1");
  const expired = await authority.issueDevice("kitchen-0", Date.now() - 86_400_000);
  const log: CloudLogEntry[] = [];
  const published: PublishedMessage[] = [];
  const waiting = new Set<() => void>();
  const thing = (name: string, node: number) => ({
    thingName: name,
    attributes: {},
    policies: [nodePolicy(name, node)],
  });
  const options: BrokerOptions<TestPolicy> = {
    port: 0,
    server: await authority.issueServer(["127.0.0.1", "localhost"]),
    caPem: authority.caPem,
    caPath: "/keys/ca.pem",
    clock,
    log: (entry) => {
      log.push(entry);
      for (const look of waiting) look();
    },
    devices: new Map([
      [device.certificateId, thing("kitchen-0", 0)],
      [expired.certificateId, thing("kitchen-0", 0)],
      [peer.certificateId, thing("kitchen-1", 1)],
    ]),
    authorize,
    arn: ARN,
    onPublish: (message) => {
      published.push(message);
      onPublish?.(message);
    },
  };
  const logged = (code: string): Promise<CloudLogEntry> =>
    new Promise((resolve) => {
      const look = () => {
        const found = log.find((entry) => entry.code === code);
        if (found === undefined) return;
        waiting.delete(look);
        resolve(found);
      };
      waiting.add(look);
      look();
    });
  const reset = () => {
    log.length = 0;
    published.length = 0;
  };
  const broker = await startBroker(options);
  return { authority, broker, device, peer, expired, options, log, published, logged, reset };
}

/** A TLS client that resolves when the broker has ended the connection, or refused it. */
export function tlsUntilClosed(cloud: TestCloud, options: ConnectionOptions): Promise<void> {
  return new Promise((resolve) => {
    const socket: TLSSocket = connect({
      host: cloud.broker.host,
      port: cloud.broker.port,
      ca: cloud.authority.caPem,
      ...options,
    });
    socket.on("error", () => undefined);
    socket.on("close", () => resolve());
    socket.resume();
  });
}
