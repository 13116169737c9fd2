/** A counterexample as a scenario: the same steps in the same order, on hardware and in time. */
import type { Check } from "../../checker/checks.ts";
import type { Label } from "../../checker/model.ts";
import { millis, seconds } from "../../engine/time.ts";
import type { Expectation, Metric } from "../../scenario/expectations.ts";
import type { ClusterSetup, Scenario } from "../../scenario/scenario.ts";
import { type Course, courseOf } from "./moments.ts";
import { AFTER_END_MS, scheduleOf } from "./schedule.ts";
import { Script } from "./script.ts";

export interface Counterexample {
  readonly check: Check;
  readonly violation: string;
  readonly steps: readonly Label[];
}

const NAME_MAX = 40;
const NO_WATCHDOG = seconds(86_400);

/**
 * @param periodS how long a node sleeps
 * @returns a text where the counterexample cannot be replayed: why
 */
export function replayOf(counterexample: Counterexample, periodS: number): Scenario | string {
  const { check, violation, steps } = counterexample;
  const course = courseOf(steps, check.nodes);
  const rules = { periodMs: periodS * 1_000, punctual: check.punctual };
  let schedule = scheduleOf(course, { ...rules, watched: true });
  // The published protocol has no watchdog.
  if (typeof schedule === "string" && check.protocol === "article")
    schedule = scheduleOf(course, { ...rules, watched: false });
  if (typeof schedule === "string") return schedule;
  const shown = shownBy(violation, steps, periodS);
  if (shown === undefined) return `nothing in a run shows "${violation}"`;
  const cluster = setupOf(check, course);
  const script = new Script(course, schedule, steps, cluster.start === "running");
  if (script.impossible !== undefined) return script.impossible;
  const lastMs = Math.max(schedule.end, ...schedule.tail.map(({ at }) => at)) + shown.afterMs;
  return {
    name: nameOf(check),
    line: `the checker's counterexample: ${violation}`,
    cluster,
    duration: millis(lastMs),
    shortest: millis(lastMs),
    temperatures: { kind: "constant", celsius: 21 },
    steps: script.steps,
    protocols: new Map([[check.protocol, { fails: violation, expect: [shown.expectation] }]]),
  };
}

/** `hardened-3-nodes-chip-lost`: what is particular about a check. */
export function fileNameOf({ protocol, nodes, witness, faults, budget, crashes, punctual }: Check): string {
  return [
    protocol,
    ...(nodes > 2 ? [`${nodes}-nodes`] : []),
    ...(witness ? ["witness"] : []),
    ...faults,
    ...(budget > faults.length ? ["twice"] : []),
    ...(crashes > 0 ? [`${crashes}-resets`] : []),
    ...(faults.length + crashes > 0 ? [] : [punctual ? "punctual" : "late-wakes"]),
  ].join("-");
}

/** As long as a scenario's name may be. */
const nameOf = (check: Check): string => fileNameOf(check).slice(0, NAME_MAX).replace(/-+$/, "");

function setupOf({ protocol, nodes, witness }: Check, { moments }: Course): ClusterSetup {
  const unwatched = moments.some(
    (moment) =>
      moment.kind === "strike" && (moment.label.kind === "freeze" || moment.label.kind === "overlong-wake"),
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

/** What is measured of a run that shows the violation, and for how long it goes on. */
function shownBy(
  violation: string,
  steps: readonly Label[],
  periodS: number,
): { readonly expectation: Expectation; readonly afterMs: number } | undefined {
  const atLeast = (metric: Metric, min: number): Expectation => ({
    kind: "metric",
    metric,
    min,
    max: Number.POSITIVE_INFINITY,
  });
  const soon = AFTER_END_MS + 60_000;
  if (/ act at once$/.test(violation)) return { expectation: atLeast("acting at once", 2), afterMs: soon };
  if (/ acts under term /.test(violation)) return { expectation: atLeast("stale acts", 1), afterMs: soon };
  if (/ expels node /.test(violation)) return { expectation: atLeast("wrongly expelled", 1), afterMs: soon };
  const rounds = Number(/^nobody acts within (\d+) rounds/.exec(violation)?.[1]);
  if (!(rounds > 0)) return undefined;
  const quietS = rounds * periodS;
  const acted = steps.some(({ kind }) => kind === "acts");
  return {
    expectation: acted
      ? atLeast("longest gap", quietS)
      : { kind: "metric", metric: "readings stored", min: 0, max: 0 },
    afterMs: quietS * 1_000,
  };
}
