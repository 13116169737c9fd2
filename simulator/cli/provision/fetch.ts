/** After a deploy: certificates, the endpoint, and the CA that it is trusted by, into the folder where the keys are. */
import { createPrivateKey, X509Certificate } from "node:crypto";
import { existsSync, readFileSync } from "node:fs";
import { rootCertificates } from "node:tls";
import { deviceNamed } from "../../../lib/device-files.ts";
import { UsageError } from "../shared/arguments.ts";
import { DEPLOY, type DeviceOutputs } from "../shared/stack-outputs.ts";
import {
  type DeviceFolders,
  type DevicePaths,
  makePrivateFolder,
  pathsOf,
  replaceFile,
  shown,
} from "./device-folders.ts";
import type { IotAccount } from "./iot-account.ts";

/** What `endpoint.json` holds. */
export interface SavedEndpoint {
  /** Host, and a port where it is not 8883. */
  readonly endpoint: string;
  readonly region: string;
}

/** What was fetched of a deployment, and where it was written. */
export interface Fetched extends SavedEndpoint {
  readonly certificates: readonly {
    readonly stem: string;
    readonly cert: string;
    /** False: the key is on another machine. */
    readonly hasKey: boolean;
  }[];
  /** Taken back by --retire or --revoke, and there until the next deploy. */
  readonly withdrawn: readonly { readonly stem: string; readonly status: string }[];
}

/**
 * The four roots that AWS IoT's endpoints chain to ("Server authentication", ATS endpoints), as Node brings them from
 * Mozilla's list.
 */
export const amazonRoots = (): string =>
  rootCertificates
    .filter((pem) => /\nO=Amazon\nCN=Amazon Root CA \d$/.test(new X509Certificate(pem).subject))
    .map((pem) => `${pem}\n`)
    .join("");

/**
 * @param caPem what the endpoint is trusted by
 * @throws UsageError when nothing was deployed for the cluster, or a certificate is not active, or not of our key.
 */
export async function fetchCluster(
  folders: DeviceFolders,
  outputs: DeviceOutputs,
  account: IotAccount,
  caPem: string,
): Promise<Fetched> {
  const { cluster } = folders;
  const deployed = [...outputs.certificates].flatMap(([stem, id]) => {
    const device = deviceNamed(stem);
    return device?.cluster === cluster ? { stem, id, paths: pathsOf(folders, device) } : [];
  });
  if (deployed.length === 0)
    throw new UsageError(
      `${outputs.file} names no certificate of ${cluster}: npm run provision -- ${cluster} makes keys and CSRs, ${DEPLOY} the certificates`,
    );
  const endpoint = await account.dataEndpoint();
  const found = await Promise.all(deployed.map((certificate) => look(certificate, cluster, account)));
  const active = found.filter((one) => one.kind === "active");
  makePrivateFolder(folders.dir);
  // The device SDK takes a PEM without a newline at its end for a broken one.
  for (const { cert, pem } of active) replaceFile(cert, pem.endsWith("\n") ? pem : `${pem}\n`, 0o644);
  replaceFile(folders.ca, caPem, 0o644);
  const saved: SavedEndpoint = { endpoint, region: outputs.region };
  replaceFile(folders.endpoint, `${JSON.stringify(saved, null, 2)}\n`, 0o644);
  return { ...saved, certificates: active, withdrawn: found.filter((one) => one.kind === "withdrawn") };
}

interface DeployedCertificate {
  readonly stem: string;
  readonly id: string;
  readonly paths: DevicePaths;
}

async function look({ stem, id, paths }: DeployedCertificate, cluster: string, account: IotAccount) {
  const { pem, status } = await account.certificate(id);
  if (status !== "ACTIVE") {
    if (!existsSync(paths.csr)) return { kind: "withdrawn", stem, status } as const;
    throw new UsageError(
      `the certificate of ${stem} (${id}) is ${status}, not ACTIVE, although its CSR is here: somebody changed it by hand. npm run provision -- ${cluster} --rotate ${deviceNamed(stem)?.node} begins another`,
    );
  }
  const hasKey = existsSync(paths.key);
  if (hasKey && !new X509Certificate(pem).checkPrivateKey(createPrivateKey(readFileSync(paths.key))))
    throw new UsageError(
      `${shown(paths.key)} does not belong to the certificate that was deployed for ${stem}: it is newer than the deploy; deploy again`,
    );
  return { kind: "active", stem, cert: paths.cert, hasKey, pem } as const;
}
