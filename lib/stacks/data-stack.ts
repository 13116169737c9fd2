/**
 * The stack of what must outlive every other part: the tables, and the sender's identity, which a person has verified.
 * They stay when the stack is deleted, or when they are removed from it; a new stack refers to them (`readings.table`,
 * `alerts.table`, `mail.identity_exists`).
 *
 * The stack has no termination protection: the CDK would set it before CloudFormation has made anything, and a first
 * create that fails leaves a stack that can only be deleted. Tables and identity have protection of their own.
 */
import {
  CfnOutput,
  CfnResource,
  CfnWaitConditionHandle,
  RemovalPolicy,
  Stack,
  type StackProps,
} from "aws-cdk-lib";
import { EmailIdentity, Identity } from "aws-cdk-lib/aws-ses";
import type { Construct } from "constructs";
import type { Ha2mConfig } from "../config.ts";
import {
  adoptTable,
  describeTable,
  type KeptTable,
  makeTable,
  type TableKey,
} from "../constructs/kept-table.ts";
import { EXISTING } from "../contract/existing.ts";
import { CLUSTERS_KEY, READINGS_KEY } from "../contract/tables.ts";

/** The configuration, which says what exists already. */
export interface DataStackProps extends StackProps {
  readonly config: Ha2mConfig;
}

/** `Ha2mData`: both tables, and the identity that mails come from. */
export class DataStack extends Stack {
  /** The table of readings, one item each. */
  readonly readings: KeptTable;
  /** The table of heartbeats and incidents. */
  readonly clusters: KeptTable;
  /** The sender's identity; undefined: it exists already. */
  readonly sender: EmailIdentity | undefined;
  readonly #existing: Record<string, object> = {};

  constructor(scope: Construct, id: string, { config, ...props }: DataStackProps) {
    super(scope, id, { description: "ha2m: readings, heartbeats and incidents", ...props });
    const { mail } = config;
    this.sender = mail.identityExists ? this.#referTo(mail.identity) : this.#makeIdentity(mail.identity);
    this.readings = this.#table("Readings", READINGS_KEY, config.readings.table);
    this.clusters = this.#table("Clusters", CLUSTERS_KEY, config.alerts.table);
    if (Object.keys(this.#existing).length > 0) this.addMetadata(EXISTING, this.#existing);
    // CloudFormation refuses a stack without a resource, but its outputs are needed. This resource is free and does
    // nothing.
    if (!this.node.findAll().some(CfnResource.isCfnResource)) new CfnWaitConditionHandle(this, "Nothing");

    const output = (outputId: string, value: string, description: string) =>
      new CfnOutput(this, outputId, { value, description });
    output("ReadingsTable", this.readings.tableName, "Readings");
    output("ClustersTable", this.clusters.tableName, "Heartbeats and incidents");
    for (const [i, { name, value }] of (mail.identity.includes("@")
      ? []
      : (this.sender?.dkimRecords ?? [])
    ).entries())
      output(
        `SenderDkim${i + 1}`,
        `${name} CNAME ${value}`,
        "Add this record to the DNS of the sender's domain",
      );
    output("SenderIdentity", mail.identity, "Verify it in SES before the first mail");
  }

  #referTo(identity: string): undefined {
    this.#existing.Sender = {
      Type: "AWS::SES::EmailIdentity",
      Properties: { EmailIdentity: identity },
    };
  }

  /** Makes the identity. It is kept when another sender replaces it, because it may be in use elsewhere. */
  #makeIdentity(identity: string): EmailIdentity {
    const made = new EmailIdentity(this, "Sender", {
      identity: identity.includes("@") ? Identity.email(identity) : Identity.domain(identity),
    });
    // But not on a create that fails: an identity that was left would make the next create fail.
    made.applyRemovalPolicy(RemovalPolicy.RETAIN_ON_UPDATE_OR_DELETE);
    return made;
  }

  #table(id: string, key: TableKey, adopted: string | undefined): KeptTable {
    if (adopted !== undefined) {
      this.#existing[id] = describeTable(adopted, key);
      return adoptTable(this, id, adopted);
    }
    const table = makeTable(this, id, key);
    // An identity that exists fails the create, and must do so before there is a table that is kept.
    if (this.sender !== undefined) table.node.addDependency(this.sender);
    return table;
  }
}
