/** Shrinks a scenario to a small one that breaks the same rule. */
import { inSeconds, type Micros, micros, minutes } from "../engine/time.ts";
import type { Scenario } from "../scenario/scenario.ts";
import type { Breach } from "./referee.ts";
import { simpler } from "./simpler.ts";

/** A scenario, the seed it is played with, and what it breaks. */
export interface Failing {
  readonly scenario: Scenario;
  readonly seed: number;
  readonly violation: Breach;
}

/** Plays a scenario. @returns its breaches; empty: there is none */
export type Plays = (scenario: Scenario, seed: number) => Promise<readonly Breach[]>;

/** Most plays: a small scenario that is found late is of no use. */
const PLAYS_MAX = 600;
/** The default seed of `npm run simulate`. */
export const PLAIN_SEED = 1;

/** The smallest failing scenario found. @param playsMax most scenarios to play */
export async function shrink(found: Failing, plays: Plays, playsMax = PLAYS_MAX): Promise<Failing> {
  let left = playsMax;
  const brokenBy = async (scenario: Scenario, seed: number): Promise<Failing | undefined> => {
    left -= 1;
    const violations = await plays(scenario, seed);
    const violation = violations.find(({ rule }) => rule === found.violation.rule);
    return violation && { scenario, seed, violation };
  };
  let best = (await brokenBy(found.scenario, PLAIN_SEED)) ?? found;
  for (;;) {
    let better: Failing | undefined;
    for (const candidate of simpler(best.scenario, enoughFor(best.violation))) {
      if (left <= 0) return best;
      better = await brokenBy(candidate, best.seed);
      if (better === undefined && best.seed !== PLAIN_SEED) better = await brokenBy(candidate, PLAIN_SEED);
      if (better !== undefined) break;
    }
    if (better === undefined) return best;
    best = better;
  }
}

/** A duration that shows a breach: up to the next full minute. */
function enoughFor({ at, dueS }: Breach): Micros {
  const end = dueS === undefined ? inSeconds(at as number as Micros) : dueS;
  return micros(minutes(1) * (Math.floor(end / 60) + 1));
}
