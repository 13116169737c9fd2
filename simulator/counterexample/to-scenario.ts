/** A counterexample as a scenario: the same steps in the same order, on hardware and in time. */
import type { Check } from "../checker/checks.ts";
import type { Label } from "../checker/model.ts";
import { millis, seconds } from "../engine/time.ts";
import type { Expectation, Metric } from "../scenario/expectations.ts";
import type { ClusterSetup, Scenario } from "../scenario/scenario.ts";
import { Script } from "./scenario-steps.ts";
import { AFTER_END_MS, scheduleOf } from "./schedule.ts";
import { type Course, courseOf } from "./segments.ts";

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
    ...(crashes > 0 ? [crashes === 1 ? "a-reset" : `${crashes}-resets`] : []),
    ...(punctual ? ["punctual"] : faults.length + crashes > 0 ? [] : ["late-wakes"]),
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

/** What a broken promise means for whoever has such nodes, and what of a run shows it. */
interface Violation {
  readonly pattern: RegExp;
  readonly means: string;
  /** Undefined: that there is no reading for so many rounds. */
  readonly metric: Metric | undefined;
}

const VIOLATIONS: readonly Violation[] = [
  {
    pattern: / act at once$/,
    means: "Both use the primary's role at the same time, and publish what is due once.",
    metric: "acting at once",
  },
  {
    pattern: / acts under term /,
    means: "Terms rise with each new primary: it acts under one that is over, or that is another's.",
    metric: "stale acts",
  },
  {
    pattern: / expels node /,
    means: "It is held to be dead, although every wake came when it should.",
    metric: "wrongly expelled",
  },
  {
    pattern: /^nobody acts within (\d+) rounds/,
    means:
      "Nothing goes wrong any more, each node that runs wakes so often, and still no reading is published.",
    metric: undefined,
  },
];

/** A sentence; empty for a violation of which there is no replay. */
export const meaningOf = (violation: string): string =>
  VIOLATIONS.find(({ pattern }) => pattern.test(violation))?.means ?? "";

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
  const known = VIOLATIONS.find(({ pattern }) => pattern.test(violation));
  if (known === undefined) return undefined;
  const { metric, pattern } = known;
  if (metric !== undefined)
    return {
      expectation: atLeast(metric, metric === "acting at once" ? 2 : 1),
      afterMs: AFTER_END_MS + 60_000,
    };
  const quietS = Number(pattern.exec(violation)![1]) * periodS;
  const acted = steps.some(({ kind }) => kind === "acts");
  return {
    expectation: acted
      ? atLeast("longest gap", quietS)
      : { kind: "metric", metric: "readings stored", min: 0, max: 0 },
    afterMs: quietS * 1_000,
  };
}
