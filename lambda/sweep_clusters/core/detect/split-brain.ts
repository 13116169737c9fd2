/**
 * Two nodes act as primary. Each sign needs both to have published lately: after a takeover the node before is silent, and
 * after its chips were replaced a cluster starts again at a low term beside an old heartbeat under a high one.
 */
import type { Facts } from "../../../../lib/contract/incidents.ts";
import { at, type Detector } from "../finding.ts";
import { type ClusterView, firingOf, type Heartbeat, newestOf, periodMs } from "../view.ts";

type SplitBrain = Facts & { kind: "split-brain" };

/** After a claim a node waits for so long until whoever acted before is done (simulator/protocol/hardened). Ms. */
export const SETTLE_MS = 120_000;
/** For so long only one must have published until the split is held to be healed. */
export const LONE_PERIODS = 4;
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
    if (older.term > 0 && older.term < newer.term && later(older, newer)) return "older-term-after-newer";
  }
  const thoughDead = publishesThoughDead(cluster, x) || publishesThoughDead(cluster, y);
  return thoughDead && within(BESIDE_PERIODS, x, y) ? "dead-node-publishes" : undefined;
}

const pairs = (all: readonly Heartbeat[]): readonly (readonly [Heartbeat, Heartbeat])[] =>
  all.flatMap((x, i) => all.slice(i + 1).map((y) => [x, y] as const));

/** Only one node has published for a while: the newest reading's. */
export function lonePublisher(heartbeats: readonly Heartbeat[]): Heartbeat | undefined {
  const newest = newestOf(heartbeats);
  const lone = heartbeats.every(
    (one) =>
      one === newest || (newest !== undefined && apartMs(one, newest) > LONE_PERIODS * periodMs(newest)),
  );
  return lone ? newest : undefined;
}

/** Whether any two nodes of the cluster act as primary. */
export const splitBrain: Detector = (cluster) => {
  const about = { kind: "split-brain", subject: 0 } as const;
  for (const [x, y] of pairs(cluster.heartbeats)) {
    const sign = signOf(cluster, x, y);
    if (sign === undefined) continue;
    const nodes = [x, y].map(({ node, term, receivedMs }) => ({ node, term, atMs: receivedMs }));
    const order = at(Math.max(x.receivedMs, y.receivedMs));
    return [{ ...about, fires: true, order, facts: { kind: "split-brain", nodes, sign } }];
  }
  const lone = lonePublisher(cluster.heartbeats);
  return lone === undefined ? [] : [{ ...about, fires: false, order: at(lone.receivedMs) }];
};

/**
 * A node that is told dead and publishes, alone, is back: a healed split leaves that untold, because the nodes' own
 * bookkeeping was overwritten.
 */
export const returned: Detector = (cluster) => {
  const lone = lonePublisher(cluster.heartbeats);
  if (lone === undefined || !publishesThoughDead(cluster, lone)) return [];
  const dead = firingOf(cluster, "node-dead", lone.node);
  const term = Math.max(lone.term, dead?.state === "firing" ? dead.since.term : 0);
  return [{ kind: "node-dead", subject: lone.node, fires: false, order: { term, atMs: lone.receivedMs } }];
};
