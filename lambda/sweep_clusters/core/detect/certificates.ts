/**
 * Certificates that end soon. Those that AWS IoT makes from a CSR last until 2049 (docs/FACTS.md); those of a CA of one's
 * own end when its owner says so, and without a warning their nodes stop publishing on that day.
 */
import { CERTIFICATE_SOON_MS } from "../../../../lib/contract/incidents.ts";
import { at, type Finding } from "../finding.ts";

const DAY_MS = 86_400_000;
const MINUTE_MS = 60_000;

/** A certificate that is attached to a node's thing. */
export interface Certificate {
  /** As AWS IoT has it: `ACTIVE`, `INACTIVE`, `REVOKED`, … */
  readonly status: string;
  /** Not valid after this, epoch ms. */
  readonly expiresMs: number;
}

/** A node with all that is attached to its thing. */
export interface NodeCertificates {
  readonly node: number;
  readonly certificates: readonly Certificate[];
}

/**
 * Once a day for each cluster, each at another sweep of the UTC day: AWS IoT's control plane bounds the calls a second, and
 * many clusters at once would be throttled.
 * @param place of the cluster in the configuration, from 0
 */
export function asksCertificates(nowMs: number, sweepMinutes: number, place: number): boolean {
  const sweepMs = sweepMinutes * MINUTE_MS;
  return Math.floor((nowMs % DAY_MS) / sweepMs) === place % Math.floor(DAY_MS / sweepMs);
}

/**
 * Fires for a node whose newest active certificate ends soon, and is well when that is later. Nothing is said of a node
 * without an active one: it cannot connect, which other kinds tell.
 */
export const expiringCertificates = (nodes: readonly NodeCertificates[], nowMs: number): readonly Finding[] =>
  nodes.flatMap(({ node, certificates }): readonly Finding[] => {
    const active = certificates.filter(({ status }) => status === "ACTIVE");
    if (active.length === 0) return [];
    const expiresMs = Math.max(...active.map((one) => one.expiresMs));
    const about = { kind: "certificate-expiring", subject: node, order: at(nowMs) } as const;
    if (expiresMs - nowMs > CERTIFICATE_SOON_MS) return [{ ...about, fires: false }];
    return [{ ...about, fires: true, facts: { kind: "certificate-expiring", node, expiresMs } }];
  });
