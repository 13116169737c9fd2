/** Hundreds of lives of a cluster: what the sweep and the events make of them is true, and nothing that lasts is left out. */
import fc from "fast-check";
import { brokenIn } from "./support/expected-life.ts";
import { lifeOf, lives } from "./support/life-stories.ts";
import { live } from "./support/lives.ts";

test("any life -> nothing untrue is told, and nothing that lasts is left untold", async () => {
  await fc.assert(
    fc.asyncProperty(lives, async (chapters) => {
      const whole = lifeOf(chapters);
      expect(brokenIn(await live(whole), whole)).toEqual([]);
    }),
    { numRuns: Number(process.env.HA2M_RUNS ?? 60) },
  );
});
