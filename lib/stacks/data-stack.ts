/** What must outlive every other part: the tables. Deleting the stack, or a table in it, leaves the data in place. */
import { CfnOutput, RemovalPolicy, Stack, type StackProps } from "aws-cdk-lib";
import { AttributeType, Billing, TableV2 } from "aws-cdk-lib/aws-dynamodb";
import type { Construct } from "constructs";
import { CLUSTERS_KEY, READINGS_KEY, TTL_ATTRIBUTE } from "../contract/tables.ts";

/** `Ha2mData`: both tables, protected against deletion and restorable to any second of the last 35 days. */
export class DataStack extends Stack {
  /** One item a reading. */
  readonly readings: TableV2;
  /** Heartbeats and incidents. */
  readonly clusters: TableV2;

  constructor(scope: Construct, id: string, props: StackProps = {}) {
    super(scope, id, {
      description: "ha2m: readings, heartbeats and incidents",
      terminationProtection: true,
      ...props,
    });
    this.readings = this.#makeTable("Readings", READINGS_KEY);
    this.clusters = this.#makeTable("Clusters", CLUSTERS_KEY);
    new CfnOutput(this, "ReadingsTable", { value: this.readings.tableName, description: "Readings" });
    new CfnOutput(this, "ClustersTable", {
      value: this.clusters.tableName,
      description: "Heartbeats and incidents",
    });
  }

  #makeTable(id: string, key: { readonly partition: string; readonly sort: string }): TableV2 {
    return new TableV2(this, id, {
      partitionKey: { name: key.partition, type: AttributeType.STRING },
      sortKey: { name: key.sort, type: AttributeType.STRING },
      billing: Billing.onDemand(),
      timeToLiveAttribute: TTL_ATTRIBUTE,
      pointInTimeRecoverySpecification: { pointInTimeRecoveryEnabled: true },
      deletionProtection: true,
      removalPolicy: RemovalPolicy.RETAIN,
    });
  }
}
