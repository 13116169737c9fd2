/** One run of the swarm, from its seed. */
import { ARTICLE } from "../protocol/article/article.ts";
import { HARDENED } from "../protocol/hardened/hardened.ts";
import type { Protocol } from "../protocol/protocol.ts";
import type { ProtocolName, Scenario } from "../scenario/scenario.ts";
import { type DrawOptions, drawScenario } from "./draw-scenario.ts";
import { type Judgement, judge, judgeTwice } from "./judge.ts";
import type { Breach } from "./referee.ts";
import { type Regression, regressionOf } from "./regression.ts";
import { shrink } from "./shrink.ts";

const PROTOCOL: Readonly<Record<ProtocolName, Protocol>> = { article: ARTICLE, hardened: HARDENED };
/** One run of this many is played twice, and its traces are compared. */
const TWICE_EVERY = 16;

/** Draws a seed's scenario and judges it; every 16th seed is played twice, which must give the same trace. */
export function runSeed(seed: number, options: DrawOptions): Promise<Judgement> {
  const run = { scenario: drawScenario(seed, options), protocol: PROTOCOL[options.protocol], seed };
  return seed % TWICE_EVERY === 0 ? judgeTwice(run) : judge(run);
}

/** The smallest scenario found that breaks the same rule as this seed. */
export async function shrinkSeed(seed: number, violation: Breach, options: DrawOptions): Promise<Regression> {
  const play = violation.rule === "trace" ? judgeTwice : judge;
  const protocol = PROTOCOL[options.protocol];
  const plays = async (scenario: Scenario, seed: number) =>
    (await play({ scenario, protocol, seed })).violations;
  const small = await shrink({ scenario: drawScenario(seed, options), seed, violation }, plays);
  return regressionOf(small, seed, options.protocol);
}
