/** A deployed backend, as nodes of this machine reach it: endpoint and certificates, each checked before anything is sent. */
import { X509Certificate } from "node:crypto";
import { existsSync, readFileSync } from "node:fs";
import { thingName } from "../../../../lib/contract/topics.ts";
import { type DeviceName, deviceNamed } from "../../../../lib/device-files.ts";
import { certificateId } from "../../../local-cloud/iot/certificate-id.ts";
import { type DeviceCredentials, readDeviceCredentials } from "../../../node/device-credentials.ts";
import { type DeviceFolders, deviceFolders, pathsOf, shown } from "../../provision/device-folders.ts";
import type { SavedEndpoint } from "../../provision/fetch.ts";
import { UsageError } from "../../shared/arguments.ts";
import { DEPLOY, type DeviceOutputs, readDeviceOutputs } from "../../shared/stack-outputs.ts";

/** Where a deployed backend's facts are. */
export interface Whereabouts {
  /** Host and, where it is not 8883, port. @default as it was fetched */
  readonly endpoint: string | undefined;
  /** What `cdk deploy --outputs-file` wrote. @default cdk-outputs.json */
  readonly outputs: string | undefined;
  /** Keys, certificates, CA. @default .ha2m/devices/CLUSTER */
  readonly devices: string | undefined;
}

/** The credentials of one node's thing. */
export interface DeployedNode extends DeviceCredentials {
  readonly thing: string;
}

/** A deployed backend, as the nodes reach it. */
export interface Backend {
  readonly host: string;
  readonly port: number;
  readonly region: string;
  readonly nodes: readonly DeployedNode[];
}

const COMMAND = "simulate";
/** MQTT over TLS. */
const PORT = 8_883;

/**
 * @param nowMs real time, epoch milliseconds: expiry is judged by it.
 * @throws UsageError, or UplinkError `bad-credentials`, naming what is missing, wrong, expired or of another deploy.
 */
export async function openBackend(
  { name: cluster, deployment }: { readonly name: string; readonly deployment: string },
  nodes: number,
  where: Whereabouts,
  nowMs: number,
): Promise<Backend> {
  const outputs = readDeviceOutputs(COMMAND, where.outputs, deployment);
  const folders = deviceFolders(COMMAND, cluster, where.devices);
  const { host, port } = endpointOf(where.endpoint ?? savedEndpoint(folders, outputs));
  checkRegion(host, outputs);
  const opened: DeployedNode[] = [];
  for (let node = 0; node < nodes; node++) opened.push(await openNode(folders, node, outputs, nowMs));
  return { host, port, region: outputs.region, nodes: opened };
}

const fetchFirst = (cluster: string): string => `npm run provision -- ${cluster} --fetch`;

function savedEndpoint({ endpoint: file, cluster }: DeviceFolders, outputs: DeviceOutputs): string {
  let saved: Partial<SavedEndpoint> | null;
  try {
    saved = JSON.parse(readFileSync(file, "utf8"));
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    const why = code === undefined ? "is not JSON" : code === "ENOENT" ? "is not there" : `(${code})`;
    throw new UsageError(
      `${shown(file)} ${why}: ${fetchFirst(cluster)} writes it, or give --endpoint HOST[:PORT]`,
    );
  }
  if (typeof saved?.endpoint !== "string")
    throw new UsageError(`${shown(file)} names no endpoint: ${fetchFirst(cluster)} writes it`);
  if (saved.region !== outputs.region)
    throw new UsageError(
      `${shown(file)} is of ${saved.region}, ${outputs.file} of ${outputs.region}: ${fetchFirst(cluster)} fetches what was deployed last`,
    );
  return saved.endpoint;
}

function endpointOf(text: string): { host: string; port: number } {
  const [, host, port = String(PORT)] = /^([A-Za-z0-9.-]+?)(?::(\d{1,5}))?$/.exec(text) ?? [];
  if (host === undefined)
    throw new UsageError(
      `--endpoint takes HOST or HOST:PORT, such as a1b2c3-ats.iot.us-east-1.amazonaws.com, not "${text}".`,
    );
  return { host, port: Number(port) };
}

/** AWS's endpoints have their region in their names. */
function checkRegion(host: string, { region, file }: DeviceOutputs): void {
  const named = /\.iot\.([a-z0-9-]+)\.amazonaws\./.exec(host)?.[1];
  if (named !== undefined && named !== region)
    throw new UsageError(`the endpoint ${host} is in ${named}, but ${file} is of a deploy to ${region}`);
}

/** By the newest of its certificates that is deployed and here: during a rotation it may have two. */
async function openNode(
  folders: DeviceFolders,
  node: number,
  { name, certificates, file }: DeviceOutputs,
  nowMs: number,
): Promise<DeployedNode> {
  const { cluster } = folders;
  const thing = thingName(cluster, node, name);
  const deployed = [...certificates.keys()]
    .map(deviceNamed)
    .filter((device): device is DeviceName => device?.cluster === cluster && device.node === node)
    .sort((x, y) => y.generation - x.generation)
    .map((device) => ({ ...pathsOf(folders, device), device }));
  const [newest] = deployed;
  if (newest === undefined)
    throw new UsageError(
      `${file} names no certificate of ${thing}: npm run provision -- ${cluster} makes its key and CSR, ${DEPLOY} the certificate`,
    );
  const chosen = deployed.find(({ cert, key }) => existsSync(cert) && existsSync(key));
  if (chosen === undefined) {
    const missing = existsSync(newest.cert) ? newest.key : newest.cert;
    throw new UsageError(
      `${shown(missing)} is not there: ${
        missing === newest.key
          ? `the key of ${thing} is on another machine, so run it there`
          : `${fetchFirst(cluster)} fetches it`
      }`,
    );
  }
  const { cert, key } = chosen;
  const credentials = await readDeviceCredentials(
    { ca: shown(folders.ca), cert: shown(cert), key: shown(key) },
    nowMs,
  );
  const id = certificateId(new X509Certificate(credentials.certPem).raw);
  if (![...certificates.values()].includes(id))
    throw new UsageError(`${shown(cert)} is of another deploy than ${file}: ${fetchFirst(cluster)}`);
  return { thing, ...credentials };
}
