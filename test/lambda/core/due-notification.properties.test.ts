/**
 * What is due against a model: a reader who believes what the last mail said. Whatever happens, whichever attempts crash,
 * the reader hears FIRING and RESOLVED in turn, and in the end believes what is so.
 */
import fc from "fast-check";
import { EXAMPLES, type Step, steps } from "./mail-steps.ts";
import { brokenBy } from "./noticed.ts";

test("any signals, attempts and crashes -> in turn, in the end true, nobody woken, reminders no sooner than due", () => {
  const seen = { reminders: 0, flapping: 0, digests: 0, joined: 0, escalated: 0, inHand: 0 };
  fc.assert(
    fc.property(steps, (taken) => expect(brokenBy(taken, seen)).toEqual([])),
    { numRuns: Number(process.env.HA2M_RUNS ?? 3_000), examples: EXAMPLES.map((taken): [Step[]] => [taken]) },
  );
  // Else the lines above would prove nothing of them.
  for (const times of Object.values(seen)) expect(times).toBeGreaterThan(0);
});
