/**
 * Random scenarios: a pure function of the seed. Each has only a few kinds of faults, so that these combine in ways
 * that a mix of all kinds would hardly ever show. Each ends with a quiet time, in which a node must act again.
 */
import { type Rng, rngStream } from "../engine/rng.ts";
import { after, between, hours, type Instant, type Micros, micros, millis, START } from "../engine/time.ts";
import { OPERATIONS, type OperationMark } from "../node/operations.ts";
import { FIRMWARES } from "../protocol/hardened/versions.ts";
import { DRIFT_SHARE } from "../protocol/timing.ts";
import { FAULT_NAMES, FAULTS, type FaultName } from "../scenario/faults.ts";
import type {
  Action,
  ClusterSetup,
  ProtocolName,
  Scenario,
  Step,
  StepBody,
  Trigger,
} from "../scenario/scenario.ts";
import { chipsOf, drawFault, pick } from "./draw-fault.ts";
import { drawMeeting, MEETING_KINDS } from "./draw-meeting.ts";

/** Limits of a drawn scenario. */
export interface DrawOptions {
  readonly protocol: ProtocolName;
  /** @default 2 to 8, mostly 2 or 3; the published protocol has room for 4 */
  readonly nodes?: number | undefined;
  /** The kinds of faults that may come; a scenario may have none at all. @default all */
  readonly only?: readonly FaultName[] | undefined;
}

const NODES = { hardened: [2, 2, 2, 2, 3, 3, 3, 4, 5, 8], article: [2, 2, 2, 3, 4] } as const;
const CHIPS_MAX = 8;
const DRIFT_MAX = 100 * DRIFT_SHARE;
const KINDS_MAX = 6;
const STEPS_MAX = 10;
const OFTEN: ReadonlySet<string> = new Set([
  "power-cut",
  "reset",
  "stall",
  "sleeps-on",
  "slow-join",
  "eeprom-dislodged",
  "busy-wire-cut",
]);
/** Longest stall in seconds: some are longer than the watchdog allows. */
const STALL_MAX_S = 70;
/** Hours in which faults come and end. */
const ACTIVE_H = [1, 2, 4, 8, 16, 48];
/** The quiet time at the end: longer than it may take until a node acts again. */
const QUIET = hours(2);
/** The same where all have held back, and join at one in so many of their turns. */
const LONG_QUIET = hours(5);
const LONG_QUIET_SHARE = 0.2;

/** The scenario of a seed: cluster, faults and rates; the same seed and options give the same one. */
export function drawScenario(seed: number, options: DrawOptions): Scenario {
  const rng = rngStream(seed, "swarm");
  const cluster = withFirmware(rngStream(seed, "firmware"), drawCluster(rng, options), options);
  const active = hours(pick(rng, ACTIVE_H));
  const known = options.only ?? FAULT_NAMES;
  const kinds = drawKinds(rng, known);
  const meeting =
    MEETING_KINDS.every((kind) => known.includes(kind)) && rng.chance(0.3)
      ? drawMeeting(rng, cluster, after(START, drawSpan(rng, active)), known)
      : undefined;
  const steps = [
    ...drawStart(rng, cluster),
    ...(meeting?.steps ?? []),
    ...drawSteps(rng, cluster, kinds, active, meeting?.from ?? START),
  ];
  return {
    name: `swarm-${seed}`,
    line: `random, seed ${seed}`,
    cluster,
    duration: micros(active + (rngStream(seed, "quiet").chance(LONG_QUIET_SHARE) ? LONG_QUIET : QUIET)),
    shortest: shortestOf(steps),
    temperatures: rng.chance(0.2)
      ? { kind: "constant", celsius: pick(rng, [-20, 21, 60]) }
      : { kind: "room" },
    steps,
    protocols: new Map([[options.protocol, { fails: undefined, expect: [] }]]),
  };
}

/** The time of the last step; for one without a time, the earliest at which it may come. */
export const shortestOf = (steps: readonly Step[]): Micros =>
  Math.max(0, ...steps.map(({ trigger }) => (trigger.kind === "at" ? trigger.at : trigger.from))) as Micros;

function drawCluster(rng: Rng, { protocol, nodes: wanted }: DrawOptions): ClusterSetup {
  const nodes = wanted ?? pick(rng, NODES[protocol]);
  const each = (of: () => number): number[] => Array.from({ length: nodes }, of);
  const start = rng.chance(0.85) ? "running" : "blank";
  const tenth = (max: number): number => Math.round(10 * rng.between(-max, max)) / 10;
  return {
    nodes,
    start,
    counters:
      start === "running" && rng.chance(0.2) ? each(() => pick(rng, [0, 1, 2, 65_534, 65_535])) : undefined,
    eepromPower: rng.chance(0.75) ? "shared" : "own",
    witness: protocol === "hardened" && nodes < CHIPS_MAX && rng.chance(0.4),
    pullUps: rng.chance(0.9) ? "external" : "internal",
    unpowered: rng.chance(0.5) ? "stuck" : "no-ack",
    watchdog: undefined,
    readmission: undefined,
    drift: rng.chance(0.4)
      ? undefined
      : each(() => (rng.chance(0.3) ? pick(rng, [-DRIFT_MAX, 0, DRIFT_MAX]) : tenth(DRIFT_MAX))),
    charge: rng.chance(0.9) ? undefined : each(() => pick(rng, [100, 100, 5, 0.5, 0.05])),
  };
}

/** Now and then the nodes' firmware is not of one version, as while they are upgraded one at a time. */
function withFirmware(rng: Rng, cluster: ClusterSetup, { protocol }: DrawOptions): ClusterSetup {
  if (protocol !== "hardened" || !rng.chance(MIXED_FIRMWARE_SHARE)) return cluster;
  return { ...cluster, firmware: Array.from({ length: cluster.nodes }, () => pick(rng, FIRMWARES)) };
}

const MIXED_FIRMWARE_SHARE = 0.2;

/** A few kinds of faults. Those that make two nodes meet, or stop one where it must not go on, come more often. */
function drawKinds(rng: Rng, kinds: readonly FaultName[]): FaultName[] {
  const often = kinds.filter((kind) => OFTEN.has(kind));
  const count = Math.min(kinds.length, rng.below(KINDS_MAX + 1));
  return Array.from({ length: count }, () => pick(rng, often.length > 0 && rng.chance(0.4) ? often : kinds));
}

/** Switches on nodes that are off at the start: within the hour, or all at once. */
function drawStart(rng: Rng, { nodes, start }: ClusterSetup): Step[] {
  if (start === "running") return [];
  const spread = pick(rng, [0, 100, 3_000, 3_600_000]);
  return Array.from({ length: nodes }, (_, node) => ({
    trigger: { kind: "at", at: after(START, millis(rng.below(spread + 1))) },
    kind: "action",
    action: { kind: "power-on", node },
    says: undefined,
  }));
}

/** The steps with faults and actions. @param near an instant after which the first may come */
function drawSteps(
  rng: Rng,
  cluster: ClusterSetup,
  kinds: readonly FaultName[],
  active: Micros,
  near: Instant,
): Step[] {
  const steps: Step[] = [];
  if (kinds.includes("busy-wire-cut") || kinds.includes("busy-line-stuck"))
    steps.push(...drawNoBusyLine(rng, cluster));
  // Chip faults mostly strike the same chip: faults of two at a time are not promised to be survived.
  const chip = rng.chance(0.7) ? rng.below(chipsOf(cluster)) : undefined;
  let last = near;
  /** When the last lasting fault is over: another that ends with it frees several nodes at once. */
  let over = START;
  for (let count = rng.below(STEPS_MAX + 1); count > 0; count--) {
    const from = rng.chance(0.5) ? after(last, drawNear(rng)) : after(START, drawSpan(rng, active));
    const at = Math.min(from, active) as Instant;
    const body = drawBody(rng, cluster, kinds, micros(active - at), chip);
    if (body === undefined) continue;
    const ends = body.kind === "fault" && body.lasts !== undefined ? after(at, body.lasts) : undefined;
    const lasts = ends !== undefined && over > at && rng.chance(0.4) ? between(at, over) : undefined;
    steps.push({
      trigger: lasts === undefined ? drawTrigger(rng, cluster, at) : { kind: "at", at },
      ...body,
      ...(lasts === undefined ? {} : { lasts }),
      says: undefined,
    } as Step);
    last = at;
    over = lasts === undefined ? (ends ?? over) : over;
  }
  return steps;
}

/** Takes the busy line from nodes, so that they can meet on the bus: nothing may depend on that line. */
const drawNoBusyLine = (rng: Rng, { nodes }: ClusterSetup): Step[] =>
  rng.chance(0.3)
    ? []
    : Array.from({ length: nodes }, (_, node) => ({
        trigger: { kind: "at", at: START },
        kind: "fault",
        fault: { kind: "busy-wire-cut", node },
        lasts: undefined,
        says: undefined,
      }));

/** A short time: none, within a wake, within a settle sleep, or within two sleeps. */
const drawNear = (rng: Rng): Micros => millis(rng.below(pick(rng, [1, 5_000, 120_000, 1_800_000])));

/** A time from 0 to `max`, in whole seconds. */
const drawSpan = (rng: Rng, max: Micros): Micros =>
  micros(1_000_000 * rng.below(Math.floor(max / 1_000_000) + 1));

function drawBody(
  rng: Rng,
  cluster: ClusterSetup,
  kinds: readonly FaultName[],
  left: Micros,
  chip: number | undefined,
): StepBody | undefined {
  // An action at a node that has never had power is refused.
  if (kinds.length === 0 || (cluster.start === "running" && rng.chance(0.08)))
    return cluster.start === "running" ? { kind: "action", action: drawAction(rng, cluster) } : undefined;
  const kind = pick(rng, kinds);
  const drawn = drawFault(rng, kind, cluster);
  const fault =
    chip === undefined || !("chip" in drawn) || ("as" in drawn && drawn.as === chip)
      ? drawn
      : { ...drawn, chip };
  const lasts = !FAULTS[kind].lasting || rng.chance(0.05) ? undefined : drawLasting(rng, kind, left);
  return { kind: "fault", fault, lasts };
}

/** How long a fault lasts: seconds, minutes or hours; over before the quiet time begins. */
function drawLasting(rng: Rng, kind: FaultName, left: Micros): Micros {
  const upToS = kind === "stall" ? STALL_MAX_S : pick(rng, [10, 200, 2_000, 10_000, 100_000]);
  return micros(Math.min(Math.max(left, 1_000_000), 1_000_000 * (1 + rng.below(upToS))));
}

/** What a person does at a node. A new board is flashed as it should be; its flash is empty. */
function drawAction(rng: Rng, { nodes }: ClusterSetup): Action {
  const node = rng.below(nodes);
  const kind = pick(rng, ACTIONS);
  if (kind === "reset-node") return { kind, node, subject: rng.below(nodes) };
  if (kind === "update-firmware") return { kind, node, firmware: pick(rng, FIRMWARES) };
  return { kind, node };
}

const ACTIONS = ["press-reset", "replace-battery", "replace-board", "update-firmware", "reset-node"] as const;

function drawTrigger(rng: Rng, { nodes }: ClusterSetup, at: Instant): Trigger {
  if (rng.chance(0.6)) return { kind: "at", at };
  const operation = pick(rng, OPERATIONS);
  const mark = { operation, count: 1 + rng.below(3), point: drawPoint(rng, operation) };
  return { kind: "operation", node: rng.below(nodes), from: at, mark };
}

function drawPoint(rng: Rng, operation: OperationMark["operation"]): OperationMark["point"] {
  const plain = { kind: rng.chance(0.5) ? "before" : "after" } as const;
  if (operation !== "read" && operation !== "page-write") return plain;
  if (rng.chance(0.3)) return plain;
  if (operation === "read" || rng.chance(0.5)) return { kind: "byte", byte: 1 + rng.below(28) };
  return { kind: "write-cycle", into: millis(rng.below(21) / 4) };
}
