/**
 * What the broker lets a connection do: AWS IoT's limits and refusals first, then the policies of its certificate. Pure.
 *
 * Sources: AWS IoT guide, "MQTT" (QoS 0 and 1 only), "AWS IoT Core message broker and protocol limits and quotas"
 * (payload 128 KB, topic 256 bytes, 7 slashes), "Thing policy variables", "Basic Ingest".
 */

import { ingestOf } from "./basic-ingest.ts";

/** A registered certificate: the thing it is attached to, and its policies. */
export interface BrokerDevice<Policy> {
  readonly thingName: string;
  /** Thing attributes, for policy variables. */
  readonly attributes: Readonly<Record<string, string>>;
  readonly policies: readonly Policy[];
}

/** What a policy may know of a connection. The thing is the one whose name is the client id, where there is one. */
export interface PolicyConnection {
  readonly clientId: string;
  readonly certificateId: string;
  readonly thingName?: string;
  readonly thingAttributes?: Record<string, string>;
  /** `iot:Connection.Thing.IsAttached`: the certificate is attached to that thing. */
  readonly attached: boolean;
}

export interface AccessRequest {
  readonly action: "iot:Connect" | "iot:Publish" | "iot:Subscribe" | "iot:Receive";
  /** ARN. */
  readonly resource: string;
  readonly connection: PolicyConnection;
}

/** A refusal's text names action, resource and principal, so that it can be logged as it is. */
export type AccessDecision = { readonly allowed: true } | { readonly allowed: false; readonly text: string };

/** The policy evaluator: deny unless a statement allows, and no statement denies. */
export type Authorize<Policy> = (policies: Policy[], request: AccessRequest) => AccessDecision;

/** Where the ARNs of the local cloud are. */
export interface ArnScope {
  readonly region: string;
  readonly accountId: string;
}

/** A device's connection, once its client id is known. */
export interface Session<Policy> {
  readonly device: BrokerDevice<Policy>;
  readonly connection: PolicyConnection;
}

/** What is judged of a PUBLISH packet. */
export interface PublishRequest {
  readonly topic: string;
  readonly payload: string | Uint8Array;
  readonly qos: 0 | 1 | 2;
  readonly retain: boolean;
}

const PAYLOAD_BYTES_MAX = 128 * 1_024;
const TOPIC_BYTES_MAX = 256;
const TOPIC_SLASHES_MAX = 7;

const refuse = (text: string): AccessDecision => ({ allowed: false, text });

/** The session of a client: which thing its id names, and whether its certificate is that thing's. */
export function openSession<Policy>(
  clientId: string,
  certificateId: string,
  devices: ReadonlyMap<string, BrokerDevice<Policy>>,
): Session<Policy> | undefined {
  const device = devices.get(certificateId);
  if (device === undefined) return undefined;
  const thing = [...devices.values()].find(({ thingName }) => thingName === clientId);
  const known = thing && { thingName: thing.thingName, thingAttributes: { ...thing.attributes } };
  const attached = device.thingName === clientId;
  return { device, connection: { clientId, certificateId, attached, ...known } };
}

/** Judges connections and packets by one evaluator and one account. */
export class Access<Policy> {
  readonly #authorize: Authorize<Policy>;
  readonly #arn: ArnScope;

  constructor(authorize: Authorize<Policy>, arn: ArnScope) {
    this.#authorize = authorize;
    this.#arn = arn;
  }

  connect(session: Session<Policy>): AccessDecision {
    return this.#decide(session, "iot:Connect", `client/${session.connection.clientId}`);
  }

  publish(session: Session<Policy>, packet: PublishRequest): AccessDecision {
    const refused = outsideLimits(packet);
    return refused ?? this.#decide(session, "iot:Publish", `topic/${packet.topic}`);
  }

  /** Filters are refused one by one, by return code 128 in the SUBACK [MQTT-3.9.3]. */
  subscribe(session: Session<Policy>, filter: string): AccessDecision {
    if (filter.startsWith("$"))
      return refuse(`subscribing to ${filter} is not emulated; use a topic without "$"`);
    return this.#decide(session, "iot:Subscribe", `topicfilter/${filter}`);
  }

  receive(session: Session<Policy>, topic: string): AccessDecision {
    // The broker's own messages about itself; AWS IoT has none, so nobody is told that one was held back.
    if (topic.startsWith("$")) return refuse(`${topic} is the broker's own`);
    return this.#decide(session, "iot:Receive", `topic/${topic}`);
  }

  #decide(
    { device, connection }: Session<Policy>,
    action: AccessRequest["action"],
    name: string,
  ): AccessDecision {
    const resource = `arn:aws:iot:${this.#arn.region}:${this.#arn.accountId}:${name}`;
    return this.#authorize([...device.policies], { action, resource, connection });
  }
}

function outsideLimits({ topic: whole, payload, qos, retain }: PublishRequest): AccessDecision | undefined {
  if (qos === 2) return refuse("QoS 2: AWS IoT supports QoS 0 and 1 only");
  if (retain) return refuse("retain: needs iot:RetainPublish, and retained messages are not emulated");
  // "The first three levels … aren't counted" (Basic Ingest).
  const { topic } = ingestOf(whole) ?? { topic: whole };
  if (topic.startsWith("$")) return refuse(`${topic}: reserved topics ("$") are not emulated`);
  const bytes = Buffer.byteLength(payload);
  if (bytes > PAYLOAD_BYTES_MAX)
    return refuse(`payload of ${bytes} bytes: AWS IoT takes ${PAYLOAD_BYTES_MAX}`);
  if (Buffer.byteLength(topic) > TOPIC_BYTES_MAX) return refuse(`topic longer than ${TOPIC_BYTES_MAX} bytes`);
  const slashes = topic.split("/").length - 1;
  if (slashes > TOPIC_SLASHES_MAX)
    return refuse(`topic with ${slashes} slashes: AWS IoT takes ${TOPIC_SLASHES_MAX}`);
  return undefined;
}
