/** Schedules the steps of a scenario: at a time, at an operation, or by chance. */
import type { Engine } from "../engine/engine.ts";
import { type Rng, rngStream } from "../engine/rng.ts";
import { after, type Instant, type Micros, micros } from "../engine/time.ts";
import type { Step, Trigger } from "./scenario.ts";

/** Time to the next arrival of a Poisson process with one arrival every `mean` on average. */
const nextArrival = (rng: Rng, mean: Micros): Micros => micros(mean * exponential(rng));

/**
 * A number with the exponential distribution of mean 1, by comparisons alone (von Neumann 1951): the last bit of
 * `Math.log` differs between versions of V8.
 */
export function exponential(rng: Rng): number {
  for (let whole = 0; ; whole++) {
    const first = rng.unit();
    let previous = first;
    let falling = 1;
    for (let next = rng.unit(); next < previous; next = rng.unit()) {
      previous = next;
      falling += 1;
    }
    if (falling % 2 === 1) return whole + first;
  }
}

/** Sets a mark on a node; `fire` is called when it is met. */
export type ArmMark = (trigger: Trigger & { kind: "operation" }, fire: (at: Instant) => void) => void;

/** Schedules every step. @param carryOut called when a step happens, with its index in the list */
export function scheduleSteps(
  engine: Engine,
  steps: readonly Step[],
  seed: number,
  arm: ArmMark,
  carryOut: (step: Step, index: number) => void,
): void {
  for (const [index, step] of steps.entries()) {
    const { trigger } = step;
    switch (trigger.kind) {
      case "at": {
        const { every } = trigger;
        const next = (at: Instant): void =>
          void engine.at(at, () => {
            carryOut(step, index);
            if (every !== undefined) next(after(at, every));
          });
        next(trigger.at);
        break;
      }
      case "operation": {
        const next = (): void =>
          arm(
            trigger,
            (at) =>
              void engine.at(at, () => {
                carryOut(step, index);
                if (trigger.again) next();
              }),
          );
        engine.at(trigger.from, next);
        break;
      }
      case "chance": {
        const rng = rngStream(seed, `chance-${index}`);
        const mean = micros(trigger.per / trigger.times);
        const next = (from: Instant): void => {
          const at = after(from, nextArrival(rng, mean));
          engine.at(at, () => {
            carryOut(step, index);
            next(at);
          });
        };
        next(trigger.from);
      }
    }
  }
}
