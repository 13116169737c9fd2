/**
 * Rules that only a longer play shows: with one of them broken, a scenario of the library no longer holds what it promises,
 * and as shipped it does. The checker's mutants (`test/simulator/checker/mutants`) break the others.
 */

import { findScenario } from "../../../simulator/cli/shared/scenario-files.ts";
import { playUnderRules } from "../../../simulator/cli/swarm/play-one.ts";
import { days, type Micros } from "../../../simulator/engine/time.ts";
import type { Cycle, Effect } from "../../../simulator/protocol/effects.ts";
import { decide } from "../../../simulator/protocol/hardened/decide.ts";
import { HARDENED } from "../../../simulator/protocol/hardened/hardened.ts";
import type { HardenedMemory } from "../../../simulator/protocol/hardened/memory.ts";
import { RECORD_VERSION } from "../../../simulator/protocol/hardened/record.ts";
import type { Protocol, WakeResult } from "../../../simulator/protocol/protocol.ts";
import { JOINS_BEFORE_BACKING_OFF } from "../../../simulator/protocol/timing.ts";
import type { Expectation } from "../../../simulator/scenario/expectations.ts";
import { onPages, withInputs, withPlan, withRules, withWake } from "../checker/mutants/altered.ts";
import { fault, RUNNING, SmallWorld } from "../node/small-world.ts";

type Memory = HardenedMemory;

/** A node goes by its flash alone, whatever later records of its own the chips hold. */
const bootByFlashAlone = withRules((context, cluster, chips, memory, start) => {
  const plan = decide(context, cluster, chips, memory, start);
  if (plan.record.boot === start.boot) return plan;
  const gen = memory.gen + 1;
  const record = { ...plan.record, boot: start.boot, gen };
  return { ...plan, record, requiredAcks: 0, memory: { ...plan.memory, gen } };
});

/** Of two boards with one number neither ever rests. */
const noTwinRests = withInputs((_, memory) => ({ memory: { ...memory, contests: 0 } }));

/** A look is a miss, however long the other node sleeps. */
const countsEveryLook = withWake(({ sleepS: _, ...context }, memory, start) =>
  HARDENED.wake(context, memory, start),
);

const once = (effect: Effect): Effect => {
  if (effect.do !== "read" && effect.do !== "write") return effect;
  const { tries: _, ...rest } = effect;
  return rest;
};
/** A transfer that fails is not tried again within the wake. */
const triesOnce = withWake(function* (context, memory, start): Cycle<WakeResult<Memory>> {
  const cycle = HARDENED.wake(context, memory, start);
  let step = cycle.next();
  while (!step.done) step = cycle.next(yield once(step.value));
  return step.value;
});

/** One join that fails in a hold-down is taken for an outage. */
const backsOffAtOnce = withPlan((plan) => ({
  ...plan,
  memory: { ...plan.memory, joinsFailed: JOINS_BEFORE_BACKING_OFF },
}));

const neverBacksOff = withPlan((plan) => ({ ...plan, memory: { ...plan.memory, joinsToSkip: 0 } }));

const coldStartsUncounted = withWake((context, memory, start) =>
  HARDENED.wake(context, memory, { ...start, coldStarts: 1 }),
);

/** A record of a later version is taken for damage. */
const refusesLaterVersions = withInputs((chips) => ({
  chips: onPages(chips, (page) =>
    page[2]! > RECORD_VERSION && page[2] !== 0xff ? new Uint8Array(page.length) : undefined,
  ),
}));

/** What a shorter play of a long scenario has to keep. */
const atLeast = (readings: number): readonly Expectation[] => [
  { kind: "metric", metric: "readings stored", min: readings, max: Number.POSITIVE_INFINITY },
];

interface Case {
  readonly mutant: Protocol;
  readonly scenario: string;
  /** Plays less of it, and asks this instead. */
  readonly shorter?: { readonly duration: Micros; readonly expect: readonly Expectation[] };
}

const CASES: Readonly<Record<string, Case>> = {
  bootByFlashAlone: { mutant: bootByFlashAlone, scenario: "change-a-board" },
  noTwinRests: { mutant: noTwinRests, scenario: "two-boards-one-number" },
  countsEveryLook: { mutant: countsEveryLook, scenario: "periods-5-and-15" },
  triesOnce: {
    mutant: triesOnce,
    scenario: "transfers-fail",
    shorter: { duration: days(12), expect: atLeast(1_115) },
  },
  backsOffAtOnce: {
    mutant: backsOffAtOnce,
    scenario: "joins-fail",
    shorter: { duration: days(20), expect: atLeast(1_250) },
  },
  coldStartsUncounted: { mutant: coldStartsUncounted, scenario: "loose-contact" },
  refusesLaterVersions: { mutant: refusesLaterVersions, scenario: "upgraded-one-by-one" },
};

/** What does not hold: a law, or an expectation of the scenario. */
async function broken({ scenario: name, shorter }: Case, protocol: Protocol): Promise<string[]> {
  const scenario = findScenario(name, undefined, "simulate");
  const answer = { fails: undefined, expect: shorter?.expect ?? scenario.protocols.get("hardened")!.expect };
  const steps =
    shorter === undefined
      ? scenario.steps
      : scenario.steps.filter(({ trigger }) => trigger.kind !== "at" || trigger.at < shorter.duration);
  const played = { ...scenario, steps, duration: shorter?.duration ?? scenario.duration };
  const { violations, expectations } = await playUnderRules(
    played,
    { name: "hardened", protocol, answer },
    1,
  );
  return [
    ...violations.map(({ rule, detail }) => `${rule}: ${detail}`),
    ...expectations.filter(({ held }) => !held).map(({ text, found }) => `${text}; found: ${found}`),
  ];
}

test.each(Object.entries(CASES))("%s -> its scenario breaks, and as shipped it holds", async (_, each) => {
  expect(await broken(each, each.mutant)).not.toEqual([]);
  expect(await broken(each, HARDENED)).toEqual([]);
});

test("neverBacksOff -> several times the joins of an outage of two days", async () => {
  const joins = async (protocol: Protocol): Promise<number> => {
    const steps = [fault(30, { kind: "broadband-outage" })];
    const world = await new SmallWorld(steps, { cluster: RUNNING, protocol, traced: false }).runTo(48 * 60);
    return world.of("connect-failed", 0).length + world.of("connect-failed", 1).length;
  };
  const [shipped, mutant] = [await joins(HARDENED), await joins(neverBacksOff)];
  expect(mutant).toBeGreaterThan(2 * shipped);
  expect(shipped).toBeGreaterThan(0);
});
