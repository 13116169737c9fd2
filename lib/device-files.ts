/**
 * Names of a node's files. Its first key, CSR and certificate have the node's name; those of a rotation also have a
 * generation: `kitchen-0.csr.pem`, `kitchen-0.2.csr.pem`.
 */
import { NODES_MAX, nodeName } from "./contract/topics.ts";

/**
 * Where the app finds the nodes' CSRs, in the project's folder; a CSR is no secret, and belongs under version control.
 */
export const CSR_FOLDER = "devices";
/** Ending of a CSR's file name, after the stem: `kitchen-0.csr.pem`. */
export const CSR_ENDING = ".csr.pem";

/** One certificate of one node. */
export interface DeviceName {
  readonly cluster: string;
  readonly node: number;
  /** 1 for the first one, and one more for each rotation. */
  readonly generation: number;
}

/** The stem of its files' names: `kitchen-0`, `kitchen-0.2`. */
export const stemOf = ({ cluster, node, generation }: DeviceName): string =>
  generation === 1 ? nodeName(cluster, node) : `${nodeName(cluster, node)}.${generation}`;

const STEM = /^([a-z][a-z0-9-]*)-(\d)(?:\.(\d{1,6}))?$/;

/** The certificate that a stem names; undefined for any other form, such as `kitchen-0.1`. */
export function deviceNamed(stem: string): DeviceName | undefined {
  const [, cluster, node, generation] = STEM.exec(stem) ?? [];
  if (cluster === undefined) return undefined;
  const name = { cluster, node: Number(node), generation: Number(generation ?? 1) };
  return name.node < NODES_MAX && stemOf(name) === stem ? name : undefined;
}
