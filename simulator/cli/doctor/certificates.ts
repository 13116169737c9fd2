/** The certificate of each node: active, attached to its thing and to the policy, and valid for a while yet. */
import { existsSync } from "node:fs";
import {
  DescribeCertificateCommand,
  type IoTClient,
  ListAttachedPoliciesCommand,
  ListThingPrincipalsCommand,
} from "@aws-sdk/client-iot";
import { CERTIFICATE_SOON_MS } from "../../../lib/contract/incidents.ts";
import { THING_ATTRIBUTE } from "../../../lib/contract/topics.ts";
import { deviceNamed } from "../../../lib/device-files.ts";
import { deviceFolders, pathsOf } from "../provision/device-folders.ts";
import { counted } from "../shared/counted.ts";
import { certificatesIn, DEPLOY } from "../shared/stack-outputs.ts";
import { type Finding, good, unchecked, warning, wrong } from "./finding.ts";
import { type Deployed, deployedResources, type Look, literal } from "./look.ts";
import type { Target } from "./target.ts";
import { dayOf } from "./words.ts";

/** A node as the deployed template has it. */
export interface Node {
  readonly thing: string;
  readonly cluster: string;
  readonly node: string;
}

/** A certificate that is attached to a node's thing. */
export interface Attached {
  readonly arn: string;
  readonly status: string;
  /** Epoch milliseconds. */
  readonly notAfterMs: number;
  readonly policies: readonly string[];
}

/** Whether each node's certificate is there, active, its own, and not about to expire. */
export async function examineCertificates(look: Look, deployed: Deployed): Promise<Finding[]> {
  const nodes = nodesOf(deployed);
  if (nodes.length === 0) return [unchecked("certificate", "not checked: no node is deployed")];
  const policies = deployedResources(deployed, "AWS::IoT::Policy").map(({ PolicyName }) =>
    literal(PolicyName),
  );
  return Promise.all(
    nodes.map(async (node) => {
      const judged = judge(look, node, policies, await attachedTo(look.target.clients.iot, node.thing));
      return judged.state === "good" ? (notFetched(look.target, node, deployed) ?? judged) : judged;
    }),
  );
}

function nodesOf(deployed: Deployed): Node[] {
  return deployedResources(deployed, "AWS::IoT::Thing").map(({ ThingName, AttributePayload }) => {
    const { Attributes = {} } = (AttributePayload ?? {}) as {
      Attributes?: Readonly<Record<string, unknown>>;
    };
    return {
      thing: literal(ThingName),
      cluster: literal(Attributes[THING_ATTRIBUTE.cluster]),
      node: literal(Attributes[THING_ATTRIBUTE.node]),
    };
  });
}

/** Undefined: there is no such thing. */
async function attachedTo(iot: IoTClient, thing: string): Promise<readonly Attached[] | undefined> {
  try {
    const { principals = [] } = await iot.send(new ListThingPrincipalsCommand({ thingName: thing }));
    const arns = principals.filter((principal) => principal.includes(":cert/"));
    return await Promise.all(arns.map((arn) => described(iot, arn)));
  } catch (error) {
    if (error instanceof Error && error.name === "ResourceNotFoundException") return undefined;
    throw error;
  }
}

async function described(iot: IoTClient, arn: string): Promise<Attached> {
  const [{ certificateDescription: found }, { policies = [] }] = await Promise.all([
    iot.send(new DescribeCertificateCommand({ certificateId: idOf(arn) })),
    iot.send(new ListAttachedPoliciesCommand({ target: arn })),
  ]);
  return {
    arn,
    status: found?.status ?? "unknown",
    notAfterMs: found?.validity?.notAfter?.getTime() ?? 0,
    policies: policies.map(({ policyName = "" }) => policyName),
  };
}

const idOf = (arn: string): string => arn.slice(arn.lastIndexOf("/") + 1);

/** A node needs one that is good; what is wrong with others beside it is of no matter. */
export function judge(
  { target, nowMs }: Pick<Look, "target" | "nowMs">,
  { thing, cluster, node }: Node,
  policies: readonly string[],
  attached: readonly Attached[] | undefined,
): Finding {
  if (attached === undefined)
    return wrong(
      "certificate",
      `AWS IoT has no thing ${thing}: somebody deleted it; remove it from cdk.json, deploy, and add it again`,
      DEPLOY,
    );
  if (attached.length === 0)
    return wrong(
      "certificate",
      `${thing} has none, so its node cannot connect: make its key, deploy, and fetch the certificate`,
      `npm run provision -- ${cluster} && ${DEPLOY} && npm run provision -- ${cluster} --fetch`,
    );
  const faults = attached.map((certificate) =>
    faultOf(target, nowMs, { thing, cluster, node }, policies, certificate),
  );
  const best = attached
    .filter((_, i) => faults[i] === undefined)
    .sort((x, y) => y.notAfterMs - x.notAfterMs)
    .at(0);
  if (best === undefined) return faults.find((fault) => fault !== undefined)!;
  const beside = attached.length === 1 ? "" : `; ${counted(attached.length - 1, "other")} too`;
  const text = `${thing}: active, attached, until ${dayOf(best.notAfterMs)}${beside}`;
  return best.notAfterMs - nowMs > CERTIFICATE_SOON_MS
    ? good("certificate", text)
    : warning(
        "certificate",
        `${text}: make another, and copy it to the node`,
        `npm run provision -- ${cluster} --rotate ${node}`,
      );
}

function faultOf(
  target: Target,
  nowMs: number,
  { thing, cluster, node }: Node,
  policies: readonly string[],
  { arn, status, notAfterMs, policies: own }: Attached,
): Finding | undefined {
  const another = `npm run provision -- ${cluster} --rotate ${node}`;
  if (notAfterMs <= nowMs)
    return wrong(
      "certificate",
      `${thing}: expired on ${dayOf(notAfterMs)}: make another, and copy it to the node`,
      another,
    );
  if (status === "INACTIVE")
    return wrong(
      "certificate",
      `${thing}: INACTIVE, so its node cannot connect; if nobody retired it, activate it`,
      target.aws(`iot update-certificate --certificate-id ${idOf(arn)} --new-status ACTIVE`),
    );
  if (status !== "ACTIVE")
    return wrong("certificate", `${thing}: ${status}: make another, and copy it to the node`, another);
  const [policy = ""] = policies;
  if (!own.some((name) => policies.includes(name)))
    return wrong(
      "certificate",
      `${thing}: the policy ${policy} is not attached to its certificate`,
      target.aws(`iot attach-policy --policy-name ${policy} --target ${arn}`),
    );
  return undefined;
}

/** A key of this machine whose certificate was not fetched. The local cloud writes its certificates by itself. */
function notFetched(target: Target, { thing, cluster }: Node, { outputs }: Deployed): Finding | undefined {
  if (target.kind === "local") return undefined;
  const folders = deviceFolders("doctor", cluster);
  const missing = [...outputs]
    .filter(([name]) => name.startsWith("Certificates"))
    .flatMap(([, value]) => certificatesIn(value) ?? [])
    .flatMap(([stem]) => deviceNamed(stem) ?? [])
    .filter((device) => device.cluster === cluster && thing.endsWith(`${cluster}-${device.node}`))
    .map((device) => pathsOf(folders, device))
    .find(({ key, cert }) => existsSync(key) && !existsSync(cert));
  if (missing === undefined) return undefined;
  return warning(
    "certificate",
    `${thing}: its key is here, but its certificate was not fetched yet`,
    `npm run provision -- ${cluster} --fetch`,
  );
}
