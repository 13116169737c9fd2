/**
 * The certificates that may connect to the local cloud: the template's, signed from their CSRs and attached as it says;
 * and keys and certificates of the local cloud's own for things without one, so that clients can connect before any
 * node is provisioned.
 *
 * Not emulated: certificates that are attached to several things. One that is inactive in the template does not exist
 * here.
 */
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { THING_ATTRIBUTE } from "../../../lib/contract/topics.ts";
import { compileIotPolicy, type IotPolicy } from "../policy/iot.ts";
import type { Assembly, ResolvedResource } from "../template/assembly.ts";
import { TemplateError } from "../template/intrinsics.ts";
import { text } from "../template/properties.ts";
import type { BrokerDevice } from "./broker-access.ts";
import {
  type Authority,
  createCertificateAuthority,
  credentialPaths,
  type DeviceCertificate,
  type SignedCertificate,
  writeCredentials,
} from "./certificates.ts";

/** A node's thing, and the paths of its certificate and key. */
export interface NodeCredentials {
  readonly thing: string;
  readonly cluster: string;
  readonly node: number;
  readonly certPath: string;
  readonly keyPath: string;
}

/** A thing whose certificate was signed from its CSR: the local cloud does not have its key. */
export interface ProvisionedNode {
  readonly thing: string;
  readonly certPath: string;
}

/** A registered certificate, with its thing and policies. */
export interface RegisteredCertificate extends SignedCertificate, BrokerDevice<IotPolicy> {
  /** The names of `policies`. */
  readonly policyNames: readonly string[];
}

/** A certificate as the AWS IoT API describes it. */
export interface KnownCertificate
  extends Pick<RegisteredCertificate, "certPem" | "thingName" | "policyNames"> {
  readonly status: string;
}

/** The certificates of the local cloud: CA, server, and at least one for each thing of the template. */
export interface Identities {
  readonly caPem: string;
  readonly caPath: string;
  readonly server: { readonly certPem: string; readonly keyPem: string };
  /** By certificate id: the certificates that are active. */
  readonly devices: ReadonlyMap<string, RegisteredCertificate>;
  /** The nodes that have a key of the local cloud's own. */
  readonly nodes: readonly NodeCredentials[];
  readonly provisioned: readonly ProvisionedNode[];
  find(certificateId: string): KnownCertificate | undefined;
  /** Ids of a thing's certificates; undefined when there is no such thing. */
  certificatesOf(thingName: string): readonly string[] | undefined;
  /** Sets whether a certificate may open connections from now on ("UpdateCertificate"). */
  setStatus(certificateId: string, status: string): void;
  /** Writes the files; until then, those of an earlier run stay as they are. @throws KeysError */
  save(): Promise<void>;
}

/** How certificates are issued, and where they are kept. */
export interface IdentityOptions {
  /** The machine's time, epoch ms. */
  readonly realNowMs: number;
  /** Where `save` writes. */
  readonly keysDir: string;
  /** Which things get a key of the local cloud's own: every one, or those without a certificate in the template. */
  readonly ownKeys: "every-thing" | "uncertified";
  /**
   * Called with the id of each certificate of the template, and the name of its resource: their ARNs contain the id.
   */
  readonly onSigned: (name: string, certificateId: string) => void;
}

/** Certificates that cannot be written. The message says where, why, and what to type instead. */
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

/** Makes a temporary folder, removed at `stop` or at the process's exit: keys must not outlive the process. */
export function temporaryKeys(onStop: (end: () => void) => void): string {
  const dir = mkdtempSync(join(tmpdir(), "ha2m-"));
  const remove = (): void => {
    process.off("exit", remove);
    rmSync(dir, { recursive: true, force: true });
  };
  process.on("exit", remove);
  onStop(remove);
  return dir;
}

/** Issues all certificates. @throws TemplateError, PolicyError; Error for a CSR that AWS IoT would not sign */
export async function issueIdentities(assembly: Assembly, options: IdentityOptions): Promise<Identities> {
  const { realNowMs, keysDir } = options;
  const authority = await createCertificateAuthority(realNowMs);
  const server = await authority.issueServer(["localhost", "127.0.0.1"]);
  const things = assembly.resources("AWS::IoT::Thing");
  const policies = policiesByName(assembly);
  const signed = await signTemplates(assembly, authority, things, policies, options.onSigned);
  const own = await issueOwn(authority, things, policies, signed, options.ownKeys);

  const paths = credentialPaths(
    keysDir,
    things.map(({ name }) => name),
  );
  /** By thing: its last certificate, which is the new one in a rotation. */
  const newest = new Map<string, SignedCertificate>(signed.map((device) => [device.thingName, device]));
  const save = async (): Promise<void> => {
    try {
      await writeCredentials(keysDir, authority.caPem, new Map([...newest, ...own]));
    } catch (cause) {
      throw new KeysError(keysDir, cause);
    }
  };
  return {
    caPem: authority.caPem,
    caPath: paths.ca,
    server,
    nodes: things
      .filter(({ name }) => own.has(name))
      .map((thing) => nodeCredentials(thing, paths.devices.get(thing.name)!)),
    provisioned: things
      .filter(({ name }) => !own.has(name))
      .map(({ name }) => ({ thing: name, certPath: paths.devices.get(name)!.cert })),
    ...registry([...signed, ...own.values()], things),
    save,
  };
}

type OwnDevice = DeviceCertificate & RegisteredCertificate;

/** By thing: the key and certificate of the local cloud's own, for things that get one. */
async function issueOwn(
  authority: Authority,
  things: readonly ResolvedResource[],
  policies: ReadonlyMap<string, IotPolicy>,
  signed: readonly RegisteredCertificate[],
  ownKeys: IdentityOptions["ownKeys"],
): Promise<Map<string, OwnDevice>> {
  const own = new Map<string, OwnDevice>();
  for (const thing of things) {
    const theirs = signed.filter(({ thingName }) => thingName === thing.name);
    if (ownKeys === "uncertified" && theirs.length > 0) continue;
    // The policies of its certificates; a thing that has none gets every policy.
    const granted =
      theirs.length > 0 ? new Set(theirs.flatMap((device) => device.policyNames)) : policies.keys();
    const attached = {
      thingName: thing.name,
      attributes: attributesOf(thing),
      ...granting(granted, policies),
    };
    own.set(thing.name, { ...(await authority.issueDevice(thing.name)), ...attached });
  }
  return own;
}

function nodeCredentials(
  thing: ResolvedResource,
  files: { readonly cert: string; readonly key: string },
): NodeCredentials {
  const attributes = attributesOf(thing);
  return {
    thing: thing.name,
    cluster: attributes[THING_ATTRIBUTE.cluster] ?? "",
    node: Number(attributes[THING_ATTRIBUTE.node]),
    certPath: files.cert,
    keyPath: files.key,
  };
}

/** The certificates by id, with their status: each is ACTIVE until `setStatus` changes that. */
function registry(
  devices: readonly RegisteredCertificate[],
  things: readonly ResolvedResource[],
): Pick<Identities, "devices" | "find" | "certificatesOf" | "setStatus"> {
  const registered = new Map(devices.map((device) => [device.certificateId, device]));
  const active = new Map(registered);
  const statuses = new Map<string, string>();
  return {
    devices: active,
    find: (id) => {
      const device = registered.get(id);
      return device && { ...device, status: statuses.get(id) ?? "ACTIVE" };
    },
    certificatesOf: (thing) =>
      things.some(({ name }) => name === thing)
        ? [...registered].filter(([, { thingName }]) => thingName === thing).map(([id]) => id)
        : undefined,
    setStatus: (id, status) => {
      const device = registered.get(id);
      if (device !== undefined && status === "ACTIVE") active.set(id, device);
      else active.delete(id);
      statuses.set(id, status);
    },
  };
}

const granting = (names: Iterable<string>, policies: ReadonlyMap<string, IotPolicy>) => {
  const policyNames = [...names];
  return { policyNames, policies: policyNames.flatMap((name) => policies.get(name) ?? []) };
};

const policiesByName = (assembly: Assembly): Map<string, IotPolicy> =>
  new Map(
    assembly
      .resources("AWS::IoT::Policy")
      .map(({ name, properties, stack, logicalId }) => [
        name,
        compileIotPolicy(properties.PolicyDocument, `${stack}/${logicalId}`),
      ]),
  );

/** The template's certificates that are active and attached to a thing, in its order, signed. */
async function signTemplates(
  assembly: Assembly,
  authority: Authority,
  things: readonly ResolvedResource[],
  policies: ReadonlyMap<string, IotPolicy>,
  onSigned: IdentityOptions["onSigned"],
): Promise<RegisteredCertificate[]> {
  const requested = assembly.resources("AWS::IoT::Certificate");
  const signed = new Map<string, SignedCertificate>();
  for (const { name, stack, logicalId, properties } of requested) {
    const where = `${stack}/${logicalId}`;
    const csr = text(properties, "CertificateSigningRequest", where);
    const certificate = await authority.signCsr(csr, where);
    signed.set(name, certificate);
    onSigned(name, certificate.certificateId);
  }
  // From here on the certificates have their ARNs.
  const attachments = (what: "Thing" | "Policy") =>
    assembly.resources(`AWS::IoT::${what}PrincipalAttachment`).map(({ properties, stack, logicalId }) => ({
      name: text(properties, `${what}Name`, `${stack}/${logicalId}`),
      principal: text(properties, "Principal", `${stack}/${logicalId}`),
    }));
  const [ofThings, ofPolicies] = [attachments("Thing"), attachments("Policy")];
  return assembly
    .resources("AWS::IoT::Certificate")
    .flatMap(({ name, arn, stack, logicalId, properties }) => {
      const where = `${stack}/${logicalId}`;
      const [thing, ...others] = ofThings.filter(({ principal }) => principal === arn);
      if (others.length > 0)
        throw new TemplateError(`${where}: a certificate of several things is not emulated`);
      const attributes = things.find((known) => known.name === thing?.name);
      if (properties.Status !== "ACTIVE" || attributes === undefined) return [];
      const granted = ofPolicies
        .filter(({ principal }) => principal === arn)
        .map((attached) => attached.name);
      return {
        ...signed.get(name)!,
        thingName: attributes.name,
        attributes: attributesOf(attributes),
        ...granting(granted, policies),
      };
    });
}

function attributesOf({ properties }: ResolvedResource): Record<string, string> {
  const payload = properties.AttributePayload as { readonly Attributes?: Record<string, string> } | undefined;
  return { ...payload?.Attributes };
}
