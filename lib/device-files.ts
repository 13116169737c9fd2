/**
 * How a node's files are named. Its first key, CSR and certificate have its thing's name, those of a rotation a
 * generation besides: `kitchen-0.csr.pem`, `kitchen-0.2.csr.pem`.
 */
import { NODES_MAX, nodeName } from "./contract/topics.ts";

/** Where the app finds the nodes' CSRs, in the project's folder; a CSR is no secret, and belongs under version control. */
export const CSR_FOLDER = "devices";
/** How the name of a certificate signing request ends, after the node's: `kitchen-0.csr.pem`. */
export const CSR_ENDING = ".csr.pem";

/** One certificate of one node. */
export interface DeviceName {
  readonly cluster: string;
  readonly node: number;
  /** 1, and one more with each rotation. */
  readonly generation: number;
}

/** `kitchen-0`, `kitchen-0.2`. */
export const stemOf = ({ cluster, node, generation }: DeviceName): string =>
  generation === 1 ? nodeName(cluster, node) : `${nodeName(cluster, node)}.${generation}`;

const STEM = /^([a-z][a-z0-9-]*)-(\d)(?:\.(\d{1,6}))?$/;

/** What a stem names; undefined for a name of any other form, `kitchen-0.1` among them. */
export function deviceNamed(stem: string): DeviceName | undefined {
  const [, cluster, node, generation] = STEM.exec(stem) ?? [];
  if (cluster === undefined) return undefined;
  const name = { cluster, node: Number(node), generation: Number(generation ?? 1) };
  return name.node < NODES_MAX && stemOf(name) === stem ? name : undefined;
}
