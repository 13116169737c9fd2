import { isQuiet, isTimeZone, type QuietHours } from "../../../lambda/core/quiet-hours.ts";

const overnight: QuietHours = { fromMin: 22 * 60, toMin: 7 * 60, timeZone: "Europe/London" };

test.each([
  ["21:59 in winter", "2026-01-01T21:59:59Z", false],
  ["22:00 in winter", "2026-01-01T22:00:00Z", true],
  ["midnight", "2026-01-02T00:00:00Z", true],
  ["06:59", "2026-01-02T06:59:59Z", true],
  ["07:00", "2026-01-02T07:00:00Z", false],
  ["22:00 of a summer's clock", "2026-07-01T21:00:00Z", true],
  ["21:59 of a summer's clock", "2026-07-01T20:59:00Z", false],
  ["the hour that does not exist in spring", "2026-03-29T01:30:00Z", true],
  ["the hour that comes twice in autumn", "2026-10-25T01:30:00Z", true],
])("22:00 to 07:00 in London, at %s -> quiet: %s %s", (_, at, quiet) => {
  expect(isQuiet(overnight, Date.parse(at))).toBe(quiet);
});

test.each([
  ["11:59", false],
  ["12:00", true],
  ["13:59", true],
  ["14:00", false],
])(
  "12:00 to 14:00 in Kathmandu, a quarter past the hour of others, at %s there -> quiet: %s",
  (local, quiet) => {
    const nap: QuietHours = { fromMin: 12 * 60, toMin: 14 * 60, timeZone: "Asia/Kathmandu" };
    expect(isQuiet(nap, Date.parse(`2026-01-01T${local}:00+05:45`))).toBe(quiet);
  },
);

test("names of time zones", () => {
  expect(["Europe/London", "UTC", "Mars/Phobos", ""].map(isTimeZone)).toEqual([true, true, false, false]);
});
