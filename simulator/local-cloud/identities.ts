/** Certificates of the local cloud: its own, and one for each thing of the template. */
import { rmSync } from "node:fs";
import { mkdtemp } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { THING_ATTRIBUTE } from "../../lib/contract/topics.ts";
import type { BrokerDevice } from "./broker-access.ts";
import {
  createCertificateAuthority,
  credentialPaths,
  type DeviceCertificate,
  writeCredentials,
} from "./certificates.ts";
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

export interface Identities {
  readonly caPem: string;
  readonly caPath: string;
  readonly server: { readonly certPem: string; readonly keyPem: string };
  readonly devices: ReadonlyMap<string, BrokerDevice<IotPolicy>>;
  readonly nodes: readonly NodeCredentials[];
  /** Puts the files in place; until then, none of an earlier run is touched. @throws KeysError */
  save(): Promise<void>;
}

/** Certificates that cannot be written: where, why, and what to type instead. */
export class KeysError extends Error {
  override readonly name = "KeysError";

  constructor(directory: string, cause: unknown) {
    const why = cause instanceof Error ? cause.message : String(cause);
    super(
      `the certificates cannot be written to ${directory} (${why}); choose another folder with --keys DIR`,
      {
        cause,
      },
    );
  }
}

/** A temporary folder, removed at `stop` and, when the process ends without it, at its exit: keys must not outlive it. */
export async function temporaryKeys(onStop: (end: () => void) => void): Promise<string> {
  const dir = await mkdtemp(join(tmpdir(), "ha2m-"));
  const remove = (): void => {
    process.off("exit", remove);
    rmSync(dir, { recursive: true, force: true });
  };
  process.on("exit", remove);
  onStop(remove);
  return dir;
}

/**
 * A certificate for every thing, with every policy of the template attached, as the template has no attachments yet: the
 * keys of a deployed node never leave it, so its certificate is made outside the template.
 * @param realNowMs the machine's time, epoch ms
 * @param keysDir where `save` writes them
 */
export async function issueIdentities(
  assembly: Assembly,
  realNowMs: number,
  keysDir: string,
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

  const paths = credentialPaths(keysDir, issued.keys());
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
  const save = async (): Promise<void> => {
    try {
      await writeCredentials(keysDir, authority.caPem, issued);
    } catch (cause) {
      throw new KeysError(keysDir, cause);
    }
  };
  return { caPem: authority.caPem, caPath: paths.ca, server, devices, nodes, save };
}

function attributesOf({ properties }: ResolvedResource): Record<string, string> {
  const payload = properties.AttributePayload as { readonly Attributes?: Record<string, string> } | undefined;
  return { ...payload?.Attributes };
}
