/** Makes a scenario of a counterexample: the same steps in the same order, on simulated hardware, with times. */
import type { Check } from "../checker/checks.ts";
import { violationText } from "../checker/print-steps.ts";
import type { Start } from "../checker/starts.ts";
import type { Transition } from "../checker/transition.ts";
import { millis, seconds } from "../engine/time.ts";
import type { Law, Violation } from "../protocol/laws.ts";
import type { Expectation } from "../scenario/expectations.ts";
import { METRIC_OF_LAW } from "../scenario/law-metrics.ts";
import { NAME_LENGTH_MAX } from "../scenario/parse-scenario.ts";
import type { ClusterSetup, Scenario } from "../scenario/scenario.ts";
import { Script } from "./scenario-steps.ts";
import { AFTER_END_MS, scheduleOf } from "./schedule.ts";
import { type Course, courseOf } from "./segments.ts";
import type { Unplayable } from "./unplayable.ts";

/** A violation, the check that found it, and a shortest sequence of steps to it. */
export interface Counterexample {
  readonly check: Check;
  readonly violation: Violation;
  /** The start from which the search found it. */
  readonly start: Start;
  /** Number of the first of `steps` that lead from blank chips to the start. */
  readonly preludeLength: number;
  readonly steps: readonly Transition[];
}

const NO_WATCHDOG = seconds(86_400);

/**
 * The scenario that replays a counterexample, or why there is none.
 * @param periodS sleep between two wakes, in seconds
 */
export function scenarioOf(counterexample: Counterexample, periodS: number): Scenario | Unplayable {
  const { check, violation, steps } = counterexample;
  const course = courseOf(steps, check.nodes);
  const order = (violation.law === "somebody-acts-again" ? violation.order : undefined) ?? "in-turn";
  const rules = { periodMs: periodS * 1_000, punctual: check.punctual, order };
  let schedule = scheduleOf(course, { ...rules, watched: true });
  // The published protocol has no watchdog.
  if ("why" in schedule && check.protocol === "article")
    schedule = scheduleOf(course, { ...rules, watched: false });
  if ("why" in schedule) return schedule;
  const shown = shownBy(violation, steps, periodS);
  const cluster = setupOf(check, course);
  const script = new Script(course, schedule, steps, cluster.start === "running");
  if (script.impossible !== undefined) return script.impossible;
  const lastMs = Math.max(schedule.end, ...schedule.tail.map(({ at }) => at)) + shown.afterMs;
  return {
    name: nameOf(counterexample),
    line: `the checker's counterexample: ${violationText(violation)}`,
    cluster,
    duration: millis(lastMs),
    shortest: millis(lastMs),
    temperatures: { kind: "constant", celsius: 21 },
    steps: script.steps,
    protocols: new Map([[check.protocol, { fails: violationText(violation), expect: [shown.expectation] }]]),
  };
}

const LAW_IN_NAME: Readonly<Record<Law, string>> = {
  "at-most-one-acts": "two-act",
  "terms-only-rise": "order",
  "somebody-acts-again": "nobody-acts",
  "nobody-well-is-expelled": "expelled",
};

/** A name for a counterexample: what is particular about its check, and the law. `hardened-3-nodes-freeze-two-act`. */
export function fileNameOf({
  check,
  violation,
  start,
}: Pick<Counterexample, "check" | "violation" | "start">): string {
  const { protocol, nodes, witness, faults, budget, crashes, punctual } = check;
  return [
    protocol,
    ...(nodes > 2 ? [`${nodes}-nodes`] : []),
    ...(witness ? ["witness"] : []),
    ...faults,
    ...(budget > faults.length ? ["twice"] : []),
    ...(crashes > 0 ? [crashes === 1 ? "a-reset" : `${crashes}-resets`] : []),
    // The published protocol is searched with punctual wakes wherever there is a fault.
    ...(punctual
      ? protocol === "article"
        ? []
        : ["punctual"]
      : faults.length + crashes > 0
        ? []
        : ["late-wakes"]),
    LAW_IN_NAME[violation.law],
    ...(start === "blank" ? [] : [`from-${start}`]),
  ].join("-");
}

/** That name, cut to the length that a scenario's name may have. */
const nameOf = (counterexample: Counterexample): string =>
  fileNameOf(counterexample).slice(0, NAME_LENGTH_MAX).replace(/-+$/, "");

function setupOf({ protocol, nodes, witness }: Check, { segments }: Course): ClusterSetup {
  const unwatched = segments.some(
    (segment) =>
      segment.kind === "interruption" &&
      (segment.disturbance.kind === "freeze" || segment.disturbance.kind === "stall"),
  );
  return {
    nodes,
    start: protocol === "article" ? "running" : "blank",
    counters: protocol === "article" ? new Array<number>(nodes).fill(2) : undefined,
    eepromPower: "shared",
    witness,
    pullUps: "external",
    unpowered: "stuck",
    watchdog: unwatched ? NO_WATCHDOG : undefined,
    readmission: undefined,
    drift: new Array<number>(nodes).fill(0),
    charge: undefined,
  };
}

/** By law: what its violation means for a person with such nodes, in a sentence. */
export const MEANING: Readonly<Record<Law, string>> = {
  "at-most-one-acts": "Both nodes act as primary at the same time, and publish the same due reading.",
  "terms-only-rise":
    "Terms rise with each new primary: this node acts under a term that is over, or under another node's.",
  "nobody-well-is-expelled": "It is marked dead, although every wake came on time.",
  "somebody-acts-again":
    "Nothing more fails, each running node wakes that often, and still no reading is published.",
};

/** The expectation that shows the violation in a run, and how many milliseconds the run goes on after the last step. */
function shownBy(
  violation: Violation,
  steps: readonly Transition[],
  periodS: number,
): { readonly expectation: Expectation; readonly afterMs: number } {
  const metric = METRIC_OF_LAW[violation.law];
  const max = Number.POSITIVE_INFINITY;
  if (violation.law !== "somebody-acts-again")
    return {
      expectation: { kind: "metric", metric, min: violation.law === "at-most-one-acts" ? 2 : 1, max },
      afterMs: AFTER_END_MS + SEEN_MS,
    };
  const quietS = violation.unit === "rounds" ? violation.bound * periodS : violation.bound;
  const acted = steps.some(({ kind }) => kind === "acts");
  return {
    expectation: acted
      ? { kind: "metric", metric, min: quietS, max }
      : { kind: "metric", metric: "readings stored", min: 0, max: 0 },
    afterMs: quietS * 1_000,
  };
}

/** Milliseconds after what is under way at the end, so that all of it is counted. */
const SEEN_MS = 60_000;
