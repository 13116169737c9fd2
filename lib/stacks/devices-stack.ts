/**
 * Who may speak: the nodes' identities. A stack of its own, protected: a certificate that is made anew has to be carried
 * to its node by hand.
 */
import { CfnOutput, Stack, type StackProps } from "aws-cdk-lib";
import type { Construct } from "constructs";
import type { Ha2mConfig } from "../config.ts";
import { DeviceIdentity } from "../constructs/device-identity.ts";

/** Which nodes there are. */
export interface DevicesStackProps extends StackProps {
  readonly config: Ha2mConfig;
}

/** `Ha2mDevices`: things and their policy. */
export class DevicesStack extends Stack {
  constructor(scope: Construct, id: string, { config, ...props }: DevicesStackProps) {
    super(scope, id, { description: "ha2m: identities of the nodes", terminationProtection: true, ...props });
    const { thingNames, policyName } = new DeviceIdentity(this, "Nodes", { clusters: config.clusters });
    new CfnOutput(this, "Things", { value: thingNames.join(","), description: "A thing for each node" });
    new CfnOutput(this, "DevicePolicy", {
      value: policyName,
      description:
        "No certificate is made here. For each thing: aws iot create-certificate-from-csr --set-as-active, then attach-policy with this policy and attach-thing-principal with the thing",
    });
  }
}
