/** The end of a certificate: the old one after a rotation, or all of a node that was lost. */
import { existsSync, rmSync } from "node:fs";
import { nodeName } from "../../../lib/contract/topics.ts";
import { type DeviceName, stemOf } from "../../../lib/device-files.ts";
import { UsageError } from "../shared/arguments.ts";
import type { DeviceOutputs } from "../shared/stack-outputs.ts";
import { type DeviceFolders, pathsOf, requestedDevices } from "./device-folders.ts";
import type { IotAccount } from "./iot-account.ts";

/** One certificate to be withdrawn. */
export interface Withdrawal {
  readonly stem: string;
  /** Undefined: it was never deployed. */
  readonly id: string | undefined;
  readonly status: "INACTIVE" | "REVOKED";
  /** Those that are there and go. */
  readonly files: readonly string[];
}

/**
 * All but the newest of a node.
 * @throws UsageError when there is one only, or the newest is not deployed and fetched: the node would be left with none.
 */
export function retirement(folders: DeviceFolders, node: number, outputs: DeviceOutputs): Withdrawal[] {
  const { cluster } = folders;
  const own = requestedDevices(folders).filter((device) => device.node === node);
  const newest = own.at(-1);
  if (newest === undefined || own.length === 1)
    throw new UsageError(
      `${nodeName(cluster, node)} has ${own.length === 0 ? "no certificate" : "one certificate"}, so there is none to retire; npm run provision -- ${cluster} --rotate ${node} begins a rotation`,
    );
  const stem = stemOf(newest);
  if (!outputs.certificates.has(stem))
    throw new UsageError(`${stem} is not in ${outputs.file}: deploy first, or the node has no certificate`);
  if (!existsSync(pathsOf(folders, newest).cert))
    throw new UsageError(
      `the certificate of ${stem} was never fetched: npm run provision -- ${cluster} --fetch, and copy it to the node with its key, before you retire the old one`,
    );
  return own.slice(0, -1).map((device) => withdrawalOf(folders, device, outputs, "INACTIVE"));
}

/** All of a node. @throws UsageError when it has none. */
export function revocation(folders: DeviceFolders, node: number, outputs: DeviceOutputs): Withdrawal[] {
  const { cluster } = folders;
  const requested = requestedDevices(folders).filter((device) => device.node === node);
  if (requested.length === 0)
    throw new UsageError(
      `${nodeName(cluster, node)} has no CSR in ${folders.csrs}: there is nothing to revoke`,
    );
  return requested.map((device) => withdrawalOf(folders, device, outputs, "REVOKED"));
}

function withdrawalOf(
  folders: DeviceFolders,
  device: DeviceName,
  outputs: DeviceOutputs,
  status: Withdrawal["status"],
): Withdrawal {
  const stem = stemOf(device);
  const { key, csr, cert } = pathsOf(folders, device);
  return { stem, id: outputs.certificates.get(stem), status, files: [csr, cert, key].filter(existsSync) };
}

/** The certificates first: files stay until nobody can connect with them. */
export async function withdraw(withdrawals: readonly Withdrawal[], account: IotAccount): Promise<void> {
  for (const { id, status } of withdrawals) if (id !== undefined) await account.setStatus(id, status);
  for (const file of withdrawals.flatMap(({ files }) => files)) rmSync(file, { force: true });
}
