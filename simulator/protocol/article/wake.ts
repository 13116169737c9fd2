/**
 * The published protocol's wake cycle and its `reset_node`, as effects. Every step below is one line of the article's
 * story: wait for the busy line, read, check, write back everywhere, and as primary publish and count.
 */
import {
  type Change,
  type Chip,
  type ClusterView,
  type Cycle,
  type Decision,
  type Report,
  readChip,
  writeChip,
} from "../effects.ts";
import type { ResetOutcome, WakeResult } from "../protocol.ts";
import { expel, healthCheck, resetNode, suspectsOf } from "./health-check.ts";
import {
  bit,
  type ClusterMap,
  counterOf,
  firstMap,
  formatMap,
  has,
  isBlank,
  mapLength,
  neverAdmitted,
  nodesIn,
  ownCounterAddress,
  parseMap,
  primaryOf,
  withCounter,
} from "./map.ts";

/** What a node keeps in RTC memory: it survives deep sleep, and no other reset. Both fields are masks of nodes. */
export interface ArticleMemory {
  /** Nodes whose death the cloud has acknowledged; undefined: none of any node since the cold start. */
  readonly reportedDead: number | undefined;
  /** Nodes from which this node took over; a node leaves it when it is admitted again. */
  readonly tookOverFrom: number;
}
/** RTC memory after any reset that is not a wake from deep sleep. */
export const COLD_START: ArticleMemory = { reportedDead: undefined, tookOverFrom: 0 };

/** The published protocol has no terms. */
const NO_TERM = 0;

interface Place {
  readonly self: number;
  readonly nodes: number;
}

/** RTC memory and the sleep after one wake of the published protocol; it always sleeps the full period. */
export type WakeOutcome = WakeResult<ArticleMemory>;

/** Reads the own chip, then the others by number, until one answers. Undefined: none does. */
function* readMap({ self, nodes }: Place): Cycle<ClusterMap | "blank" | undefined> {
  for (let turn = -1; turn < nodes; turn++) {
    if (turn === self) continue;
    const bytes = yield* readChip(turn < 0 ? self : turn, 0, mapLength(nodes));
    if (bytes !== undefined) return isBlank(bytes) ? "blank" : parseMap(bytes, nodes);
  }
  return undefined;
}

/** Writes the map to every chip that is not in `except`, by number. @returns the chips that did not take it */
function* writeMap(seat: Place, map: ClusterMap, except: readonly Chip[] = []): Cycle<Chip[]> {
  const bytes = formatMap(map);
  const failed: Chip[] = [];
  for (let chip = 0; chip < seat.nodes; chip++) {
    if (except.includes(chip)) continue;
    if (!(yield* writeChip(chip, 0, bytes))) failed.push(chip);
  }
  return failed;
}

/**
 * Writes the map everywhere and marks the owner of a chip that cannot be written DEAD.
 * silent: the chips that did take the map are then written once more; else the mark would never leave this node.
 */
function* replicate(
  seat: Place,
  map: ClusterMap,
): Cycle<{ map: ClusterMap; changes: Change[]; unwritable: Chip[] }> {
  const unwritable = yield* writeMap(seat, map);
  let marked = map;
  const changes: Change[] = [];
  for (const owner of unwritable) {
    if (has(marked.dead, owner)) continue;
    const step = expel(marked, seat.self, owner);
    marked = step.map;
    changes.push(...step.changes);
  }
  if (changes.length > 0) yield* writeMap(seat, marked, unwritable);
  return { map: marked, changes, unwritable };
}

/** The map in the terms of the messages to the cloud. */
export const viewOf = (map: ClusterMap): ClusterView => ({
  primary: primaryOf(map),
  suspects: suspectsOf(map),
  dead: nodesIn(map.dead, map.counters.length),
  neverAdmitted: neverAdmitted(map),
});

/**
 * What the primary reports at this wake: each dead node, again at every wake, which is the article's mail every 15
 * minutes; and each node that is back. After a cold start it does not know what it reported, so that it reports every
 * other node, as dead or as back.
 */
function reportsFor(map: ClusterMap, { self, nodes }: Place, memory: ArticleMemory): Report[] {
  const told = memory.reportedDead ?? bit(nodes) - 1;
  const back = nodesIn(told & ~map.dead & ~bit(self), nodes);
  return [
    ...nodesIn(map.dead, nodes).map((subject) => ({
      type: "node_dead" as const,
      subject,
      tookOver: has(memory.tookOverFrom, subject),
    })),
    ...back.map((subject) => ({ type: "node_admitted" as const, subject, tookOver: false })),
  ];
}

/** Connect, report, measure, publish. Memory changes only where every report got its PUBACK. */
function* act(
  seat: Place,
  map: ClusterMap,
  memory: ArticleMemory,
): Cycle<{ published: boolean; memory: ArticleMemory }> {
  if ((yield { do: "connect" }) !== true) return { published: false, memory };
  let told = true;
  const view = viewOf(map);
  for (const report of reportsFor(map, seat, memory))
    told = (yield { do: "report", report, view }) === true && told;
  const published = (yield { do: "publish-reading", view }) === true;
  const after = { reportedDead: map.dead, tookOverFrom: memory.tookOverFrom & map.dead };
  return { published, memory: told ? after : memory };
}

/**
 * Raises the primary's own count by one on every chip. silent: only its two bytes are written; the rest of the map may
 * have changed since it was read.
 */
function* countOwn(seat: Place): Cycle<void> {
  yield { do: "raise-busy" };
  const map = yield* readMap(seat);
  if (map !== undefined && map !== "blank") {
    const counted = withCounter(map, seat.self, seat.self, counterOf(map, seat.self, seat.self) + 1);
    const at = ownCounterAddress(seat.self);
    const bytes = formatMap(counted).slice(at, at + 2);
    for (let chip = 0; chip < seat.nodes; chip++) yield* writeChip(chip, at, bytes);
  }
  yield { do: "lower-busy" };
}

const mask = (nodes: readonly number[]): number => nodes.reduce((bits, node) => bits | bit(node), 0);

const countsOf = (map: ClusterMap): number[] => map.counters.map((_, node) => counterOf(map, node, node));

function* standDown(
  why: "no-chip-readable" | "dead",
  counts: number[],
  memory: ArticleMemory,
): Cycle<WakeOutcome> {
  yield { do: "lower-busy" };
  const role = why === "dead" ? "dead" : "unknown";
  yield {
    do: "decide",
    decision: { role, why, term: NO_TERM, formatted: false, changes: [], unwritable: [], counts },
  };
  return { memory, sleep: "period" };
}

/** One wake of node `self` in a cluster of `nodes`. */
export function* articleWake(self: number, nodes: number, memory: ArticleMemory): Cycle<WakeOutcome> {
  const seat = { self, nodes };
  yield { do: "raise-busy" };
  const read = yield* readMap(seat);
  if (read === undefined) return yield* standDown("no-chip-readable", [], memory);
  const checked = healthCheck(read === "blank" ? firstMap(self, nodes) : read, self);
  if (checked.role === "dead") return yield* standDown("dead", countsOf(checked.map), memory);
  const written = yield* replicate(seat, checked.map);
  yield { do: "lower-busy" };

  const { map, unwritable } = written;
  const decision: Decision = {
    role: has(map.dead, self) ? "dead" : primaryOf(map) === self ? "primary" : "standby",
    why: "checked",
    term: NO_TERM,
    formatted: read === "blank",
    changes: [...checked.changes, ...written.changes],
    unwritable,
    counts: countsOf(map),
  };
  yield { do: "decide", decision };

  const from = mask(decision.changes.filter(({ kind }) => kind === "took-over").map(({ node }) => node));
  const remembered = { ...memory, tookOverFrom: memory.tookOverFrom | from };
  if (decision.role !== "primary") return { memory: remembered, sleep: "period" };
  const acted = yield* act(seat, map, remembered);
  if (acted.published) yield* countOwn(seat);
  return { memory: acted.memory, sleep: "period" };
}

/** `reset_node(subject)`, typed at the prompt of node `self`: re-admits by hand. */
export function* articleResetNode(self: number, nodes: number, subject: number): Cycle<ResetOutcome> {
  const seat = { self, nodes };
  yield { do: "raise-busy" };
  const read = yield* readMap(seat);
  let outcome: ResetOutcome;
  if (read === undefined) outcome = { done: false, why: "no-chip-readable" };
  else if (read === "blank") outcome = { done: false, why: "blank" };
  else {
    const map = resetNode(read, subject);
    outcome = { done: true, unwritable: yield* writeMap(seat, map) };
  }
  yield { do: "lower-busy" };
  return outcome;
}
