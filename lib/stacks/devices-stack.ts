/**
 * The stack of the nodes' identities. It is separate, so that only a change of the nodes changes it: a certificate that
 * is made anew has to be carried to its node by hand.
 */
import { Annotations, CfnOutput, Stack, type StackProps } from "aws-cdk-lib";
import type { Construct } from "constructs";
import type { Ha2mConfig } from "../config.ts";
import { DeviceCertificates } from "../constructs/device-certificates.ts";
import { DeviceIdentity } from "../constructs/device-identity.ts";
import type { DeviceCsr } from "../device-csrs.ts";

/** The configuration with its nodes, and the CSRs that there are. */
export interface DevicesStackProps extends StackProps {
  readonly config: Ha2mConfig;
  readonly csrs: readonly DeviceCsr[];
}

/** `Ha2mDevices`: things, certificates and their policy. */
export class DevicesStack extends Stack {
  constructor(scope: Construct, id: string, { config, csrs, ...props }: DevicesStackProps) {
    super(scope, id, { description: "ha2m: identities of the nodes", ...props });
    const nodes = new DeviceIdentity(this, "Nodes", {
      name: config.name,
      clusters: config.clusters,
      basicIngest: config.readings.basicIngest,
    });
    const certificates = new DeviceCertificates(this, "Certificates", { csrs, nodes });
    const output = (outputId: string, value: string, description: string) =>
      new CfnOutput(this, outputId, { value, description });
    output("Things", nodes.thingNames.join(","), "A thing for each node");
    output("DevicePolicy", nodes.policyName, "The policy of the nodes' certificates");
    output("Region", this.region, "The region that the nodes connect to");
    if (certificates.missing.length > 0)
      Annotations.of(this).addInfo(
        `no CSR yet for ${certificates.missing.join(", ")}, so these nodes cannot connect; npm run provision -- CLUSTER makes keys and CSRs, then deploy again`,
      );
  }
}
