import { Match } from "aws-cdk-lib/assertions";
import { synthesize } from "../example-app.ts";

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

test("the stack -> protected from deletion", () => {
  expect(stacks.data.terminationProtection).toBe(true);
});

test("outputs -> name both tables", () => {
  data.hasOutput("ReadingsTable", {});
  data.hasOutput("ClustersTable", {});
});
