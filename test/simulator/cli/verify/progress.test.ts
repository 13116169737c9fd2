import { expectedThousands, TimeLeft } from "../../../../simulator/cli/verify/progress.ts";
import { checkOf as check } from "../../checker/support/check.ts";

const LARGE = check(["worn-page"], { crashes: 1 });
const SMALL = check(["freeze"]);

test("a large class, a reset, a witness -> more states are expected", () => {
  const expected = (of: typeof LARGE): number => expectedThousands(of, 1e9);
  expect(expected(LARGE)).toBeGreaterThan(expected({ ...LARGE, crashes: 0 }));
  expect(expected({ ...SMALL, witness: true })).toBeGreaterThan(expected(SMALL));
  expect(expected(LARGE)).toBeGreaterThan(expected({ ...SMALL, crashes: 1 }));
});

test("a limit -> no more are expected", () => {
  expect(expectedThousands(LARGE, 5_000)).toBe(5);
  expect(expectedThousands(check(["freeze", "stall"], { budget: 2 }), 7_000)).toBe(7);
});

test("half of the states are searched -> as long again; all -> nothing left; none -> not known", () => {
  const left = new TimeLeft([LARGE, SMALL], 1_000);
  expect(left.seconds(10)).toBeUndefined();
  left.done(SMALL);
  expect(left.seconds(10)).toBeCloseTo(10);
  left.reached(LARGE, 500);
  expect(left.seconds(15)).toBeCloseTo(5);
  left.done(LARGE);
  expect(left.seconds(20)).toBe(0);
});

test("more states than expected -> time is left until the check is done", () => {
  const left = new TimeLeft([LARGE], 1e9);
  left.reached(LARGE, 1e12);
  expect(left.seconds(100)).toBeGreaterThan(0);
});
