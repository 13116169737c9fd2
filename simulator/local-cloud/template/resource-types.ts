/**
 * The values of Ref and Fn::GetAtt for the resource types that the local cloud emulates, and their physical names and
 * ARNs. Source: the "Return values" section of each type in the CloudFormation template reference.
 *
 * Properties of these types that change nothing here: tags, encryption at rest, queue policies, attributes of queues
 * and topics, table protection, backups and TTL deletion, log retention, architectures, trust policies.
 */

/** The account and region of the local cloud. */
export interface Account {
  readonly accountId: string;
  readonly region: string;
  /** The address of a function URL, by the name of its resource. @default one in the form of AWS's */
  readonly functionUrl?: (name: string) => string | undefined;
  /** The id of a certificate that has been signed, by the name of its resource. @default that name */
  readonly certificateId?: (name: string) => string | undefined;
}

/** What a resource's Ref and attributes are derived from. */
export interface Identity extends Account {
  readonly name: string;
}

interface ResourceType {
  /** The property that holds an explicit physical name. */
  readonly nameProperty?: string;
  readonly arn: (identity: Identity) => string;
  /** @default the name */
  readonly ref?: (identity: Identity) => string;
  /** Attributes besides Arn. */
  readonly attributes?: Readonly<Record<string, (identity: Identity) => string>>;
}

const arn =
  (service: string, resource: (name: string) => string) =>
  ({ region, accountId, name }: Identity): string =>
    `arn:aws:${service}:${region}:${accountId}:${resource(name)}`;

const nameOf = ({ name }: Identity): string => name;

/** A queue's URL, by which SendMessage names it. */
export const queueUrl = ({ region, accountId, name }: Identity): string =>
  `https://sqs.${region}.amazonaws.com/${accountId}/${name}`;

/** A secret's ARN. AWS adds six characters of its own to the name; here they are always the same. */
const secretArn = arn("secretsmanager", (name) => `secret:${name}-Local1`);
const topicArn = arn("sns", (name) => name);

const certificateIdOf = ({ certificateId, name }: Identity): string => certificateId?.(name) ?? name;

const table: ResourceType = { nameProperty: "TableName", arn: arn("dynamodb", (name) => `table/${name}`) };

/** The DNS records for DKIM of a domain; here they are never queried. */
const dkimRecord = (n: number): [string, (identity: Identity) => string][] => [
  [`DkimDNSTokenName${n}`, ({ name }) => `local${n}._domainkey.${name}`],
  [`DkimDNSTokenValue${n}`, () => `local${n}.dkim.amazonses.com`],
];

/** Resource types that the local cloud emulates. */
export const EMULATED: Readonly<Record<string, ResourceType>> = {
  "AWS::CloudWatch::Alarm": {
    nameProperty: "AlarmName",
    arn: arn("cloudwatch", (name) => `alarm:${name}`),
  },
  "AWS::DynamoDB::Table": table,
  "AWS::DynamoDB::GlobalTable": table,
  "AWS::Events::EventBus": { nameProperty: "Name", arn: arn("events", (name) => `event-bus/${name}`) },
  "AWS::Events::Rule": { nameProperty: "Name", arn: arn("events", (name) => `rule/${name}`) },
  "AWS::IAM::Role": {
    nameProperty: "RoleName",
    arn: ({ accountId, name }) => `arn:aws:iam::${accountId}:role/${name}`,
  },
  "AWS::IAM::Policy": { nameProperty: "PolicyName", arn: nameOf },
  "AWS::IoT::Certificate": {
    arn: (identity) => arn("iot", () => `cert/${certificateIdOf(identity)}`)(identity),
    ref: certificateIdOf,
    attributes: { Id: certificateIdOf },
  },
  "AWS::IoT::Policy": { nameProperty: "PolicyName", arn: arn("iot", (name) => `policy/${name}`) },
  "AWS::IoT::PolicyPrincipalAttachment": { arn: nameOf },
  "AWS::IoT::Thing": { nameProperty: "ThingName", arn: arn("iot", (name) => `thing/${name}`) },
  "AWS::IoT::ThingPrincipalAttachment": { arn: nameOf },
  "AWS::IoT::TopicRule": { nameProperty: "RuleName", arn: arn("iot", (name) => `rule/${name}`) },
  "AWS::Lambda::EventInvokeConfig": { arn: nameOf },
  "AWS::Lambda::Function": { nameProperty: "FunctionName", arn: arn("lambda", (name) => `function:${name}`) },
  "AWS::Lambda::Permission": { arn: nameOf },
  "AWS::Lambda::Url": {
    arn: nameOf,
    attributes: {
      FunctionUrl: ({ functionUrl, region, name }) =>
        functionUrl?.(name) ?? `https://${name.toLowerCase()}.lambda-url.${region}.on.aws/`,
    },
  },
  "AWS::Scheduler::Schedule": { nameProperty: "Name", arn: arn("scheduler", (name) => `schedule/${name}`) },
  "AWS::Scheduler::ScheduleGroup": {
    nameProperty: "Name",
    arn: arn("scheduler", (name) => `schedule-group/${name}`),
  },
  "AWS::SecretsManager::Secret": { nameProperty: "Name", arn: secretArn, ref: secretArn },
  "AWS::SES::EmailIdentity": {
    nameProperty: "EmailIdentity",
    arn: arn("ses", (name) => `identity/${name}`),
    attributes: Object.fromEntries([1, 2, 3].flatMap(dkimRecord)),
  },
  "AWS::SNS::Subscription": { arn: nameOf },
  "AWS::SNS::TopicPolicy": { arn: nameOf },
  "AWS::SNS::Topic": {
    nameProperty: "TopicName",
    arn: topicArn,
    ref: topicArn,
    attributes: { TopicName: nameOf, TopicArn: topicArn },
  },
  "AWS::SQS::Queue": {
    nameProperty: "QueueName",
    arn: arn("sqs", (name) => name),
    ref: queueUrl,
    attributes: { QueueName: nameOf, QueueUrl: queueUrl },
  },
};

/** Types that are not emulated, but to which emulated ones refer. They are named at start like others that are not. */
export const NAMED_ONLY: Readonly<Record<string, ResourceType>> = {
  "AWS::Logs::LogGroup": { nameProperty: "LogGroupName", arn: arn("logs", (name) => `log-group:${name}:*`) },
  "AWS::SES::ConfigurationSet": {
    nameProperty: "Name",
    arn: arn("ses", (name) => `configuration-set/${name}`),
  },
};

/** Types that are not reported as missing: the CDK's bookkeeping, and the placeholder of a stack without resources. */
export const IGNORED: ReadonlySet<string> = new Set([
  "AWS::CDK::Metadata",
  "AWS::CloudFormation::WaitConditionHandle",
]);

/** How resources of a type get their names and attributes; undefined: the type is unknown. */
export const typeOf = (type: string): ResourceType | undefined => EMULATED[type] ?? NAMED_ONLY[type];
