/**
 * AWS IoT Core policies, attached to certificates. Source: AWS IoT Core Developer Guide, "AWS IoT Core policies",
 * "Publish/Subscribe policy examples", "Thing policy variables", "Basic AWS IoT Core policy variables".
 *
 * The wildcards are `*` and `?`; MQTT's `+` and `#` are plain characters. Not emulated, and refused at load: actions
 * other than Connect, Publish, RetainPublish, Subscribe and Receive (among them the shadow's), `iot:Certificate.…`
 * variables other than the id, ThingTypeName, aws:SourceIp, iot:DomainName, iot:LastWillTopic, iot:ConnectAttributes.
 */
import { type PolicyStatement, parseDocument } from "./document.ts";
import type { Dialect } from "./elements.ts";
import { evaluatePolicy, type PolicyDecision } from "./evaluate-policy.ts";
import { parsePattern, patternMatchesIgnoringCase } from "./pattern.ts";
import { PolicyError } from "./policy-error.ts";

const IOT_ACTIONS = [
  "iot:Connect",
  "iot:Publish",
  "iot:RetainPublish",
  "iot:Subscribe",
  "iot:Receive",
] as const;
/** An action in the policies of certificates. */
export type IotAction = (typeof IOT_ACTIONS)[number];

/** One policy of a certificate. */
export interface IotPolicy {
  readonly where: string;
  readonly statements: readonly PolicyStatement[];
}

/** What a policy knows of a connection. */
export interface IotConnection {
  readonly clientId: string;
  /** The thing that the certificate is attached to. */
  readonly thingName?: string;
  readonly certificateId: string;
  /** The certificate is attached to `thingName`. */
  readonly attached: boolean;
  readonly thingAttributes?: Readonly<Record<string, string>>;
}

/** A request of a connection. */
export interface IotRequest {
  readonly action: IotAction;
  /**
   * `arn:aws:iot:…:client/ID`, `…:topic/NAME` (Publish, RetainPublish, Receive) or `…:topicfilter/FILTER` (Subscribe).
   */
  readonly resource: string;
  readonly connection: IotConnection;
}

const CLIENT_ID = "iot:ClientId";
const CERTIFICATE_ID = "iot:CertificateId";
const THING_NAME = "iot:Connection.Thing.ThingName";
const IS_ATTACHED = "iot:Connection.Thing.IsAttached";
const THING_ATTRIBUTE = /^iot:Connection\.Thing\.Attributes\[([^\]]+)\]$/;

const isKnown = (name: string): boolean =>
  [CLIENT_ID, CERTIFICATE_ID, THING_NAME, IS_ATTACHED].includes(name) || THING_ATTRIBUTE.test(name);

function checkName(kind: string, name: string, where: string): void {
  if (isKnown(name)) return;
  const known = [
    CLIENT_ID,
    CERTIFICATE_ID,
    THING_NAME,
    IS_ATTACHED,
    "iot:Connection.Thing.Attributes[name]",
  ].join(", ");
  throw new PolicyError("policy-unsupported", where, `${kind} ${name} is not emulated; these are: ${known}`);
}

const iotDialect: Dialect = {
  checkAction(action, where) {
    const pattern = parsePattern(action, { wildcards: true });
    if (IOT_ACTIONS.some((name) => patternMatchesIgnoringCase(pattern, name, () => undefined))) return;
    const known = IOT_ACTIONS.join(", ");
    throw new PolicyError(
      "policy-unsupported",
      where,
      `action ${action} is none that the broker decides: ${known}`,
    );
  },
  checkVariable: (variable, where) => checkName("policy variable", variable, where),
  checkConditionKey: (key, where) => checkName("condition key", key, where),
  alwaysHasValue: (variable) => [CLIENT_ID, CERTIFICATE_ID, IS_ATTACHED].includes(variable),
  isMultivalued: () => false,
};

/** Parses one policy document. @param where names it in errors and decisions @throws PolicyError */
export const compileIotPolicy = (document: unknown, where: string): IotPolicy => ({
  where,
  statements: parseDocument(document, where, iotDialect),
});

/** Decides about a request by all policies of the connection's certificate. */
export function decideIot(policies: readonly IotPolicy[], request: IotRequest): PolicyDecision {
  const { action, resource, connection } = request;
  const lookUp = (name: string) => valueFor(name, connection);
  return evaluatePolicy(
    policies.flatMap((policy) => policy.statements),
    {
      principal: principalText(connection),
      action,
      resource,
      lookUp,
      valuesOf: (name) => [lookUp(name) ?? []].flat(),
    },
  );
}

/** The principal in the text of a decision. The client id is quoted as JSON, because it is a stranger's text. */
const principalText = ({ clientId, certificateId }: IotConnection): string =>
  `client ${JSON.stringify(clientId)} with certificate ${certificateId}`;

/**
 * The value of a policy variable. Thing variables have one only if the client id is the name of the thing to which the
 * certificate is attached:
 * "the value of clientId in the MQTT connect message … must exactly match the thing name".
 */
function valueFor(name: string, connection: IotConnection): string | undefined {
  if (name === CLIENT_ID) return connection.clientId;
  if (name === CERTIFICATE_ID) return connection.certificateId;
  const attached = connection.attached && connection.thingName === connection.clientId;
  if (name === IS_ATTACHED) return String(attached);
  if (!attached) return undefined;
  return name === THING_NAME ? connection.thingName : attributeOf(name, connection);
}

function attributeOf(name: string, { thingAttributes = {} }: IotConnection): string | undefined {
  const attribute = THING_ATTRIBUTE.exec(name)?.[1];
  return attribute !== undefined && Object.hasOwn(thingAttributes, attribute)
    ? thingAttributes[attribute]
    : undefined;
}
