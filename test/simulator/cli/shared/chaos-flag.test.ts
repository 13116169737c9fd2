import { CHAOS_HELP, parseChaos } from "../../../../simulator/cli/shared/chaos-flag.ts";
import { CHAOS_KINDS } from "../../../../simulator/local-cloud/chaos.ts";

test("kinds with rates -> these, by the seed", () => {
  expect(parseChaos("function-crash=0.1, late=.25,duplicate=0", 7)).toEqual({
    rates: { "function-crash": 0.1, late: 0.25, duplicate: 0 },
    seed: 7,
  });
});

test.each([
  ["functon-crash=0.1", /--chaos does not know "functon-crash": did you mean function-crash\?/],
  ["x=0.1", /one of function-crash, dynamodb-throttle, /],
  ["", /does not know ""/],
  ["late", /--chaos late takes a rate from 0 to 0\.9, as in late=0\.1, not "late"/],
  ["late=1", /from 0 to 0\.9/],
  ["late=-0.1", /from 0 to 0\.9/],
  ["late=0.1=0.2", /from 0 to 0\.9/],
  ["late=0.1,late=0.2", /--chaos names late twice/],
])("%s -> said", (text, expected) => {
  expect(() => parseChaos(text, 1)).toThrow(
    expect.objectContaining({ name: "UsageError", message: expect.stringMatching(expected) }),
  );
});

test("help -> a line for each kind, which fits a terminal of 80 columns", () => {
  const lines = CHAOS_HELP(" ".repeat(24)).trimEnd().split("\n");
  expect(lines).toHaveLength(CHAOS_KINDS.length);
  expect(lines.filter((line) => line.length > 79)).toEqual([]);
});
