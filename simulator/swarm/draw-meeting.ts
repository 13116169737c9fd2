/**
 * Nodes that want the role at the same time, one of which goes on late with what it had read before: by chance alone that
 * hardly ever comes about.
 */
import type { Rng } from "../engine/rng.ts";
import { after, type Instant, type Micros, START, seconds } from "../engine/time.ts";
import type { OperationMark } from "../node/operations.ts";
import { FAULTS, type Fault, type FaultName } from "../scenario/faults.ts";
import type { ClusterSetup, Step, Trigger } from "../scenario/scenario.ts";
import { drawFault, other, pick } from "./draw-fault.ts";

/** All of these are needed for it. */
export const MEETING_KINDS: readonly FaultName[] = ["oversleep", "wake-together", "stall"];

/** Steps that make two wakes meet, and what befalls them as they do. */
export interface Meeting {
  readonly steps: readonly Step[];
  /** When they meet. */
  readonly from: Instant;
}

/**
 * Of a cluster that starts blank, as it starts; else it takes an hour and a half from `at` on.
 * @param kinds what else may strike
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
  // By then the other has missed it once, mostly: at the wake that is now both's it will hold it to be dead.
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

/** Later than anybody is missed. */
const LATE_S = 5_400;

/** Its watchdog comes after a minute. */
const STALLS_S = [1, 5, 20, 58];
const STALLS_MAX = 3;

const drawStalls = (rng: Rng, nodes: readonly number[], from: Instant): Step[] =>
  Array.from({ length: 1 + rng.below(STALLS_MAX) }, () => {
    const node = pick(rng, nodes);
    const lasts = seconds(1 + rng.below(pick(rng, STALLS_S)));
    return strikes({ kind: "stall", node }, { kind: "operation", node, from, mark: drawMark(rng) }, lasts);
  });

/** What parts the chips, so that not all hold the same. */
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

/** Mostly between its reads and its writes; else amid either, or while it acts. */
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
