/** The function's input, parsed once: behind this line it is an incident and a signal of it. */
import { explainIssues } from "../../../lib/contract/explain.ts";
import {
  BACKEND,
  type Bulletin,
  type Facts,
  type IncidentId,
  SweepSignal,
} from "../../../lib/contract/incidents.ts";
import { DeliveredEvent, instant, isOfChip } from "../../../lib/contract/messages.ts";
import { MailProblem } from "../../core/errors.ts";
import type { Signal } from "../../core/observe.ts";
import { type Order, orderOf } from "../../core/order.ts";

/** What an invocation is about, whoever it came from. */
export interface Input {
  readonly id: IncidentId;
  readonly signal: Signal;
  /** The sweep saw too many openings for a mail each. */
  readonly storm: boolean;
  /** Nodes that the signal speaks of. */
  readonly nodes: readonly number[];
}

const isSweepSignal = (input: unknown): boolean =>
  typeof input === "object" && input !== null && "source" in input && input.source === "sweep";

/**
 * @param input what the events rule passed on, or what the sweep says
 * @param sweepMs from one sweep to the next
 * @throws MailProblem EventUnreadable: names each field that is wrong and what belongs there, never its value. The event
 *   itself is not lost: Lambda puts it on the failure queue, with the message as it was sent in `original_base64`.
 */
export function parseInput(input: unknown, sweepMs: number): Input {
  const parsed = isSweepSignal(input)
    ? SweepSignal.safeParse(input, { reportInput: true })
    : DeliveredEvent.safeParse(input, { reportInput: true });
  if (!parsed.success)
    throw new MailProblem(
      "EventUnreadable",
      `the event is outside the contract (${explainIssues(parsed.error.issues, "event")})`,
      'see "a function failed" in RUNBOOK.md',
    );
  return "source" in parsed.data ? ofSweepSignal(parsed.data, sweepMs) : ofEvent(parsed.data);
}

function ofEvent(event: DeliveredEvent): Input {
  const { cluster_id, subject, node, type, received_at, state } = event;
  const told = { storm: false, nodes: [subject, node] };
  if (type === "sensor_failed")
    return {
      ...told,
      id: { clusterId: cluster_id, kind: "sensor-failing", subject },
      signal: {
        signal: "fires",
        // Terms say who rules; a sensor fails whoever does.
        order: { ...orderOf(event), term: 0 },
        nowMs: received_at,
        facts: { kind: "sensor-failing", node: subject, fault: event.fault!, atMs: orderOf(event).atMs },
      },
    };
  if (type === "node_unconnected") {
    const order = { ...orderOf(event), term: 0 };
    return {
      ...told,
      id: { clusterId: cluster_id, kind: "node-unconnected", subject },
      signal: {
        signal: "fires",
        // Without a term: its recovery is a reading of the subject itself.
        order,
        nowMs: received_at,
        facts: { kind: "node-unconnected", node: subject, reporter: node, atMs: order.atMs },
      },
    };
  }
  if (type === "setup_fault" || type === "setup_mended") {
    // Without a term: what is wrong with a board does not depend on who rules.
    const order = { ...orderOf(event), term: 0 };
    const facts: Extract<Facts, { kind: "setup-fault" }> = {
      kind: "setup-fault",
      node: subject,
      reporter: node,
      problem: event.problem!,
      atMs: order.atMs,
    };
    return {
      ...told,
      ...(isOfChip(facts.problem) ? { nodes: [node] } : {}),
      id: { clusterId: cluster_id, kind: "setup-fault", subject },
      signal: { signal: type === "setup_fault" ? "fires" : "well", order, nowMs: received_at, facts },
    };
  }
  const id: IncidentId = { clusterId: cluster_id, kind: "node-dead", subject };
  const common = { order: orderOf(event), nowMs: received_at, facts: factsOf(event) };
  return {
    ...told,
    id,
    signal:
      type === "node_dead"
        ? { signal: "fires", ...common, emptySeat: state.never_admitted.includes(subject) }
        : { signal: "well", ...common },
  };
}

/** `at` is when it happened, and not what a wrong clock said. */
const factsOf = (event: DeliveredEvent): Facts => {
  const { type, node, subject, took_over, state } = event;
  const at = new Date(orderOf(event).atMs).toISOString();
  const differs = instant.safeParse(event.at).success && Date.parse(event.at) !== Date.parse(at);
  const said = differs ? { said: event.at } : {};
  return { kind: "node-dead", event: { type, node, subject, at, ...said, took_over, state } };
};

/** Lambda hands a signal on within seconds, and makes a second attempt a minute after the first: however often it sweeps. */
const LATE_MS = 180_000;

function ofSweepSignal(swept: SweepSignal, sweepMs: number): Input {
  const opensUntilMs = swept.received_at + Math.max(sweepMs, LATE_MS);
  if (swept.type === "weekly")
    return {
      id: { clusterId: BACKEND, kind: "weekly", subject: Math.floor(swept.report.from_ms / 1_000) },
      signal: { signal: "weekly", nowMs: swept.received_at, report: swept.report },
      storm: false,
      nodes: [],
    };
  if (swept.type === "digest")
    return {
      id: { clusterId: BACKEND, kind: "digest", subject: swept.bin },
      signal: { signal: "digest", nowMs: swept.received_at, entries: swept.incidents, opensUntilMs },
      storm: false,
      nodes: [],
    };
  const { cluster_id, kind, subject } = swept;
  return {
    id: { clusterId: cluster_id, kind, subject },
    signal: signalOf(swept, opensUntilMs),
    storm: (swept.type === "firing" || swept.type === "well") && swept.storm === true,
    nodes: [],
  };
}

/** The sweep's own time is right, and may lie long before the sweep. */
const sweepOrder = ({
  term,
  at,
  received_at,
}: SweepSignal & { readonly term: number; readonly at: string }): Order => ({
  term,
  atMs: Math.min(Date.parse(at), received_at),
});

function signalOf(swept: Exclude<SweepSignal, { type: Bulletin }>, opensUntilMs: number): Signal {
  if (swept.type === "poll")
    return {
      signal: "poll",
      ...(swept.digest === undefined ? {} : { digest: swept.digest }),
      ...(swept.era_ms === undefined ? {} : { eraMs: swept.era_ms }),
    };
  const common = { order: sweepOrder(swept), nowMs: swept.received_at };
  if (swept.type === "firing") return { signal: "fires", ...common, facts: swept.facts, opensUntilMs };
  return {
    signal: "well",
    ...common,
    ...(swept.facts === undefined ? {} : { facts: swept.facts }),
    ...(swept.removed === undefined ? {} : { removed: swept.removed }),
  };
}
