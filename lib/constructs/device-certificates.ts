/**
 * A certificate for each CSR, attached to its node's thing and to the policy. Private keys never leave the nodes' side.
 *
 * A certificate is deleted when its CSR is: else the certificate of a node that was retired would stay active.
 */
import { CfnOutput } from "aws-cdk-lib";
import {
  CfnCertificate,
  CfnPolicyPrincipalAttachment,
  CfnThingPrincipalAttachment,
} from "aws-cdk-lib/aws-iot";
import { Construct } from "constructs";
import { nodeName } from "../contract/topics.ts";
import type { DeviceCsr } from "../device-csrs.ts";
import { stemOf } from "../device-files.ts";
import type { DeviceIdentity } from "./device-identity.ts";

/** The CSRs, and the nodes' things. */
export interface DeviceCertificatesProps {
  readonly csrs: readonly DeviceCsr[];
  /** Their things, and the policy. */
  readonly nodes: DeviceIdentity;
}

/** The certificates, and an output for each thing that lists its own. */
export class DeviceCertificates extends Construct {
  /** Names of the things without a certificate. */
  readonly missing: readonly string[];
  readonly #nodes: DeviceIdentity;

  constructor(scope: Construct, id: string, { csrs, nodes }: DeviceCertificatesProps) {
    super(scope, id);
    this.#nodes = nodes;
    const certified = new Set(csrs.map((csr) => nodes.thingNameOf(csr)));
    this.missing = nodes.thingNames.filter((name) => !certified.has(name));
    for (const node of new Set(csrs.map((csr) => nodeName(csr.cluster, csr.node)))) {
      const own = csrs.filter((csr) => nodeName(csr.cluster, csr.node) === node);
      new CfnOutput(this, `Of-${node}`, {
        value: own.map((csr) => `${stemOf(csr)}=${this.#make(csr).ref}`).join(","),
        description: `Certificates of ${node}, for npm run provision -- ${own[0]?.cluster} --fetch`,
      });
    }
  }

  #make(csr: DeviceCsr): CfnCertificate {
    const stem = stemOf(csr);
    const certificate = new CfnCertificate(this, stem, {
      certificateSigningRequest: csr.pem,
      status: "ACTIVE",
    });
    const principal = certificate.attrArn;
    const { policyName } = this.#nodes;
    const attachments = [
      new CfnPolicyPrincipalAttachment(this, `PolicyOf-${stem}`, { policyName, principal }),
      new CfnThingPrincipalAttachment(this, `ThingOf-${stem}`, {
        thingName: this.#nodes.thingNameOf(csr),
        principal,
      }),
    ];
    // An attachment names policy and thing by text, which creates no dependency by itself.
    for (const attachment of attachments) attachment.node.addDependency(this.#nodes);
    return certificate;
  }
}
