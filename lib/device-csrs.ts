/** Reads the nodes' CSRs from their folder, and checks them against the configuration. */
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import type { ClusterConfig } from "./config.ts";
import { nodeName } from "./contract/topics.ts";
import { readCsr } from "./csr.ts";
import { CSR_ENDING, type DeviceName, deviceNamed, stemOf } from "./device-files.ts";

/** A CSR of a node of the configuration, which AWS IoT will sign. */
export interface DeviceCsr extends DeviceName {
  readonly pem: string;
}

/** CSRs with mistakes. The message is for people: every file that is wrong, and what to do. */
export class CsrError extends Error {
  override readonly name = "CsrError";
  readonly code = "CFG-002";
  readonly problems: readonly string[];

  constructor(problems: readonly string[]) {
    super([`CFG-002 the nodes' CSRs:`, ...problems.map((problem) => `  - ${problem}`)].join("\n"));
    this.problems = problems;
  }
}

type Clusters = ReadonlyMap<string, ClusterConfig>;

/**
 * Every `*.csr.pem` of a folder, ordered by cluster, node and generation; empty where there is no such folder.
 * @param shown the folder's name in errors
 * @throws CsrError with every mistake
 */
export async function readDeviceCsrs(
  folder: string,
  clusters: Clusters,
  shown = folder,
): Promise<DeviceCsr[]> {
  const problems: string[] = [];
  const csrs: DeviceCsr[] = [];
  /** By public key. */
  const files = new Map<string, string>();
  for (const file of pemFiles(folder)) {
    const where = `${shown}/${file}`;
    try {
      const pem = readFileSync(join(folder, file), "utf8");
      if (/-----BEGIN [A-Z ]*PRIVATE KEY-----/.test(pem))
        throw new Error(`${where}: contains a private key, which must not be here; move it to its node`);
      if (!file.endsWith(CSR_ENDING)) continue;
      const csr = await checked(file.slice(0, -CSR_ENDING.length), pem, where, clusters);
      const twin = files.get(csr.key);
      if (twin !== undefined)
        throw new Error(`${where}: has the same key as ${shown}/${twin}; each node needs its own`);
      files.set(csr.key, file);
      csrs.push(csr.csr);
    } catch (error) {
      problems.push((error as Error).message);
    }
  }
  if (problems.length > 0) throw new CsrError(problems);
  return csrs.sort(
    (x, y) => x.cluster.localeCompare(y.cluster) || x.node - y.node || x.generation - y.generation,
  );
}

function pemFiles(folder: string): string[] {
  try {
    return readdirSync(folder)
      .filter((name) => name.endsWith(".pem"))
      .sort();
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ENOENT") return [];
    throw error;
  }
}

async function checked(
  stem: string,
  pem: string,
  where: string,
  clusters: Clusters,
): Promise<{ csr: DeviceCsr; key: string }> {
  const name = deviceNamed(stem);
  if (name === undefined)
    throw new Error(
      `${where}: "${stem}" is not a node's name; expected CLUSTER-NODE${CSR_ENDING}, such as kitchen-0${CSR_ENDING}`,
    );
  const { cluster, node } = name;
  const config = clusters.get(cluster);
  if (config === undefined)
    throw new Error(
      `${where}: there is no cluster "${cluster}" in cdk.json, only ${[...clusters.keys()].join(", ")}; add it there, or remove the file`,
    );
  if (node >= config.nodes)
    throw new Error(
      `${where}: ${cluster} has ${config.nodes} nodes in cdk.json, 0 to ${config.nodes - 1}; raise the number there, or remove the file`,
    );
  const { commonNames, publicKey } = await readCsr(pem, where).catch((error: Error) => {
    throw new Error(
      `${error.message}. Remove it; npm run provision -- ${cluster} makes another from the node's key`,
    );
  });
  const thing = nodeName(cluster, node);
  if (commonNames.length !== 1 || commonNames[0] !== thing)
    throw new Error(
      `${where}: the CSR is for CN=${commonNames.join(",") || "nobody"}, expected CN=${thing}; it may have been renamed. Each file of ${stemOf(name)} belongs to that node only`,
    );
  return { csr: { ...name, pem }, key: Buffer.from(publicKey.rawData).toString("base64") };
}
