/**
 * What the broker lets a connection do: AWS IoT's limits first, then the policies of its certificate. Pure.
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

/** What a policy may know of a connection. The thing is the one whose name is the client id, where there is one. */
export interface PolicyConnection {
  readonly clientId: string;
  readonly certificateId: string;
  readonly thingName?: string;
  readonly thingAttributes?: Record<string, string>;
  /** `iot:Connection.Thing.IsAttached`: the certificate is attached to that thing. */
  readonly attached: boolean;
}

/** What a connection wants to do, as its policy is asked. */
export interface AccessRequest {
  readonly action: "iot:Connect" | "iot:Publish" | "iot:Subscribe" | "iot:Receive";
  /** ARN. */
  readonly resource: string;
  readonly connection: PolicyConnection;
}

/**
 * A refusal's text names action, resource and principal, so that it can be logged as it is. With a reason code: AWS IoT's
 * limits refused, and no policy could allow it.
 */
export type AccessDecision =
  | { readonly allowed: true }
  | { readonly allowed: false; readonly text: string; readonly reasonCode?: number };

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
  /** Filters that were granted, and not given up since. */
  readonly subscriptions: Set<string>;
  /** What the policies said: they and what they may know of the connection stay as they are. */
  readonly decided: Remembered<AccessDecision>;
}

const refuse = (text: string): AccessDecision => ({ allowed: false, text });
const outside = (limit: Limit): AccessDecision => ({ allowed: false, ...limit });

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
  const connection = { clientId, certificateId, attached, ...known };
  return { device, connection, subscriptions: new Set(), decided: new Remembered(100) };
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

  publish(session: Session<Policy>, publication: Publication): AccessDecision {
    const limit = publishLimit(publication);
    if (limit !== undefined) return outside(limit);
    return this.#decide(session, "iot:Publish", `topic/${publication.topic}`);
  }

  /** Filters are refused one by one, by return code 128 in the SUBACK [MQTT-3.9.3]. One that is granted is counted. */
  subscribe(session: Session<Policy>, filter: string): AccessDecision {
    const problem = filterProblem(filter, session.subscriptions);
    if (problem !== undefined) return refuse(problem);
    const decision = this.#decide(session, "iot:Subscribe", `topicfilter/${filter}`);
    if (decision.allowed) session.subscriptions.add(filter);
    return decision;
  }

  /** Undefined: no filter of the connection takes the topic as AWS IoT reads it, where `a/#` does not match `a`. */
  receive(session: Session<Policy>, topic: string): AccessDecision | undefined {
    // So is the broker's own word about itself, `$SYS/…`, which AWS IoT has not: no filter with "$" is granted.
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
