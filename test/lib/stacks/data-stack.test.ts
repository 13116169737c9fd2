import { Match } from "aws-cdk-lib/assertions";
import { exampleConfig, synthesize } from "../example-app.ts";

const TABLE = "AWS::DynamoDB::GlobalTable";
const { data, stacks } = synthesize();

test.each([
  ["readings", "reading_key"],
  ["clusters", "item_key"],
])("%s -> keyed by cluster_id and %s, both text", (_, sort) => {
  data.hasResourceProperties(TABLE, {
    KeySchema: [
      { AttributeName: "cluster_id", KeyType: "HASH" },
      { AttributeName: sort, KeyType: "RANGE" },
    ],
    AttributeDefinitions: [
      { AttributeName: "cluster_id", AttributeType: "S" },
      { AttributeName: sort, AttributeType: "S" },
    ],
  });
});

test("every table -> on demand, expiring, restorable, and not deleted by accident", () => {
  data.resourceCountIs(TABLE, 2);
  data.allResourcesProperties(TABLE, {
    BillingMode: "PAY_PER_REQUEST",
    TimeToLiveSpecification: { AttributeName: "expires_at_s", Enabled: true },
    Replicas: [
      {
        Region: { Ref: "AWS::Region" },
        DeletionProtectionEnabled: true,
        PointInTimeRecoverySpecification: { PointInTimeRecoveryEnabled: true },
      },
    ],
  });
  data.allResources(TABLE, { DeletionPolicy: "Retain", UpdateReplacePolicy: "Retain" });
});

test("names -> left to CloudFormation: a fixed name would stand in the way of a table made anew beside the old one", () => {
  data.allResourcesProperties(TABLE, { TableName: Match.absent() });
});

test("no stack -> protected from deletion before it exists: a first create that failed could not be deleted", () => {
  for (const stack of Object.values(stacks)) expect(stack.terminationProtection).toBe(false);
});

test("outputs -> name both tables, and the identity to verify", () => {
  data.hasOutput("ReadingsTable", {});
  data.hasOutput("ClustersTable", {});
  data.hasOutput("SenderIdentity", { Value: "ha2m@example.com" });
});

describe("the sender's identity", () => {
  const IDENTITY = "AWS::SES::EmailIdentity";
  const withMail = (mail: object) =>
    synthesize({ ...exampleConfig, mail: { ...exampleConfig.mail, ...mail } }).data;

  test("an address, or its domain where that is wanted -> made", () => {
    data.hasResourceProperties(IDENTITY, { EmailIdentity: "ha2m@example.com" });
    withMail({ identity: "example.com" }).hasResourceProperties(IDENTITY, { EmailIdentity: "example.com" });
  });

  test("its stack is deleted, or another is named -> kept; a create that fails leaves none behind", () => {
    data.hasResource(IDENTITY, { DeletionPolicy: "RetainExceptOnCreate", UpdateReplacePolicy: "Retain" });
  });

  test("one that exists already fails the create -> before there is a table that would be kept", () => {
    const [sender] = Object.keys(data.findResources(IDENTITY));
    data.allResources(TABLE, { DependsOn: [sender] });
  });

  test("named by its name alone -> no export ties it to who uses it, so that it can be changed", () => {
    expect(JSON.stringify(Object.keys(data.toJSON().Outputs))).not.toContain("ExportsOutputRefSender");
  });

  test("it exists -> not made, and the template says what it counts on", () => {
    const existing = withMail({ identity: "example.com", identity_exists: true });
    existing.resourceCountIs(IDENTITY, 0);
    existing.allResources(TABLE, { DependsOn: Match.absent() });
    existing.hasOutput("SenderIdentity", { Value: "example.com" });
    expect(existing.toJSON().Metadata).toEqual({
      "ha2m:existing": { Sender: { Type: IDENTITY, Properties: { EmailIdentity: "example.com" } } },
    });
  });
});

describe("tables that an earlier deployment left", () => {
  const readings = "Ha2mData-Readings9F99D490-OLD";
  const clusters = "Ha2mData-Clusters3E3F57D1-OLD";

  test("one of them -> taken over by name, the other made", () => {
    const adopting = synthesize({ ...exampleConfig, readings: { table: readings } }).data;
    adopting.resourceCountIs(TABLE, 1);
    adopting.hasOutput("ReadingsTable", { Value: readings });
    adopting.hasOutput("ClustersTable", { Value: { Ref: Match.stringLikeRegexp("^Clusters") } });
  });

  test("all that there is -> a stack that makes nothing, yet can be deployed, and has the outputs that commands read", () => {
    const { data: whole, pipeline } = synthesize({
      ...exampleConfig,
      mail: { ...exampleConfig.mail, identity_exists: true },
      readings: { table: readings },
      alerts: { table: clusters },
    });
    const { Resources, Metadata } = whole.toJSON();
    expect(Object.values<{ Type: string }>(Resources).map(({ Type }) => Type)).toEqual([
      "AWS::CloudFormation::WaitConditionHandle",
    ]);
    expect(Object.keys(Metadata["ha2m:existing"])).toEqual(["Sender", "Readings", "Clusters"]);
    whole.hasOutput("ReadingsTable", { Value: readings });
    whole.hasOutput("ClustersTable", { Value: clusters });
    // Who writes and reads them: the tables' names and ARNs, and no other stack's exports.
    const text = JSON.stringify(pipeline.toJSON());
    expect(text).not.toContain("Fn::ImportValue");
    expect(text).toContain(`:table/${readings}`);
    expect(text).toContain(`:table/${clusters}`);
  });
});
