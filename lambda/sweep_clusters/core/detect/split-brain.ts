/**
 * Two nodes act as primary. Each sign needs both to have published lately, and again: after a takeover the node before is
 * silent, and after its chips were replaced a cluster starts again at a low term beside the last reading under a high one.
 */
import type { Facts } from "../../../../lib/contract/incidents.ts";
import { at, type Detector } from "../finding.ts";
import { type ClusterView, firingOf, type Heartbeat, newestOf, periodMs, unheardMs } from "../view.ts";

type SplitBrain = Facts & { kind: "split-brain" };

/** After a claim a node waits for so long until whoever acted before is done (simulator/protocol/hardened). Ms. */
export const SETTLE_MS = 120_000;
/** For so long only one must have published until the split is held to be healed. */
export const LONE_PERIODS = 4;
/** And for at least as long as two sweeps can be apart, ms: what lies between them is not seen. */
const LONE_MIN_MS = 3_600_000;
/** A takeover comes after two missed looks: whoever publishes sooner after another than this did not take over from it. */
export const BESIDE_PERIODS = 1.5;

const apartMs = (x: Heartbeat, y: Heartbeat): number => Math.abs(x.receivedMs - y.receivedMs);
const within = (periods: number, x: Heartbeat, y: Heartbeat): boolean =>
  apartMs(x, y) <= periods * Math.max(periodMs(x), periodMs(y));

/** Later on both clocks: one reading may have been delivered late. */
const later = (x: Heartbeat, y: Heartbeat): boolean =>
  x.receivedMs > y.receivedMs + SETTLE_MS && x.measuredMs > y.measuredMs + SETTLE_MS;

/** `measuredMs` of a node that is held to be dead, so long after it was found to be that it cannot be from before. */
function publishesThoughDead(cluster: ClusterView, one: Heartbeat): boolean {
  const dead = firingOf(cluster, "node-dead", one.node);
  return dead?.state === "firing" && one.measuredMs > dead.since.atMs + 2 * periodMs(one);
}

function signOf(cluster: ClusterView, x: Heartbeat, y: Heartbeat): SplitBrain["sign"] | undefined {
  if (within(LONE_PERIODS, x, y)) {
    if (x.term === y.term && x.term > 0) return "same-term";
    const [older, newer] = x.term < y.term ? [x, y] : [y, x];
    // Sooner than a takeover, they are two in any order: seen again, the older one has gone on beside the newer.
    const beside = later(older, newer) || within(BESIDE_PERIODS, older, newer);
    if (older.term > 0 && older.term < newer.term && beside) return "older-term-after-newer";
  }
  const thoughDead = publishesThoughDead(cluster, x) || publishesThoughDead(cluster, y);
  return thoughDead && within(BESIDE_PERIODS, x, y) ? "dead-node-publishes" : undefined;
}

const pairs = (all: readonly Heartbeat[]): readonly (readonly [Heartbeat, Heartbeat])[] =>
  all.flatMap((x, i) => all.slice(i + 1).map((y) => [x, y] as const));

/** The others were not heard for so long, while the newest reading's node was. */
const isLong = (unheard: number, newest: Heartbeat): boolean =>
  unheard > Math.max(LONE_PERIODS * periodMs(newest), LONE_MIN_MS);

/** Only one node has published for a while: the newest reading's. @param others who counts as another @default all */
export function lonePublisher(
  cluster: ClusterView,
  others: (one: Heartbeat) => boolean = () => true,
): Heartbeat | undefined {
  const newest = newestOf(cluster.heartbeats);
  if (newest === undefined) return undefined;
  const lone = cluster.heartbeats
    .filter((one) => one !== newest && others(one))
    .every((one) => isLong(unheardMs(cluster, one), newest));
  return lone ? newest : undefined;
}

/** Whether any two nodes of the cluster act as primary. */
export const splitBrain: Detector = (cluster) => {
  const about = { kind: "split-brain", subject: 0 } as const;
  for (const [x, y] of pairs(cluster.heartbeats)) {
    const sign = signOf(cluster, x, y);
    if (sign === undefined) continue;
    const nodes = [x, y].map(({ node, term, receivedMs }) => ({ node, term, atMs: receivedMs }));
    const [oldestMs, newestMs] = [Math.min(x.receivedMs, y.receivedMs), Math.max(x.receivedMs, y.receivedMs)];
    const evidence = {
      oldestMs,
      newestMs,
      says: `${Math.min(x.node, y.node)} and ${Math.max(x.node, y.node)}`,
    };
    const facts = { kind: "split-brain", nodes, sign } as const;
    return [{ ...about, fires: true, order: at(newestMs), facts, evidence }];
  }
  const lone = lonePublisher(cluster);
  return lone === undefined ? [] : [{ ...about, fires: false, order: at(lone.receivedMs) }];
};

/**
 * A node that is told dead and publishes, alone, is back: a healed split leaves that untold, because the nodes' own
 * bookkeeping was overwritten.
 */
export const returned: Detector = (cluster) => {
  const lone = lonePublisher(cluster);
  if (lone === undefined || !publishesThoughDead(cluster, lone)) return [];
  const dead = firingOf(cluster, "node-dead", lone.node);
  const term = Math.max(
    lone.term,
    ...(dead?.state === "firing" ? [dead.since.term, dead.renewed?.term ?? 0] : []),
  );
  return [{ kind: "node-dead", subject: lone.node, fires: false, order: { term, atMs: lone.receivedMs } }];
};
