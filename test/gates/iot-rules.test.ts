import { check, RULES } from "./iot-rules.ts";
import { templatesOf, variants } from "./variants.ts";

test.each(Object.entries(variants))("%s -> breaks none of our rules for IoT", (_, variant) => {
  for (const template of Object.values(templatesOf(variant))) expect(check(template.toJSON())).toEqual([]);
});

const ARN = {
  "Fn::Join": ["", ["arn:", { Ref: "AWS::Partition" }, ":iot:eu-west-1:1:topic/rosie/kitchen/0"]],
};
const policy = (statement: object) => ({
  Type: "AWS::IoT::Policy",
  Properties: {
    PolicyDocument: {
      Version: "2012-10-17",
      Statement: [{ Effect: "Allow", Action: "iot:Publish", Resource: ARN, ...statement }],
    },
  },
});
const attached = { Bool: { "iot:Connection.Thing.IsAttached": "true" } };
const connect = (Condition: object) => policy({ Action: ["iot:Connect"], Condition });
const rule = (payload: object) => ({
  Type: "AWS::IoT::TopicRule",
  Properties: {
    TopicRulePayload: {
      Sql: "SELECT a\nFROM 'rosie/reading/+/+'",
      AwsIotSqlVersion: "2016-03-23",
      ErrorAction: { Sqs: {} },
      ...payload,
    },
  },
});
const role = (statement: object) => ({
  Type: "AWS::IAM::Role",
  Properties: {
    AssumeRolePolicyDocument: {
      Statement: [
        {
          Effect: "Allow",
          Action: "sts:AssumeRole",
          Principal: { Service: "iot.amazonaws.com" },
          Condition: { StringEquals: { "aws:SourceAccount": { Ref: "AWS::AccountId" } } },
          ...statement,
        },
      ],
    },
  },
});
const withInline = (statement: object) => ({
  Type: "AWS::IAM::Role",
  Properties: { Policies: [{ PolicyName: "P", PolicyDocument: { Statement: [statement] } }] },
});

test.each([
  ["a policy", policy({})],
  ["a connection as the own thing", connect(attached)],
  ["a rule", rule({})],
  ["a role for a service", role({})],
  ["a role for an account", role({ Principal: { AWS: "arn:aws:iam::1:root" }, Condition: {} })],
  [
    "an action for which IAM knows no resource",
    withInline({ Effect: "Allow", Action: "iot:ListThingPrincipals", Resource: "*" }),
  ],
  ["everything refused", policy({ Effect: "Deny", Action: "*", Resource: "*" })],
])("%s as it should be -> nothing is found", (_, resource) => {
  expect(check({ Resources: { R: resource } })).toEqual([]);
});

const actions = "no wildcard among actions";
const everything = "no resource that is everything";
const wildcard = "no wildcard in what a device may connect as or publish to";
const thing = "a device connects as the thing that its certificate is attached to";
const errorAction = "a topic rule has an errorAction";
const version = "a topic rule's SQL has the version it was written for";
const named = "a topic rule names its topics and selects its fields";
const account = "a service that may assume a role says for which account";

const broken: readonly [string, object, keyof typeof RULES][] = [
  ["every action of IoT", policy({ Action: "iot:*" }), actions],
  ["every action", withInline({ Effect: "Allow", Action: ["*"], Resource: ARN }), actions],
  [
    "every action that begins alike",
    policy({ Action: ["iot:Connect", "iot:Pub*"], Condition: attached }),
    actions,
  ],
  [
    "every resource, in a role",
    withInline({ Effect: "Allow", Action: "dynamodb:PutItem", Resource: [ARN, "*"] }),
    everything,
  ],
  [
    "every resource, for an action that names its own beside one that names none",
    withInline({
      Effect: "Allow",
      Action: ["iot:ListThingPrincipals", "iot:DescribeCertificate"],
      Resource: "*",
    }),
    everything,
  ],
  [
    "every node's topic",
    policy({ Resource: { "Fn::Join": ["", ["arn:aws:iot:r:1:topic/rosie/reading/", "*"]] } }),
    wildcard,
  ],
  [
    "one letter of a topic left open",
    policy({ Resource: "arn:aws:iot:r:1:topic/rosie/kitchen/?" }),
    wildcard,
  ],
  ["a connection as anybody's thing", connect({}), thing],
  [
    "a connection where no thing is attached",
    connect({ Bool: { "iot:Connection.Thing.IsAttached": "false" } }),
    thing,
  ],
  ["no errorAction", rule({ ErrorAction: undefined }), errorAction],
  ["an errorAction that does nothing", rule({ ErrorAction: {} }), errorAction],
  ["SQL of another version", rule({ AwsIotSqlVersion: "2015-10-08" }), version],
  ["SQL of a version to come", rule({ AwsIotSqlVersion: "beta" }), version],
  ["SQL of no version", rule({ AwsIotSqlVersion: undefined }), version],
  ["a rule that is switched off", rule({ RuleDisabled: true }), "a topic rule is enabled"],
  ["a rule on every topic", rule({ Sql: "SELECT a FROM '#'" }), named],
  ["a rule that passes on whatever comes", rule({ Sql: "SELECT * FROM 'rosie/reading/+/+'" }), named],
  [
    "a certificate with a key that AWS made",
    { Type: "AWS::IoT::Certificate", Properties: { Status: "ACTIVE" } },
    "a certificate comes from a CSR: its key was never here",
  ],
  ["a role for a service on behalf of anybody", role({ Condition: {} }), account],
];

test.each(broken)("%s -> found", (_, resource, expected) => {
  expect(check({ Resources: { R: resource as never } }).map(({ rule: found }) => found)).toContain(expected);
});

test("every rule -> has been seen to find something", () => {
  expect(new Set(broken.map(([, , expected]) => expected))).toEqual(new Set(Object.keys(RULES)));
});
