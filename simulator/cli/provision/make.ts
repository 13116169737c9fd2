/** New keys and CSRs, on this machine alone. */
import { existsSync, mkdirSync, readFileSync } from "node:fs";
import { nodeName } from "../../../lib/contract/topics.ts";
import { type DeviceName, stemOf } from "../../../lib/device-files.ts";
import { UsageError } from "../shared/arguments.ts";
import {
  type DeviceFolders,
  makePrivateFolder,
  pathsOf,
  replaceFile,
  requestedDevices,
  shown,
} from "./device-folders.ts";
import { makeCsr, makeKey } from "./device-keys.ts";

/** What became of a node's key and CSR. */
export interface Made {
  readonly stem: string;
  readonly key: "new" | "kept" | "elsewhere";
  readonly csr: "new" | "kept";
}

/**
 * A key and a CSR for each node that lacks one. A key that is there is kept, and a CSR whose key is elsewhere, too.
 * @param force both anew for every node
 */
export async function makeAll(folders: DeviceFolders, nodes: number, force: boolean): Promise<Made[]> {
  const made: Made[] = [];
  for (let node = 0; node < nodes; node++) {
    const own = requestedDevices(folders).filter((device) => device.node === node);
    if (force && own.length > 1)
      throw new UsageError(
        `${nodeName(folders.cluster, node)} is being rotated (${own.map(stemOf).join(", ")}): finish that first, with --retire ${node}`,
      );
    const device = own.at(-1) ?? { cluster: folders.cluster, node, generation: 1 };
    made.push(await makeOne(folders, device, force));
  }
  return made;
}

/**
 * A second key and CSR for a node that has one, so that it can go over from one certificate to the next without a gap.
 * @throws UsageError when it has none yet, or two already.
 */
export async function rotate(folders: DeviceFolders, node: number): Promise<Made> {
  const { cluster } = folders;
  const thing = nodeName(cluster, node);
  const [first, second] = requestedDevices(folders).filter((device) => device.node === node);
  if (first === undefined)
    throw new UsageError(
      `${thing} has no CSR yet, so there is nothing to rotate: npm run provision -- ${cluster}`,
    );
  if (second !== undefined)
    throw new UsageError(
      `${thing} is being rotated already (${stemOf(first)}, ${stemOf(second)}): npm run provision -- ${cluster} --retire ${node} ends that`,
    );
  return makeOne(folders, { cluster, node, generation: first.generation + 1 }, false);
}

async function makeOne(folders: DeviceFolders, device: DeviceName, force: boolean): Promise<Made> {
  const { key, csr } = pathsOf(folders, device);
  const stem = stemOf(device);
  const [hasKey, hasCsr] = [existsSync(key), existsSync(csr)];
  if (hasCsr && !hasKey && !force) return { stem, key: "elsewhere", csr: "kept" };
  if (hasCsr && !force) return { stem, key: "kept", csr: "kept" };
  makePrivateFolder(folders.dir);
  mkdirSync(folders.csrs, { recursive: true });
  const keyIsNew = !hasKey || force;
  const keyPem = keyIsNew ? makeKey() : readFileSync(key, "utf8");
  const csrPem = await makeCsr(nodeName(device.cluster, device.node), keyPem, shown(key));
  // The key first: a CSR whose key was lost would be signed for nobody.
  if (keyIsNew) replaceFile(key, keyPem, 0o600);
  replaceFile(csr, csrPem, 0o644);
  return { stem, key: keyIsNew ? "new" : "kept", csr: "new" };
}
