/** Under which names resources of a template would stand in an account, and how far each name must be the only one. */
import { resolveValue, type Scope } from "../../../simulator/local-cloud/template/intrinsics.ts";

/**
 * The property that gives a resource its name in the account. Source: the primary identifier and the "Return values" of
 * each type in the CloudFormation template reference.
 */
const NAME: Readonly<Record<string, string>> = {
  "AWS::CloudWatch::Alarm": "AlarmName",
  "AWS::CloudWatch::Dashboard": "DashboardName",
  "AWS::DynamoDB::GlobalTable": "TableName",
  "AWS::Events::EventBus": "Name",
  "AWS::Events::Rule": "Name",
  "AWS::IAM::Role": "RoleName",
  "AWS::IoT::Policy": "PolicyName",
  "AWS::IoT::Thing": "ThingName",
  "AWS::IoT::TopicRule": "RuleName",
  "AWS::Lambda::Function": "FunctionName",
  "AWS::Logs::LogGroup": "LogGroupName",
  "AWS::Scheduler::Schedule": "Name",
  "AWS::Scheduler::ScheduleGroup": "Name",
  "AWS::SecretsManager::Secret": "Name",
  "AWS::SES::EmailIdentity": "EmailIdentity",
  "AWS::SNS::Topic": "TopicName",
  "AWS::SQS::Queue": "QueueName",
};

/** Types whose resources are known by what they belong to, or by an id that AWS makes. */
const WITHOUT = new Set([
  "AWS::CloudFormation::WaitConditionHandle",
  "AWS::IoT::Certificate",
  "AWS::IoT::PolicyPrincipalAttachment",
  "AWS::IoT::ThingPrincipalAttachment",
  "AWS::Lambda::EventInvokeConfig",
  "AWS::Lambda::Permission",
  "AWS::Lambda::Url",
  "AWS::SNS::Subscription",
  "AWS::SNS::TopicPolicy",
  "AWS::SQS::QueuePolicy",
]);

/** One for the account, whatever the region. */
const GLOBAL = new Set(["AWS::CloudWatch::Dashboard", "AWS::IAM::Role"]);
/** Names that need be the only one beside the same parent. */
const PARENT: Readonly<Record<string, string>> = {
  "AWS::Events::Rule": "EventBusName",
  "AWS::Scheduler::Schedule": "GroupName",
};

const ACCOUNT_ID = "123456789012";

/** @param refer the physical name of a resource of the same stack */
export function scopeOf(region: string, refer: (logicalId: string) => string = (id) => id): Scope {
  const pseudo: Readonly<Record<string, string>> = {
    "AWS::AccountId": ACCOUNT_ID,
    "AWS::Region": region,
    "AWS::Partition": "aws",
  };
  return {
    ref: (name) => pseudo[name] ?? refer(name),
    attribute: (logicalId, attribute) => `${refer(logicalId)}.${attribute}`,
    imported: (name) => name,
  };
}

/** The key of something that no template has made. */
export const keyOf = (type: string, name: string, region: string): string =>
  namesOf(type, { [NAME[type] ?? "Name"]: name }, scopeOf(region)).key ?? "";

/**
 * The name that a template gives, and a key that is the same for two resources that cannot be side by side; undefined
 * where CloudFormation makes up a name.
 * @throws Error for a type of which it is not known here whether it has a name
 */
export function namesOf(
  type: string,
  properties: Readonly<Record<string, unknown>>,
  scope: Scope,
): { readonly key: string; readonly given: string } | { readonly key: undefined; readonly given: undefined } {
  const property = NAME[type];
  if (property === undefined && !WITHOUT.has(type))
    throw new Error(`${type}: is there a property that names it? Write it into ${__filename}`);
  const value = property === undefined ? undefined : properties[property];
  if (value === undefined) return { key: undefined, given: undefined };
  const text = (of: unknown) => String(resolveValue(of, type, scope));
  const given = text(value);
  const parent = PARENT[type] === undefined ? "" : text(properties[PARENT[type]!] ?? "default");
  const place = GLOBAL.has(type) ? "" : text({ Ref: "AWS::Region" });
  return { key: [place, type, parent, given].join(" "), given };
}
