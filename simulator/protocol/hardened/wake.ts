/**
 * The hardened wake cycle as effects: read every chip, decide, write the own record everywhere, and act only if the
 * claim is confirmed.
 */
import type { ClusterView, Cycle, Decision, DecisionReason, Report } from "../effects.ts";
import { readChip } from "../effects.ts";
import type { NodeContext, ResetOutcome, Start, WakeResult } from "../protocol.ts";
import { TRANSFER_TRIES } from "../timing.ts";
import { chipsNeeded, latestOf, rulingRecord, size } from "./chip-records.ts";
import { decide, type WakePlan } from "./decide.ts";
import { lifeOf, lookAtTwin } from "./life.ts";
import {
  afterActing,
  afterJoining,
  afterReset,
  afterSkippedJoin,
  COLD,
  type HardenedMemory,
} from "./memory.ts";
import { areaBytes, clusterTag, formatRecord, type NodeRecord, recordAddress } from "./record.ts";
import { setupProblems } from "./setup-problems.ts";
import { alivePeers } from "./watch-peers.ts";

const bit = (n: number): number => 1 << n;
const nodesIn = (mask: number, nodes: number): number[] => {
  const found: number[] = [];
  for (let node = 0; node < nodes; node++) if ((mask & bit(node)) !== 0) found.push(node);
  return found;
};

/** Reads every chip, by number; undefined for one that does not answer. */
function* readChips({ chips, nodes }: NodeContext): Cycle<(Uint8Array | undefined)[]> {
  const read: (Uint8Array | undefined)[] = [];
  for (let chip = 0; chip < chips; chip++)
    read.push(yield* readChip(chip, 0, areaBytes(nodes), TRANSFER_TRIES));
  return read;
}

/** Writes the record to every chip, also to one that could not be read. @returns mask of the chips that kept it */
function* writeRecord({ chips }: NodeContext, cluster: number, record: NodeRecord): Cycle<number> {
  const bytes = formatRecord(record, cluster);
  const address = recordAddress(record.node, record.gen);
  let took = 0;
  for (let chip = 0; chip < chips; chip++)
    if ((yield { do: "write", chip, address, bytes, verify: true, tries: TRANSFER_TRIES }) === true)
      took |= bit(chip);
  return took;
}

/** `Decision.counts` of one node: boot and gen in one number, which rises with each record; -1: no record. */
const countOf = (record: NodeRecord | undefined): number =>
  record === undefined ? -1 : record.boot * 2 ** 32 + record.gen;

/** The cluster as a node that acts sees it: itself primary, the others by its misses and its record. */
function viewOf({ nodes }: NodeContext, { record, latest, memory }: WakePlan): ClusterView {
  const members = nodesIn((bit(nodes) - 1) & ~record.dead, nodes);
  return {
    primary: record.node,
    suspects: members.filter((node) => (memory.misses[node] ?? 0) > 0),
    dead: nodesIn(record.dead, nodes),
    neverAdmitted: nodesIn(record.dead, nodes).filter((node) => latest[node] === undefined),
  };
}

const nothingRead = (memory: HardenedMemory): WakeResult<HardenedMemory> => ({
  memory: { ...memory, claimAcks: 0, slept: "period" },
  sleep: "period",
});

/** One wake of node `self`. @param decideBy the rules; tests pass mutants, to show that each rule is needed */
export function* hardenedWake(
  context: NodeContext,
  before: HardenedMemory,
  start: Start,
  decideBy: typeof decide = decide,
): Cycle<WakeResult<HardenedMemory>> {
  const cluster = clusterTag(context.cluster);
  const memory = start.cause === "deep-sleep" ? before : afterReset(start);
  yield { do: "raise-busy", courtesy: true };
  const chips = yield* readChips(context);
  const needed = chipsNeeded(context);
  if (chips.filter((chip) => chip !== undefined).length < needed) {
    yield { do: "lower-busy" };
    yield { do: "decide", decision: silent("too-few-chips-readable") };
    return nothingRead(memory);
  }
  const looked =
    memory.quietLooks === undefined
      ? memory
      : lookAtTwin(latestOf(chips, context.nodes, cluster)[context.self], context.self, memory);
  if (looked.quietLooks !== undefined) {
    yield { do: "lower-busy" };
    yield { do: "decide", decision: silent("duplicate-number") };
    return { memory: looked, sleep: "period" };
  }
  const plan = decideBy(context, cluster, chips, looked, start);
  if (plan.record.boot !== start.boot) yield { do: "keep-boot", boot: plan.record.boot };
  const took = yield* writeRecord(context, cluster, plan.record);
  yield { do: "lower-busy" };

  const acts = plan.requiredAcks !== 0 && took === plan.requiredAcks;
  const claims = plan.record.claims;
  const enough = size(took) >= needed;
  const problems = setupProblems(context, cluster, chips, plan.latest, plan.record);
  yield {
    do: "decide",
    decision: {
      ...decisionOf(context, plan, took, acts, enough),
      ...(problems.length === 0 ? {} : { problems }),
    },
  };
  const kept: HardenedMemory = {
    ...plan.memory,
    claimAcks: claims && enough ? took : 0,
    announced: plan.memory.announced || acts,
    avoid: chips.some((chip, index) => chip !== undefined && (took & bit(index)) === 0)
      ? ((plan.record.gen & 1) as 0 | 1)
      : plan.memory.avoid,
  };
  if (acts) {
    const acted = kept.joinsToSkip > 0 ? afterSkippedJoin(kept) : yield* act(context, plan, kept);
    return { memory: { ...acted, slept: "period" }, sleep: "period" };
  }
  const sleep = claims && enough ? "settle" : "period";
  // A claim that a settle sleep has not confirmed, or whose record is not kept, is a failure like a failed publish:
  // else a node that can never act would keep the role.
  const stalled = claims && (memory.slept === "settle" || !enough) ? afterActing(kept, false) : kept;
  return { memory: { ...stalled, slept: sleep }, sleep };
}

const silent = (why: DecisionReason): Decision => ({
  role: "unknown",
  why,
  term: 0,
  formatted: false,
  changes: [],
  unwritable: [],
  counts: [],
});

function decisionOf(
  { self, chips }: NodeContext,
  plan: WakePlan,
  took: number,
  acts: boolean,
  enough: boolean,
): Decision {
  const { record, latest, memory } = plan;
  const from = acts && !memory.announced ? memory.tookOverFrom : undefined;
  const dead = (record.dead & bit(self)) !== 0;
  const unwritable: number[] = [];
  for (let chip = 0; chip < chips; chip++) if ((took & bit(chip)) === 0) unwritable.push(chip);
  const offline = alivePeers(latest, self, memory.misses).filter((peer) => peer.offline === true);
  return {
    role: acts ? "primary" : record.claims ? "claiming" : dead ? "dead" : "standby",
    why: enough ? plan.why : "too-few-chips-writable",
    term: record.term,
    formatted: latest.every((each) => each === undefined),
    changes: from === undefined ? plan.changes : [...plan.changes, { kind: "took-over", node: from }],
    unwritable,
    counts: latest.map(countOf),
    ...(offline.length === 0 ? {} : { offline: offline.map(({ node }) => node) }),
    ...(acts && memory.joinsToSkip > 0 ? { skipsJoin: true } : {}),
  };
}

/**
 * The reports that are due: nodes that are dead and not reported so, and nodes reported dead that are members again.
 */
function reportsFor({ nodes }: NodeContext, { record, memory }: WakePlan): Report[] {
  const { dead, reportedDead } = record;
  return [
    ...nodesIn(dead & ~reportedDead, nodes).map((subject) => ({
      type: "node_dead" as const,
      subject,
      tookOver: memory.tookOverFrom === subject,
    })),
    ...nodesIn(reportedDead & ~dead, nodes).map((subject) => ({
      type: "node_admitted" as const,
      subject,
      tookOver: false,
    })),
  ];
}

/**
 * Connect, report, measure, publish. The next record says what the cloud was told. The first publish that fails ends
 * the wake: a node must be asleep again before its watchdog resets it.
 */
function* act(context: NodeContext, plan: WakePlan, memory: HardenedMemory): Cycle<HardenedMemory> {
  if ((yield { do: "connect" }) !== true) return afterJoining(memory, false);
  let reportedDead = plan.record.reportedDead;
  let { tookOverFrom } = memory;
  const view = viewOf(context, plan);
  for (const report of reportsFor(context, plan)) {
    if ((yield { do: "report", report, view }) !== true)
      return { ...afterJoining(memory, false), reportedDead, tookOverFrom };
    reportedDead ^= bit(report.subject);
    if (report.subject === tookOverFrom) tookOverFrom = undefined;
  }
  const published = (yield { do: "publish-reading", view }) === true;
  // The takeover ends with the first published reading: if the predecessor dies later, that death is no takeover.
  return {
    ...afterJoining(memory, published),
    reportedDead,
    tookOverFrom: published ? undefined : tookOverFrom,
  };
}

/**
 * `reset_node(subject)`, typed at the prompt of node `self`: its record asks the primary to admit that node. The record
 * has no claim: where node `self` is the primary, it claims anew and acts one settle sleep later.
 */
export function* hardenedResetNode(context: NodeContext, subject: number, start: Start): Cycle<ResetOutcome> {
  const cluster = clusterTag(context.cluster);
  yield { do: "raise-busy", courtesy: true };
  const chips = yield* readChips(context);
  let outcome: ResetOutcome;
  const latest = latestOf(chips, context.nodes, cluster);
  if (chips.every((chip) => chip === undefined)) outcome = { done: false, why: "no-chip-readable" };
  else if (latest.every((record) => record === undefined)) outcome = { done: false, why: "blank" };
  else {
    const rules = rulingRecord(latest);
    const own = latest[context.self];
    const { boot } = lifeOf(own, context, start, COLD);
    if (boot !== start.boot) yield { do: "keep-boot", boot };
    const took = yield* writeRecord(context, cluster, {
      node: context.self,
      boot,
      gen: 1,
      term: rules?.term ?? 0,
      claims: false,
      failing: false,
      lastClaimant: own?.lastClaimant === true && own.term === rules?.term,
      dead: (rules?.dead ?? 0) & ~bit(subject),
      reportedDead: rules?.reportedDead ?? 0,
      admit: (own?.admit ?? 0) | bit(subject),
    });
    const unwritable: number[] = [];
    for (let chip = 0; chip < context.chips; chip++) if ((took & bit(chip)) === 0) unwritable.push(chip);
    outcome = { done: true, unwritable };
  }
  yield { do: "lower-busy" };
  return outcome;
}
