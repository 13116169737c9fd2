/** A table that outlives its stack: made by it or, where an earlier deployment has left one, taken over. */
import { RemovalPolicy } from "aws-cdk-lib";
import { AttributeType, Billing, type ITableV2, TableV2 } from "aws-cdk-lib/aws-dynamodb";
import type { Construct } from "constructs";
import { TTL_ATTRIBUTE } from "../contract/tables.ts";

/** Either; CDK's own types do not fit one another where optional properties are exact. */
export type KeptTable = TableV2 | ITableV2;

/** Names of a table's key attributes, both texts. */
export interface TableKey {
  readonly partition: string;
  readonly sort: string;
}

/** On demand, expiring by TTL, restorable to any second of the last 35 days, not deleted with its stack or by hand. */
export const makeTable = (scope: Construct, id: string, key: TableKey): KeptTable =>
  new TableV2(scope, id, {
    partitionKey: { name: key.partition, type: AttributeType.STRING },
    sortKey: { name: key.sort, type: AttributeType.STRING },
    billing: Billing.onDemand(),
    timeToLiveAttribute: TTL_ATTRIBUTE,
    pointInTimeRecoverySpecification: { pointInTimeRecoveryEnabled: true },
    deletionProtection: true,
    removalPolicy: RemovalPolicy.RETAIN,
  });

/**
 * A table that is there. What `makeTable` had set (TTL, recovery, protection) stays as it is, because nothing of it
 * hangs on a stack.
 */
export const adoptTable = (scope: Construct, id: string, name: string): KeptTable =>
  TableV2.fromTableName(scope, id, name);

/** An adopted table as CloudFormation would describe it, for whoever has to make one like it. */
export const describeTable = (name: string, { partition, sort }: TableKey) => ({
  Type: "AWS::DynamoDB::GlobalTable",
  Properties: {
    TableName: name,
    BillingMode: "PAY_PER_REQUEST",
    KeySchema: [
      { AttributeName: partition, KeyType: "HASH" },
      { AttributeName: sort, KeyType: "RANGE" },
    ],
    AttributeDefinitions: [partition, sort].map((AttributeName) => ({ AttributeName, AttributeType: "S" })),
  },
});
