/** Each rule that the lives depend on, planted as a fault: some life shows it. Without a fault, thousands show nothing. */
import fc from "fast-check";
import { type Modules, planted } from "../planted.ts";
import { lifeOf, type Tale, talesOf } from "./support/life-stories.ts";

type Shipped = Readonly<Record<string, Readonly<Record<string, unknown>>>>;

/** By what goes wrong then: files below the project's root, and what is exported in place of what they export. */
const MUTANTS: Readonly<Record<string, Modules<Shipped>>> = {
  "a clock that is behind is trusted": {
    "lambda/core/order.ts": () => ({
      happenedMs: (atMs: number, receivedMs: number) =>
        Math.min(Number.isNaN(atMs) ? receivedMs : atMs, receivedMs),
    }),
  },
  "a wrong clock is nobody's business": { "lambda/core/order.ts": () => ({ isPlausible: () => true }) },
  "terms that begin anew are old news": {
    "lambda/sweep_clusters/core/detect/era.ts": () => ({ newEraMs: () => undefined }),
  },
  "time in which nobody was heard counts": {
    "lambda/sweep_clusters/core/memory.ts": () => ({ withHearing: (memory: unknown) => memory }),
  },
  "one sample is believed": { "lambda/sweep_clusters/core/memory.ts": () => ({ isBelieved: () => true }) },
  "what was seen once is never forgotten": {
    "lambda/sweep_clusters/core/memory.ts": ({ withDoubts }) => ({
      withDoubts: (memory: { doubts: readonly unknown[] }, findings: readonly { fires: boolean }[]) =>
        (withDoubts as (...given: unknown[]) => unknown)(
          memory,
          findings.filter(({ fires }) => fires),
        ),
    }),
  },
  "silence after 2.5 periods": { "lib/contract/messages.ts": () => ({ SILENCE_PERIODS: 2.5 }) },
  "a heartbeat with one bad field is dropped": {
    "lambda/sweep_clusters/core/heartbeat.ts": ({ heartbeatFrom }) => ({
      heartbeatFrom: (item: { measured_at: string }) => {
        if (Number.isNaN(Date.parse(item.measured_at))) throw new Error("no time");
        return (heartbeatFrom as (given: unknown) => unknown)(item);
      },
    }),
  },
};

/** Without a calm week after it: none of the faults needs one. */
const lives = talesOf(5, 0);

/** The lives with a fault planted; none: as they are shipped. */
function livesWith(modules: Modules<Shipped>) {
  const { live, brokenIn } = planted(modules, () => ({
    ...(require("./support/lives.ts") as typeof import("./support/lives.ts")),
    ...(require("./support/expected-life.ts") as typeof import("./support/expected-life.ts")),
  }));
  return async (tale: Tale): Promise<boolean> => {
    const whole = lifeOf(tale);
    return brokenIn(await live(whole, tale.startMs), whole).length === 0;
  };
}

const checked = (modules: Modules<Shipped>, numRuns: number) =>
  fc.check(fc.asyncProperty(lives, livesWith(modules)), { numRuns, seed: 7, endOnFailure: true });

test("as it is shipped -> holds in every life", async () => {
  const { failed, counterexample } = await checked({}, Number(process.env.HA2M_RUNS ?? 400));
  expect({ failed, counterexample }).toEqual({ failed: false, counterexample: null });
}, 600_000);

test.each(Object.entries(MUTANTS))(
  "%s -> a life shows it",
  async (_, modules) => {
    expect((await checked(modules, 300)).failed).toBe(true);
  },
  300_000,
);
