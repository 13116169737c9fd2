/** What the reduced search leaves out changes nothing of what is found: the same states at rest, the same promises. */
import { execFile } from "node:child_process";
import { join } from "node:path";
import { promisify } from "node:util";
import { FAULT_CLASS_NAMES } from "../../../simulator/checker/fault-classes.ts";
import type { Compared } from "./reduction/run.ts";

/** A ceiling for a run that hangs: it takes about three minutes of CPU. */
const CEILING_MS = 900_000;
/** Classes with more states than that are given up (`reduction/run.ts`). */
const STATES_MAX = 150_000;
/** The classes that two chips do not survive. */
const BROKEN = ["wire-cut", "early-wake", "stall"];

let results: Readonly<Record<string, Compared>> = {};

beforeAll(async () => {
  const script = join(__dirname, "reduction", "run.ts");
  const { stdout } = await promisify(execFile)(process.execPath, ["--import", "tsx", script]);
  results = JSON.parse(stdout);
}, CEILING_MS);

test("every state followed, or only what need be -> the same states at rest, and the same promises", () => {
  for (const [name, { states, exhausted, atRest, missing }] of Object.entries(results)) {
    expect({ name, ...exhausted }).toEqual({ name, all: exhausted.reduced, reduced: exhausted.reduced });
    if (!exhausted.all) continue;
    expect({ name, missing, atRest: atRest.reduced }).toEqual({
      name,
      missing: undefined,
      atRest: atRest.all,
    });
    expect(states.reduced).toBeLessThanOrEqual(states.all);
  }
});

test("each class of faults is compared, and some pairs, and most to the end", () => {
  const names = Object.keys(results);
  expect(names).toEqual(expect.arrayContaining([...FAULT_CLASS_NAMES]));
  const given = names.filter((name) => !results[name]!.exhausted.all);
  expect(given.filter((name) => results[name]!.states.all < STATES_MAX)).toEqual(BROKEN);
  expect(names.length - given.length).toBeGreaterThanOrEqual(18);
  expect(given.filter((name) => name.includes("+"))).toEqual([]);
  // Else nothing would have been left out.
  expect(results.nothing!.states.reduced).toBeLessThan(0.95 * results.nothing!.states.all);
});
