/**
 * Draws a meeting: nodes that want the role at the same time, one of which goes on late with what it read before. By
 * chance alone that hardly ever happens.
 */
import type { Rng } from "../engine/rng.ts";
import { after, type Instant, type Micros, START, seconds } from "../engine/time.ts";
import type { OperationMark } from "../node/operations.ts";
import { FAULTS, type Fault, type FaultName } from "../scenario/faults.ts";
import type { ClusterSetup, Step, Trigger } from "../scenario/scenario.ts";
import { drawFault, other, pick } from "./draw-fault.ts";

/** The kinds of faults that a meeting needs, all of them. */
export const MEETING_KINDS: readonly FaultName[] = ["oversleep", "wake-together", "stall"];

/** Steps that make two wakes meet, and the faults that strike then. */
export interface Meeting {
  readonly steps: readonly Step[];
  /** When the wakes meet, at the earliest. */
  readonly from: Instant;
}

/**
 * A meeting at the start of a cluster that starts blank; else within 90 minutes from `at` on.
 * @param kinds further faults that may strike
 */
export function drawMeeting(
  rng: Rng,
  cluster: ClusterSetup,
  at: Instant,
  kinds: readonly FaultName[],
): Meeting {
  const nodes = Array.from({ length: cluster.nodes }, (_, node) => node);
  const onChips = ON_CHIPS.filter((kind) => kinds.includes(kind));
  const amid = (who: readonly number[], from: Instant): Step[] => [
    ...drawStalls(rng, who, from),
    ...(onChips.length > 0 && rng.chance(0.4)
      ? [drawOnChip(rng, cluster, pick(rng, onChips), who, from)]
      : []),
  ];
  if (cluster.start === "blank") return { steps: amid(nodes, START), from: START };
  const late = rng.chance(0.7) ? 0 : rng.below(cluster.nodes);
  const meets = other(rng, late, cluster.nodes);
  // By then the other has mostly missed it once, and at the wake that they share it will hold it to be dead.
  const from = after(at, seconds(900 + rng.below(1_800)));
  return {
    steps: [
      strikes({ kind: "oversleep", node: late, by_s: LATE_S }, { kind: "at", at }),
      strikes({ kind: "wake-together", node: late, with: meets }, { kind: "at", at: from }),
      ...amid(rng.chance(0.8) ? [late, meets] : nodes, from),
    ],
    from,
  };
}

/** How late a node is, in seconds: later than it takes to be held dead. */
const LATE_S = 5_400;

/** Lengths of a stall in seconds; the watchdog comes after 60 s. */
const STALLS_S = [1, 5, 20, 58];
const STALLS_MAX = 3;

const drawStalls = (rng: Rng, nodes: readonly number[], from: Instant): Step[] =>
  Array.from({ length: 1 + rng.below(STALLS_MAX) }, () => {
    const node = pick(rng, nodes);
    const lasts = seconds(1 + rng.below(pick(rng, STALLS_S)));
    return strikes({ kind: "stall", node }, { kind: "operation", node, from, mark: drawMark(rng) }, lasts);
  });

/** Faults after which not all chips hold the same. */
const ON_CHIPS: readonly FaultName[] = ["eeprom-dislodged", "write-protected", "eeprom-blank", "page-rot"];

function drawOnChip(
  rng: Rng,
  cluster: ClusterSetup,
  kind: FaultName,
  who: readonly number[],
  from: Instant,
): Step {
  const trigger: Trigger = { kind: "operation", node: pick(rng, who), from, mark: drawMark(rng) };
  const lasts = FAULTS[kind].lasting ? seconds(1 + rng.below(pick(rng, [2, 150, 2_000]))) : undefined;
  return strikes(drawFault(rng, kind, cluster), trigger, lasts);
}

/** Where a node is stalled: mostly between its reads and its writes; else amid either, or while it acts. */
function drawMark(rng: Rng): OperationMark {
  if (rng.chance(0.5)) return { operation: "page-write", count: 1, point: { kind: "before" } };
  return {
    operation: pick(rng, ["wake", "read", "page-write", "page-write", "connect"]),
    count: 1 + rng.below(4),
    point: { kind: rng.chance(0.5) ? "before" : "after" },
  };
}

const strikes = (fault: Fault, trigger: Trigger, lasts?: Micros): Step => ({
  trigger,
  kind: "fault",
  fault,
  lasts,
  says: undefined,
});
