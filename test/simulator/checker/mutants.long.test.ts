/**
 * Each rule of the hardened protocol is needed, and the checker is not blind: with the rule broken it finds what goes
 * wrong, and the same check finds nothing in the shipped protocol.
 */
import { execFile } from "node:child_process";
import { join } from "node:path";
import { promisify } from "node:util";
import { CAUGHT } from "./mutants/caught.ts";
import type { Noticed } from "./mutants/run.ts";

/** A ceiling for a run that hangs: alone on a machine it takes some fifteen seconds. */
const CEILING_MS = 300_000;

const mutants = Object.entries(CAUGHT);
let noticed: Readonly<Record<string, Noticed>> = {};

beforeAll(async () => {
  const script = join(__dirname, "mutants", "run.ts");
  const { stdout } = await promisify(execFile)(process.execPath, ["--import", "tsx", script]);
  noticed = JSON.parse(stdout);
}, CEILING_MS);

test.each(mutants)("%s -> the checker notices it", (name, { says }) => {
  expect(noticed[name]?.violation).toMatch(says);
});

test.each(mutants)(
  "%s -> its counterexample is one of the mutant, whatever the form leaves out",
  (name, { says }) => {
    expect(noticed[name]?.retraced).toMatch(says);
  },
);

test.each(mutants)("the shipped protocol where %s is noticed -> nothing to notice", (name) => {
  expect(noticed[name]).not.toHaveProperty("shipped");
});

test("each mutant has a check, and is one of its own", () => {
  expect(Object.keys(noticed)).toEqual(Object.keys(CAUGHT));
  expect(mutants.length).toBeGreaterThanOrEqual(12);
});
