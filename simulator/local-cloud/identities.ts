/** Certificates of the local cloud: its own, and one for each thing of the template. */
import { rmSync } from "node:fs";
import { mkdtemp } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { THING_ATTRIBUTE } from "../../lib/contract/topics.ts";
import type { BrokerDevice } from "./broker-access.ts";
import { createCertificateAuthority, type DeviceCertificate, writeCredentials } from "./certificates.ts";
import { compileIotPolicy, type IotPolicy } from "./policy/iot.ts";
import type { Assembly, ResolvedResource } from "./template/assembly.ts";

/** A node's identity and where its files are. */
export interface NodeCredentials {
  readonly thing: string;
  readonly cluster: string;
  readonly node: number;
  readonly certPath: string;
  readonly keyPath: string;
}

export interface IdentityOptions {
  /** The machine's time, epoch ms. */
  readonly realNowMs: number;
  /** Undefined: a temporary folder. */
  readonly keysDir: string | undefined;
}

export interface Identities {
  readonly caPem: string;
  readonly caPath: string;
  readonly server: { readonly certPem: string; readonly keyPem: string };
  readonly devices: ReadonlyMap<string, BrokerDevice<IotPolicy>>;
  readonly nodes: readonly NodeCredentials[];
}

/**
 * A certificate for every thing, with every policy of the template attached, as the template has no attachments yet: the
 * keys of a deployed node never leave it, so its certificate is made outside the template.
 */
export async function issueIdentities(
  assembly: Assembly,
  { realNowMs, keysDir }: IdentityOptions,
  onStop: (end: () => void) => void,
): Promise<Identities> {
  const authority = await createCertificateAuthority(realNowMs);
  const things = assembly.resources("AWS::IoT::Thing");
  const policies = assembly
    .resources("AWS::IoT::Policy")
    .map(({ properties, stack, logicalId }) =>
      compileIotPolicy(properties.PolicyDocument, `${stack}/${logicalId}`),
    );
  const server = await authority.issueServer(["localhost", "127.0.0.1"]);
  const issued = new Map<string, DeviceCertificate>();
  for (const { name } of things) issued.set(name, await authority.issueDevice(name));

  const dir = keysDir ?? (await mkdtemp(join(tmpdir(), "ha2m-")));
  // Registered once nothing is written to it any more: keys must not outlive the run that failed meanwhile.
  const remove = (): void => rmSync(dir, { recursive: true, force: true });
  const written = writeCredentials(dir, authority.caPem, issued);
  if (keysDir === undefined) written.finally(() => onStop(remove)).catch(() => {});
  const paths = await written;

  const nodes = things.map((thing) => {
    const files = paths.devices.get(thing.name)!;
    const attributes = attributesOf(thing);
    return {
      thing: thing.name,
      cluster: attributes[THING_ATTRIBUTE.cluster] ?? "",
      node: Number(attributes[THING_ATTRIBUTE.node]),
      certPath: files.cert,
      keyPath: files.key,
    };
  });
  const devices = new Map(
    things.map((thing) => [
      issued.get(thing.name)!.certificateId,
      { thingName: thing.name, attributes: attributesOf(thing), policies },
    ]),
  );
  return { caPem: authority.caPem, caPath: paths.ca, server, devices, nodes };
}

function attributesOf({ properties }: ResolvedResource): Record<string, string> {
  const payload = properties.AttributePayload as { readonly Attributes?: Record<string, string> } | undefined;
  return { ...payload?.Attributes };
}
