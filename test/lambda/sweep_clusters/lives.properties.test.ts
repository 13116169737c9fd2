/** Hundreds of lives of a cluster: what the sweep and the events make of them is true, and nothing that lasts is left out. */
import fc from "fast-check";
import { brokenIn } from "./support/expected-life.ts";
import { lifeOf, lives } from "./support/life-stories.ts";
import { live } from "./support/lives.ts";

test("any life -> nothing untrue is told, nothing that lasts is left untold, and each week's report is so", async () => {
  let reports = 0;
  await fc.assert(
    fc.asyncProperty(lives, async (tale) => {
      const whole = lifeOf(tale);
      const life = await live(whole, tale.startMs);
      reports += life.reports.length;
      expect(brokenIn(life, whole)).toEqual([]);
    }),
    { numRuns: Number(process.env.HA2M_RUNS ?? 60) },
  );
  // Else nothing above was about one.
  expect(reports).toBeGreaterThan(0);
});
