/** Where the files of a cluster's nodes are: what is secret or fetched in one folder, the CSRs where the app finds them. */
import { chmodSync, existsSync, mkdirSync, readdirSync } from "node:fs";
import { join, relative } from "node:path";
import { CSR_ENDING, CSR_FOLDER, type DeviceName, deviceNamed, stemOf } from "../../../lib/device-files.ts";
import { projectRoot } from "../../project-root.ts";
import { writeFile } from "../../write-file.ts";
import { callersPath } from "../shared/callers-path.ts";

/** Ignored by git. */
export const DEVICES_FOLDER = ".ha2m/devices";

/** Files of one certificate. */
export interface DevicePaths {
  readonly key: string;
  readonly csr: string;
  readonly cert: string;
}

/** One cluster's. */
export interface DeviceFolders {
  readonly cluster: string;
  /** Absolute, or as the caller gave it. */
  readonly dir: string;
  readonly ca: string;
  readonly endpoint: string;
  readonly csrs: string;
}

/** @param given the caller's --out @default `.ha2m/devices/CLUSTER` */
export function deviceFolders(command: string, cluster: string, given?: string): DeviceFolders {
  const root = projectRoot();
  const dir = given === undefined ? join(root, DEVICES_FOLDER, cluster) : callersPath(command, given);
  return {
    cluster,
    dir,
    ca: join(dir, "ca.pem"),
    endpoint: join(dir, "endpoint.json"),
    csrs: join(root, CSR_FOLDER),
  };
}

/** Where a device's files belong. */
export function pathsOf({ dir, csrs }: DeviceFolders, device: DeviceName): DevicePaths {
  const stem = stemOf(device);
  return {
    key: join(dir, `${stem}.key.pem`),
    csr: join(csrs, `${stem}${CSR_ENDING}`),
    cert: join(dir, `${stem}.cert.pem`),
  };
}

/** The cluster's CSRs that are there, by node and generation. */
export function requestedDevices({ cluster, csrs }: DeviceFolders): DeviceName[] {
  if (!existsSync(csrs)) return [];
  return readdirSync(csrs)
    .filter((file) => file.endsWith(CSR_ENDING))
    .map((file) => deviceNamed(file.slice(0, -CSR_ENDING.length)))
    .filter((device) => device !== undefined)
    .filter((device) => device.cluster === cluster)
    .sort((x, y) => x.node - y.node || x.generation - y.generation);
}

/** Nobody but the owner may look into a folder of keys. */
export function makePrivateFolder(dir: string): void {
  mkdirSync(dir, { recursive: true, mode: 0o700 });
  chmodSync(dir, 0o700); // mkdir leaves an existing folder as it was
}

/** In place of the file or link that is there, with these permissions. @throws FileError */
export const replaceFile = (path: string, text: string, mode: number): void =>
  writeFile({ path, data: text, mode });

/** Shorter, where it lies below the working folder. */
export function shown(path: string): string {
  const short = relative(process.cwd(), path);
  return short.startsWith("..") ? path : short;
}
