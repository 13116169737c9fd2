/**
 * Decides what a connection may do: by AWS IoT's limits first, then by the policies of its certificate. Pure.
 *
 * Source: AWS IoT guide, "Thing policy variables".
 */

import { Remembered } from "../remembered.ts";
import { filterProblem, type Limit, type Publication, publishLimit } from "./broker-limits.ts";
import { topicMatches } from "./iot-sql/topic-filter.ts";

/** A registered certificate: the thing it is attached to, and its policies. */
export interface BrokerDevice<Policy> {
  readonly thingName: string;
  /** Thing attributes, for policy variables. */
  readonly attributes: Readonly<Record<string, string>>;
  readonly policies: readonly Policy[];
}

/** What a policy knows of a connection. The thing is the one whose name is the client id; absent: there is none. */
export interface PolicyConnection {
  readonly clientId: string;
  readonly certificateId: string;
  readonly thingName?: string;
  readonly thingAttributes?: Record<string, string>;
  /** `iot:Connection.Thing.IsAttached`: the certificate is attached to that thing. */
  readonly attached: boolean;
}

/** A request to a connection's policies. */
export interface AccessRequest {
  readonly action: "iot:Connect" | "iot:Publish" | "iot:Subscribe" | "iot:Receive";
  /** The ARN of a client, topic or topic filter. */
  readonly resource: string;
  readonly connection: PolicyConnection;
}

/**
 * Whether a request is allowed. A refusal's text names action, resource and principal, for the log. With a reason code,
 * the request is outside AWS IoT's limits, and no policy could allow it.
 */
export type AccessDecision =
  | { readonly allowed: true }
  | { readonly allowed: false; readonly text: string; readonly reasonCode?: number };

/** The policy evaluator: deny unless a statement allows, and no statement denies. */
export type Authorize<Policy> = (policies: Policy[], request: AccessRequest) => AccessDecision;

/** Region and account of the local cloud's ARNs. */
export interface ArnScope {
  readonly region: string;
  readonly accountId: string;
}

/** A device's connection after its CONNECT. */
export interface Session<Policy> {
  readonly device: BrokerDevice<Policy>;
  readonly connection: PolicyConnection;
  /** Filters that the connection is subscribed to. */
  readonly subscriptions: Set<string>;
  /** Decisions so far, which stay valid: neither the policies nor what they know of the connection changes. */
  readonly decided: Remembered<AccessDecision>;
}

const refuse = (text: string): AccessDecision => ({ allowed: false, text });
const outside = (limit: Limit): AccessDecision => ({ allowed: false, ...limit });

/** A session for a client: the thing that its id names, and whether its certificate is attached to that. */
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
  const connection = { clientId, certificateId, attached, ...known };
  return { device, connection, subscriptions: new Set(), decided: new Remembered(100) };
}

/** Decides about connections and packets with one policy evaluator, in one account. */
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

  publish(session: Session<Policy>, publication: Publication): AccessDecision {
    const limit = publishLimit(publication);
    if (limit !== undefined) return outside(limit);
    return this.#decide(session, "iot:Publish", `topic/${publication.topic}`);
  }

  /**
   * Decides about one filter of a SUBSCRIBE, and adds it to the subscriptions if granted. A refusal is code 128 in the
   * SUBACK [MQTT-3.9.3].
   */
  subscribe(session: Session<Policy>, filter: string): AccessDecision {
    const problem = filterProblem(filter, session.subscriptions);
    if (problem !== undefined) return refuse(problem);
    const decision = this.#decide(session, "iot:Subscribe", `topicfilter/${filter}`);
    if (decision.allowed) session.subscriptions.add(filter);
    return decision;
  }

  /** Decides about delivery; undefined: no filter matches by AWS IoT's rules, where `a/#` does not match `a`. */
  receive(session: Session<Policy>, topic: string): AccessDecision | undefined {
    // Nor does any match aedes' own `$SYS/…`, which AWS IoT does not have: no filter with "$" is granted.
    if (![...session.subscriptions].some((filter) => topicMatches(filter, topic))) return undefined;
    return this.#decide(session, "iot:Receive", `topic/${topic}`);
  }

  #decide(
    { device, connection, decided }: Session<Policy>,
    action: AccessRequest["action"],
    name: string,
  ): AccessDecision {
    const resource = `arn:aws:iot:${this.#arn.region}:${this.#arn.accountId}:${name}`;
    return decided.get(`${action} ${resource}`, () =>
      this.#authorize([...device.policies], { action, resource, connection }),
    );
  }
}
