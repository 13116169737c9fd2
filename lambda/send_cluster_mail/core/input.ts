/** The function's input, parsed once: behind this line it is an incident and a sign of it. */
import { explainIssues } from "../../../lib/contract/explain.ts";
import { BACKEND, type Facts, type IncidentId, SweepSignal } from "../../../lib/contract/incidents.ts";
import { DeliveredEvent } from "../../../lib/contract/messages.ts";
import { MailProblem } from "../../core/errors.ts";
import type { Sign } from "../../core/observe.ts";
import { orderOf } from "../../core/order.ts";

/** What an invocation is about, whoever it came from. */
export interface Input {
  readonly id: IncidentId;
  readonly sign: Sign;
  /** The sweep saw too many openings for a mail each. */
  readonly storm: boolean;
  /** Nodes that the sign speaks of. */
  readonly nodes: readonly number[];
}

const isSignal = (input: unknown): boolean =>
  typeof input === "object" && input !== null && "source" in input && input.source === "sweep";

/**
 * @param input what the events rule passed on, or what the sweep says
 * @throws MailProblem EventUnreadable: names each field that is wrong and what belongs there, never its value. The event
 *   itself is not lost: Lambda puts it on the failure queue, with the message as it was sent in `original_base64`.
 */
export function parseInput(input: unknown): Input {
  const parsed = isSignal(input)
    ? SweepSignal.safeParse(input, { reportInput: true })
    : DeliveredEvent.safeParse(input, { reportInput: true });
  if (!parsed.success)
    throw new MailProblem(
      "EventUnreadable",
      `the event is outside the contract (${explainIssues(parsed.error.issues, "event")})`,
      'see "a function failed" in RUNBOOK.md',
    );
  return "source" in parsed.data ? ofSignal(parsed.data) : ofEvent(parsed.data);
}

function ofEvent(event: DeliveredEvent): Input {
  const { cluster_id, subject, node, type, received_at, state } = event;
  const told = { storm: false, nodes: [subject, node] };
  if (type === "sensor_failed")
    return {
      ...told,
      id: { clusterId: cluster_id, kind: "sensor-failing", subject },
      sign: {
        sign: "fires",
        // Terms say who rules; a sensor fails whoever does.
        order: { ...orderOf(event), term: 0 },
        nowMs: received_at,
        facts: { kind: "sensor-failing", node: subject, fault: event.fault!, atMs: orderOf(event).atMs },
      },
    };
  const id: IncidentId = { clusterId: cluster_id, kind: "node-dead", subject };
  const common = { order: orderOf(event), nowMs: received_at, facts: storyOf(event) };
  return {
    ...told,
    id,
    sign:
      type === "node_dead"
        ? { sign: "fires", ...common, emptySeat: state.never_admitted.includes(subject) }
        : { sign: "well", ...common },
  };
}

const storyOf = ({ type, node, subject, at, took_over, state }: DeliveredEvent): Facts => ({
  kind: "node-dead",
  event: { type, node, subject, at, took_over, state },
});

function ofSignal(signal: SweepSignal): Input {
  if (signal.type === "digest")
    return {
      id: { clusterId: BACKEND, kind: "digest", subject: signal.bin },
      sign: { sign: "digest", nowMs: signal.received_at, entries: signal.incidents },
      storm: false,
      nodes: [],
    };
  const { cluster_id, kind, subject } = signal;
  return {
    id: { clusterId: cluster_id, kind, subject },
    sign: signOf(signal),
    storm: signal.type === "firing" && signal.storm === true,
    nodes: [],
  };
}

function signOf(signal: Exclude<SweepSignal, { type: "digest" }>): Sign {
  if (signal.type === "settle")
    return { sign: "look", ...(signal.digest === undefined ? {} : { digest: signal.digest }) };
  const common = { order: orderOf(signal), nowMs: signal.received_at };
  if (signal.type === "firing") return { sign: "fires", ...common, facts: signal.facts };
  return { sign: "well", ...common, ...(signal.facts === undefined ? {} : { facts: signal.facts }) };
}
