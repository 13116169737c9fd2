/** Scenarios that are a little simpler than a given one, for `shrink`. */
import { hours, type Micros, minutes, seconds } from "../engine/time.ts";
import type { Fault } from "../scenario/faults.ts";
import type { ClusterSetup, Scenario, Step, Trigger } from "../scenario/scenario.ts";
import { shortestOf } from "./draw-scenario.ts";

/** Units to round to, the largest first. */
const ROUND = [hours(1), minutes(10), minutes(1), seconds(1)] as const;

/**
 * Scenarios that are each simpler in one respect, those with the largest difference first.
 * @param enough a duration that shows the breach
 */
export function* simpler(scenario: Scenario, enough: Micros): Generator<Scenario> {
  if (enough < scenario.duration) yield* withSteps({ ...scenario, duration: enough }, scenario.steps);
  yield* fewerSteps(scenario);
  for (const cluster of simplerClusters(scenario)) yield { ...scenario, cluster };
  if (scenario.temperatures.kind !== "room") yield { ...scenario, temperatures: { kind: "room" } };
  for (const [index, step] of scenario.steps.entries())
    for (const other of simplerSteps(step)) yield* withSteps(scenario, scenario.steps.with(index, other));
}

/** The scenario with these steps; none where a step would come after the end, which a file may not have. */
function* withSteps(scenario: Scenario, steps: readonly Step[]): Generator<Scenario> {
  const shortest = shortestOf(steps);
  if (shortest <= scenario.duration) yield { ...scenario, steps, shortest };
}

/** The scenario without half of its steps, without a quarter, and so on down to one. */
function* fewerSteps(scenario: Scenario): Generator<Scenario> {
  const { steps } = scenario;
  for (let size = Math.ceil(steps.length / 2); size > 0; size = size === 1 ? 0 : Math.ceil(size / 2))
    for (let from = 0; from < steps.length; from += size)
      yield* withSteps(scenario, [...steps.slice(0, from), ...steps.slice(from + size)]);
}

function* simplerClusters({ cluster, steps }: Scenario): Generator<ClusterSetup> {
  const nodes = cluster.nodes - 1;
  const cut = <Item>(list: readonly Item[] | undefined) => list?.slice(0, nodes);
  if (nodes >= 2 && !steps.some((step) => seatsOf(step).some((seat) => seat >= nodes)))
    yield {
      ...cluster,
      nodes,
      counters: cut(cluster.counters),
      drift: cut(cluster.drift),
      charge: cut(cluster.charge),
      ...(cluster.firmware === undefined ? {} : { firmware: cut(cluster.firmware) }),
    };
  if (cluster.firmware !== undefined) {
    const { firmware: _, ...rest } = cluster;
    yield rest;
  }
  const plain: Partial<ClusterSetup> = {
    counters: undefined,
    charge: undefined,
    drift: undefined,
    eepromPower: "shared",
    pullUps: "external",
    unpowered: "stuck",
    ...(steps.some((step) => seatsOf(step).includes(cluster.nodes)) ? {} : { witness: false }),
  };
  for (const [key, value] of Object.entries(plain))
    if (cluster[key as keyof ClusterSetup] !== value) yield { ...cluster, [key]: value };
}

/** The numbers of nodes and chips in a step. */
function seatsOf(step: Step): number[] {
  const { trigger } = step;
  const named: object = step.kind === "action" ? step.action : step.fault;
  const seats = ["node", "with", "chip", "as", "subject"].map(
    (key) => (named as Record<string, unknown>)[key],
  );
  return [...seats, trigger.kind === "operation" ? trigger.node : undefined].filter(
    (seat) => typeof seat === "number",
  );
}

function* simplerSteps(step: Step): Generator<Step> {
  for (const trigger of simplerTriggers(step.trigger)) yield { ...step, trigger };
  if (step.kind === "action") return;
  if (step.lasts !== undefined) {
    yield { ...step, lasts: undefined };
    for (const lasts of rounder(step.lasts)) if (lasts > 0) yield { ...step, lasts: lasts as Micros };
  }
  for (const key of ["by_s", "held_s"]) {
    const value = new Map<string, unknown>(Object.entries(step.fault)).get(key);
    if (typeof value !== "number") continue;
    for (const rounded of rounder(value * 1_000_000))
      if (rounded > 0) yield { ...step, fault: { ...step.fault, [key]: rounded / 1_000_000 } as Fault };
  }
}

function* simplerTriggers(trigger: Trigger): Generator<Trigger> {
  const at = trigger.kind === "at" ? trigger.at : trigger.from;
  if (trigger.kind !== "at") yield { kind: "at", at };
  for (const rounded of rounder(at)) {
    if (trigger.kind === "at") yield { ...trigger, at: rounded as typeof at };
    else yield { ...trigger, from: rounded as typeof at };
  }
  if (trigger.kind !== "operation") return;
  if (trigger.mark.count > 1) yield { ...trigger, mark: { ...trigger.mark, count: 1 } };
  if (trigger.mark.point.kind !== "before")
    yield { ...trigger, mark: { ...trigger.mark, point: { kind: "before" } } };
}

/** A time rounded down and up to a whole hour, ten minutes, minute and second, where it is not whole already. */
function* rounder(value: number): Generator<number> {
  for (const unit of ROUND)
    if (value % unit !== 0) {
      yield value - (value % unit);
      yield value - (value % unit) + unit;
    }
}
