/**
 * Our own rules for IoT, which no public rule set has. They read a template as CloudFormation would get it, so that they
 * hold whatever made it.
 */

type Json = Readonly<Record<string, unknown>>;
export interface Template {
  readonly Resources?: Readonly<
    Record<string, { readonly Type: string; readonly Properties?: Json | undefined }>
  >;
}

interface Statement {
  readonly Effect: string;
  readonly Principal?: Json | string;
  readonly Action?: string | readonly string[];
  readonly Resource?: unknown;
  readonly Condition?: Readonly<Record<string, Json>>;
}

/** One thing that is wrong: where, and what. */
export interface Finding {
  readonly rule: keyof typeof RULES;
  readonly at: string;
}

interface Resource {
  readonly id: string;
  readonly type: string;
  readonly properties: Json;
}

const resourcesOf = ({ Resources = {} }: Template): Resource[] =>
  Object.entries(Resources).map(([id, { Type, Properties = {} }]) => ({
    id,
    type: Type,
    properties: Properties,
  }));

const listOf = <T>(value: T | readonly T[] | undefined): readonly T[] =>
  value === undefined ? [] : Array.isArray(value) ? (value as readonly T[]) : [value as T];

const isObject = (value: unknown): value is Json => typeof value === "object" && value !== null;

/** Every policy document below a value: whatever the property is called, it has statements. */
function statementsIn(value: unknown): Statement[] {
  if (!isObject(value)) return [];
  const own = Array.isArray(value.Statement) ? (value.Statement as Statement[]) : [];
  return [...own, ...Object.values(value).flatMap(statementsIn)];
}

const allowing = ({ properties }: Resource): Statement[] =>
  statementsIn(properties).filter(({ Effect }) => Effect === "Allow");

/** What of a resource's ARN is text; what is put in by CloudFormation cannot be a wildcard. */
const textsIn = (value: unknown): string[] =>
  typeof value === "string" ? [value] : isObject(value) ? Object.values(value).flatMap(textsIn) : [];
const textOf = (resource: unknown): string => textsIn(resource).join("");

/** The control plane's reads are no device's: a certificate's id may be unknown at synthesis. */
const isIot = ({ Action }: Statement): boolean =>
  listOf(Action).some((action) => action === "*" || /^iot:(?!Describe[A-Z]|List[A-Z])/.test(action));
/** Actions for which the Service Authorization Reference names no resource type: they are allowed on `*` or not at all. */
const WITHOUT_RESOURCE = ["iot:ListThingPrincipals"];
const needsResource = ({ Action }: Statement): boolean =>
  !listOf(Action).every((action) => WITHOUT_RESOURCE.includes(action));
const isRule = ({ type }: Resource): boolean => type === "AWS::IoT::TopicRule";
const payloadOf = ({ properties }: Resource): Json => (properties.TopicRulePayload ?? {}) as Json;

/** What each rule forbids, of one resource. */
export const RULES = {
  "no wildcard among actions": (resource: Resource) =>
    allowing(resource).some(({ Action }) => listOf(Action).some((action) => action.includes("*"))),
  "no resource that is everything": (resource: Resource) =>
    allowing(resource).some(
      (statement) =>
        needsResource(statement) && listOf(statement.Resource).some((one) => textOf(one) === "*"),
    ),
  "no wildcard in what a device may connect as or publish to": (resource: Resource) =>
    allowing(resource).some(
      (statement) => isIot(statement) && listOf(statement.Resource).some((one) => /[*?]/.test(textOf(one))),
    ),
  "a device connects as the thing that its certificate is attached to": (resource: Resource) =>
    allowing(resource).some(
      ({ Action, Condition }) =>
        listOf(Action).includes("iot:Connect") &&
        Condition?.Bool?.["iot:Connection.Thing.IsAttached"] !== "true",
    ),
  "a topic rule has an errorAction": (resource: Resource) =>
    isRule(resource) && Object.keys((payloadOf(resource).ErrorAction ?? {}) as Json).length !== 1,
  "a topic rule's SQL has the version it was written for": (resource: Resource) =>
    isRule(resource) && payloadOf(resource).AwsIotSqlVersion !== "2016-03-23",
  "a topic rule is enabled": (resource: Resource) =>
    isRule(resource) && payloadOf(resource).RuleDisabled === true,
  "a topic rule names its topics and selects its fields": (resource: Resource) =>
    isRule(resource) && /FROM '#'|SELECT \*\s+FROM/.test(String(payloadOf(resource).Sql)),
  "a certificate comes from a CSR: its key was never here": (resource: Resource) =>
    resource.type === "AWS::IoT::Certificate" && !("CertificateSigningRequest" in resource.properties),
  "a service that may assume a role says for which account": (resource: Resource) =>
    allowing(resource).some(
      ({ Principal, Action, Condition = {} }) =>
        listOf(Action).includes("sts:AssumeRole") &&
        isObject(Principal) &&
        "Service" in Principal &&
        !Object.values(Condition).some((keys) => "aws:SourceAccount" in keys),
    ),
} as const;

/** All that is wrong with a template. */
export const check = (template: Template): Finding[] =>
  resourcesOf(template).flatMap((resource) =>
    (Object.keys(RULES) as (keyof typeof RULES)[])
      .filter((rule) => RULES[rule](resource))
      .map((rule) => ({ rule, at: resource.id })),
  );
