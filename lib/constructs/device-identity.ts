/**
 * The nodes in AWS IoT: a thing for each, and one policy for all of their certificates. The policy ties the client id
 * to the thing and the topics to the thing's attributes, so that a certificate can publish for its own node alone.
 * https://docs.aws.amazon.com/iot/latest/developerguide/thing-policy-variables.html
 */
import { Stack } from "aws-cdk-lib";
import { Effect, PolicyDocument, PolicyStatement } from "aws-cdk-lib/aws-iam";
import { CfnPolicy, CfnThing } from "aws-cdk-lib/aws-iot";
import { Construct } from "constructs";
import type { ClusterConfig } from "../config.ts";
import { partName } from "../contract/names.ts";
import {
  type Channel,
  ingestedReadingTopic,
  nodeName,
  THING_ATTRIBUTE,
  thingName,
  topicShape,
} from "../contract/topics.ts";

const CHANNELS: readonly Channel[] = ["reading", "event"];

// Policy variables: AWS IoT inserts the values of the thing to which the certificate is attached and whose name is the
// client id. Without such a thing they have no value, and the statement does not apply.
const variable = (name: string) => `\${iot:Connection.Thing.${name}}`;
const ownName = variable("ThingName");
const own = (attribute: string) => variable(`Attributes[${attribute}]`);
const ownTopic = (channel: Channel, name: string) =>
  topicShape(channel, own(THING_ATTRIBUTE.cluster), own(THING_ATTRIBUTE.node), name);

/** The clusters with their nodes, and where these publish. */
export interface DeviceIdentityProps {
  /** The deployment's name. */
  readonly name: string;
  readonly clusters: ReadonlyMap<string, ClusterConfig>;
  /** Readings may go to their rule itself (Basic Ingest). */
  readonly basicIngest: boolean;
}

/** A thing for each node of each cluster, and the policy for their certificates. */
export class DeviceIdentity extends Construct {
  readonly thingNames: readonly string[];
  readonly policyName: string;
  readonly #deployment: string;

  constructor(scope: Construct, id: string, { name, clusters, basicIngest }: DeviceIdentityProps) {
    super(scope, id);
    this.#deployment = name;
    this.policyName = partName(name, "node");
    this.thingNames = [...clusters].flatMap(([cluster, { nodes }]) =>
      Array.from({ length: nodes }, (_, node) => this.#makeThing(cluster, node)),
    );
    new CfnPolicy(this, "Policy", {
      policyName: this.policyName,
      policyDocument: this.#makePolicy(basicIngest),
    });
  }

  thingNameOf({ cluster, node }: { readonly cluster: string; readonly node: number }): string {
    return thingName(cluster, node, this.#deployment);
  }

  #makeThing(cluster: string, node: number): string {
    const name = this.thingNameOf({ cluster, node });
    new CfnThing(this, nodeName(cluster, node), {
      thingName: name,
      attributePayload: {
        attributes: { [THING_ATTRIBUTE.cluster]: cluster, [THING_ATTRIBUTE.node]: String(node) },
      },
    });
    return name;
  }

  #makePolicy(basicIngest: boolean): PolicyDocument {
    const name = this.#deployment;
    const arn = (resource: string, resourceName: string) =>
      Stack.of(this).formatArn({ service: "iot", resource, resourceName });
    return new PolicyDocument({
      statements: [
        new PolicyStatement({
          effect: Effect.ALLOW,
          actions: ["iot:Connect"],
          resources: [arn("client", ownName)],
          conditions: { Bool: { "iot:Connection.Thing.IsAttached": "true" } },
        }),
        new PolicyStatement({
          effect: Effect.ALLOW,
          actions: ["iot:Publish"],
          // The broker's topic stays allowed beside the rule's: nodes change over one by one, and a publish that is
          // denied ends the connection.
          resources: [
            ...CHANNELS.map((channel) => ownTopic(channel, name)),
            ...(basicIngest ? [ingestedReadingTopic(ownTopic("reading", name), name)] : []),
          ].map((topic) => arn("topic", topic)),
        }),
      ],
    });
  }
}
