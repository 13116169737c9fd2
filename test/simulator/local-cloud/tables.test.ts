import { tablesNotEmulated } from "../../../simulator/local-cloud/tables.ts";
import type { ResolvedResource } from "../../../simulator/local-cloud/template/assembly.ts";

const table = (
  properties: ResolvedResource["properties"],
  type = "AWS::DynamoDB::Table",
): ResolvedResource => ({
  stack: "S",
  logicalId: "T",
  type,
  name: "t",
  arn: "arn:aws:dynamodb:eu-central-1:123456789012:table/t",
  properties,
});

test("tables that ask for nothing more, or switch it off -> nothing to name", () => {
  expect(
    tablesNotEmulated([
      table({ KeySchema: [] }),
      table({
        TimeToLiveSpecification: { AttributeName: "x", Enabled: false },
        PointInTimeRecoverySpecification: { PointInTimeRecoveryEnabled: false },
        DeletionProtectionEnabled: false,
      }),
    ]),
  ).toEqual([]);
});

test("features of tables and of replicas -> named and counted by kind of table", () => {
  const recovery = { PointInTimeRecoverySpecification: { PointInTimeRecoveryEnabled: true } };
  const ttl = { TimeToLiveSpecification: { AttributeName: "x", Enabled: true } };
  const global = {
    ...ttl,
    StreamSpecification: {},
    Replicas: [recovery, { DeletionProtectionEnabled: true }],
  };
  expect(
    tablesNotEmulated([
      table({ ...ttl, ...recovery }),
      table(ttl),
      table(global, "AWS::DynamoDB::GlobalTable"),
    ]),
  ).toEqual([
    { type: "AWS::DynamoDB::Table: expiry by TTL", count: 2 },
    { type: "AWS::DynamoDB::Table: point-in-time recovery", count: 1 },
    { type: "AWS::DynamoDB::GlobalTable: expiry by TTL", count: 1 },
    { type: "AWS::DynamoDB::GlobalTable: point-in-time recovery", count: 1 },
    { type: "AWS::DynamoDB::GlobalTable: deletion protection", count: 1 },
    { type: "AWS::DynamoDB::GlobalTable: streams", count: 1 },
  ]);
});
