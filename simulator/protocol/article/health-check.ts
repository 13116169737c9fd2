/**
 * `health_check` and `reset_node` of the published protocol, as pure functions of the map. They stay as published: this
 * is the baseline, failures included. Where the article is silent, the choice is marked "silent:".
 */
import type { Change } from "../effects.ts";
import { bit, type ClusterMap, counterOf, has, nodesIn, primaryOf, withCounter } from "./map.ts";

/** This node's role by the map: `dead` where the map that it read has its DEAD bit set. */
export type Role = "primary" | "standby" | "dead";

/** The outcome of one check: the map to write back, and what changed in it. */
export interface HealthCheck {
  readonly map: ClusterMap;
  readonly role: Role;
  readonly changes: readonly Change[];
}

/** Marks `node` DEAD and clears its RETRY bit. Where it was primary and is not `self`, `self` takes the PRIMARY bit. */
export function expel(map: ClusterMap, self: number, node: number): { map: ClusterMap; changes: Change[] } {
  const wasPrimary = primaryOf(map) === node;
  const expelled = { ...map, dead: map.dead | bit(node), retry: map.retry & ~bit(node) };
  const changes: Change[] = [{ kind: "expelled", node }];
  // silent: a node that expels itself, because its own chip cannot be written, keeps its PRIMARY bit.
  if (!wasPrimary || node === self) return { map: expelled, changes };
  return { map: { ...expelled, primary: bit(self) }, changes: [...changes, { kind: "took-over", node }] };
}

/**
 * Judges one peer: moved since `self` last copied its counter: not suspected; else suspected, and the next time DEAD.
 */
function judge(map: ClusterMap, self: number, peer: number): { map: ClusterMap; changes: Change[] } {
  const moved = counterOf(map, peer, peer) !== counterOf(map, self, peer);
  const suspected = has(map.retry, peer);
  if (moved) {
    const changes: Change[] = suspected ? [{ kind: "cleared", node: peer }] : [];
    return { map: { ...map, retry: map.retry & ~bit(peer) }, changes };
  }
  if (!suspected)
    return { map: { ...map, retry: map.retry | bit(peer) }, changes: [{ kind: "suspected", node: peer }] };
  return expel(map, self, peer);
}

/**
 * One check by node `self`: judges every other node that is not DEAD, copies their counters, and as a standby raises
 * its own. A node that finds itself DEAD changes nothing. The primary raises its own only after it has published.
 */
export function healthCheck(read: ClusterMap, self: number): HealthCheck {
  if (has(read.dead, self)) return { map: read, role: "dead", changes: [] };
  let map = read;
  const changes: Change[] = [];

  // "The next writer corrects it": one PRIMARY bit remains. silent: when none is set, the checking node takes the role.
  const primary = primaryOf(map) ?? self;
  if (map.primary !== bit(primary)) {
    map = { ...map, primary: bit(primary) };
    changes.push({ kind: "primary-corrected", node: primary });
  }

  const peers = map.counters.map((_, node) => node).filter((node) => node !== self && !has(map.dead, node));
  for (const peer of peers) {
    const judged = judge(map, self, peer);
    map = judged.map;
    changes.push(...judged.changes);
  }
  for (const peer of peers) map = withCounter(map, self, peer, counterOf(map, peer, peer));

  const role: Role = primaryOf(map) === self ? "primary" : "standby";
  if (role === "standby") map = withCounter(map, self, self, counterOf(map, self, self) + 1);
  return { map, role, changes };
}

/** `reset_node(j)`: clears j's DEAD and RETRY bits; nothing else is touched. */
export const resetNode = (map: ClusterMap, node: number): ClusterMap => ({
  ...map,
  dead: map.dead & ~bit(node),
  retry: map.retry & ~bit(node),
});

/** The nodes whose RETRY bit is set and whose DEAD bit is not, in ascending order. */
export const suspectsOf = (map: ClusterMap): number[] => nodesIn(map.retry & ~map.dead, map.counters.length);
