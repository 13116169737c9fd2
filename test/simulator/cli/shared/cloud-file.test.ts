import { shownBy } from "../../../../simulator/cli/shared/cloud-file.ts";

const REAL_MS = Date.UTC(2026, 5, 1);
const clock = (speed: number) => ({
  at: "2026-03-04T00:00:00.000Z",
  real: new Date(REAL_MS).toISOString(),
  speed,
});

test.each([
  ["that stands, an hour later -> the same", 0, "2026-03-04T00:00:00.000Z"],
  ["sixty times as fast, an hour later -> sixty hours on", 60, "2026-03-06T12:00:00.000Z"],
])("a clock %s", (_, speed, shown) => {
  expect(new Date(shownBy(clock(speed), REAL_MS + 3_600_000)).toISOString()).toBe(shown);
});
