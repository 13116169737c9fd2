/** Tables that outlive their stack. The stack makes one, or adopts the one that an earlier deployment left. */
import { RemovalPolicy } from "aws-cdk-lib";
import { AttributeType, Billing, type ITableV2, TableV2 } from "aws-cdk-lib/aws-dynamodb";
import type { Construct } from "constructs";
import { TTL_ATTRIBUTE } from "../contract/tables.ts";

/**
 * A table that was made or adopted. The CDK's two types are not assignable to one another with exact optional
 * properties.
 */
export type KeptTable = TableV2 | ITableV2;

/** Names of a table's key attributes, both texts. */
export interface TableKey {
  readonly partition: string;
  readonly sort: string;
}

/**
 * Makes a table: on demand, with expiry by TTL, restorable to any second of the last 35 days, protected from deletion.
 */
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
 * Adopts a table that exists. What `makeTable` once set (TTL, recovery, protection) stays as it is, because it does not
 * depend on the stack.
 */
export const adoptTable = (scope: Construct, id: string, name: string): KeptTable =>
  TableV2.fromTableName(scope, id, name);

/** An adopted table in the form of a template's resource, from which the local cloud makes one like it. */
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
