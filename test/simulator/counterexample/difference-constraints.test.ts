import { earliestTimes } from "../../../simulator/counterexample/difference-constraints.ts";

test("one after another -> each as early as the one before allows", () => {
  const differences = [
    { earlier: 0, later: 1, by: 5 },
    { earlier: 1, later: 2, by: 7 },
    { earlier: 0, later: 2, by: 1 },
  ];
  expect(earliestTimes(3, differences)).toEqual([0, 5, 12]);
});

test("at most so much before another -> put off for it", () => {
  const differences = [
    { earlier: 0, later: 1, by: 10 },
    { earlier: 0, later: 2, by: 500 },
    { earlier: 2, later: 1, by: -40, why: "" },
  ];
  expect(earliestTimes(3, differences)).toEqual([0, 460, 500]);
});

test("none -> the first without which there were some says why", () => {
  const differences = [
    { earlier: 0, later: 1, by: 10 },
    { earlier: 1, later: 0, by: -20, why: "longer than that" },
    { earlier: 1, later: 0, by: -5, why: "shorter than that" },
  ];
  expect(earliestTimes(2, differences)).toEqual({ why: "shorter than that" });
});

test("none, for two reasons -> neither alone is to blame", () => {
  const differences = [
    { earlier: 0, later: 1, by: 10 },
    { earlier: 1, later: 0, by: -5, why: "one" },
    { earlier: 1, later: 0, by: -6, why: "other" },
  ];
  expect(earliestTimes(2, differences)).toEqual({ why: undefined });
});
