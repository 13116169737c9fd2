import { compileTimeFormat } from "../../../../../simulator/local-cloud/iot/iot-sql/time-format.ts";

function formatted(pattern: string, ms: number, zone = "UTC"): string | undefined {
  const format = compileTimeFormat(pattern, zone);
  if (typeof format !== "function") throw new Error(format.problem);
  return format(ms);
}

/** Sunday, 5 February 2023, 03:04:05.067 in UTC: Joda-Time's table of letters, one by one. */
const AT = Date.UTC(2023, 1, 5, 3, 4, 5, 67);

test.each([
  ["G", "AD"],
  ["yyyy YYYY yy YY y", "2023 2023 23 23 2023"],
  ["yyyyy", "02023"],
  ["M MM MMM MMMM", "2 02 Feb February"],
  ["d dd", "5 05"],
  ["D DDD", "36 036"],
  ["e", "7"],
  ["E EEE EEEE", "Sun Sun Sunday"],
  ["H HH k K h hh a", "3 03 3 3 3 03 AM"],
  ["m mm s ss", "4 04 5 05"],
  ["S SS SSS SSSSS", "0 06 067 06700"],
  ["z zzzz", "UTC Coordinated Universal Time"],
  ["Z ZZ ZZZ", "+0000 +00:00 UTC"],
  ["yyyy-MM-dd'T'HH:mm:ss.SSS'Z'", "2023-02-05T03:04:05.067Z"],
  ["h 'o''clock'", "3 o'clock"],
  ["''yy", "'23"],
  ["", ""],
])("%s -> %s", (pattern, text) => {
  expect(formatted(pattern, AT)).toBe(text);
});

test.each([
  [Date.UTC(2023, 0, 1), "24 0 12 AM"],
  [Date.UTC(2023, 0, 1, 12), "12 0 12 PM"],
  [Date.UTC(2023, 0, 1, 23), "23 11 11 PM"],
])("hours at %d -> %s", (ms, text) => {
  expect(formatted("k K h a", ms)).toBe(text);
});

test.each([
  ["Asia/Kolkata", "2023-02-05 08:34 +0530"],
  ["America/St_Johns", "2023-02-04 23:34 -0330"],
  ["Pacific/Kiritimati", "2023-02-05 17:04 +1400"],
])("a zone with another day or half an hour, %s -> %s", (zone, text) => {
  expect(formatted("yyyy-MM-dd HH:mm Z", AT, zone)).toBe(text);
});

test("either side of a change of the clocks -> the offset of that instant", () => {
  const change = Date.UTC(2023, 2, 26, 1);
  expect([change - 1, change].map((ms) => formatted("HH:mm ZZ", ms, "Europe/Berlin"))).toEqual([
    "01:59 +01:00",
    "03:00 +02:00",
  ]);
  const summer = Date.UTC(2023, 6, 1);
  expect(formatted("z", summer, "America/New_York")).toBe("EDT");
});

test("years before the first -> year of the era", () => {
  expect(formatted("Y G, y", new Date("-000043-03-15T00:00:00Z").getTime())).toBe("44 BC, -43");
});

test("an instant that no calendar here has -> Undefined", () => {
  expect(formatted("yyyy", 8.64e15 + 1)).toBeUndefined();
});

test.each([
  ["yyyy-ww", "UTC", /letter w/],
  ["C", "UTC", /letter C/],
  ["'at", "UTC", /quote mark/],
  ["yyyy", "Nowhere", /not known/],
  ["z", "Europe/Berlin", /Europe\/Berlin is not known here/],
])("%s in %s -> refused", (pattern, zone, reason) => {
  expect(compileTimeFormat(pattern, zone)).toEqual({ problem: expect.stringMatching(reason) });
});
