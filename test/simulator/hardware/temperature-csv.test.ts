import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import fc from "fast-check";
import {
  parseTemperatureCsv,
  rowAt,
  TemperatureCsvError,
} from "../../../simulator/hardware/temperature-csv.ts";

const HEADER = "timestamp,temperature_c";
const csv = (...rows: string[]): string => [HEADER, ...rows, ""].join("\n");
const minute = (n: number): string => new Date(Date.UTC(2026, 0, 1, 0, n)).toISOString().slice(0, 19);

describe("accepted", () => {
  test("rows a minute apart, one hour missing -> times, values, median and the gap", () => {
    const log = parseTemperatureCsv(
      csv(`${minute(0)},20`, `${minute(1)},-1.5`, `${minute(2)},+22.25`, `${minute(62)},23`),
      "a.csv",
    );
    expect(log.rows).toBe(4);
    expect([...log.celsius]).toEqual([20, -1.5, 22.25, 23]);
    expect(log.startMs).toBe(Date.parse("2026-01-01T00:00:00Z"));
    expect(log.endMs).toBe(Date.parse("2026-01-01T01:02:00Z"));
    expect(log.medianIntervalMs).toBe(60_000);
    expect(log.gaps).toEqual([
      { fromMs: Date.parse("2026-01-01T00:02:00Z"), toMs: Date.parse("2026-01-01T01:02:00Z") },
    ]);
  });

  test("interval of 2.5 times the median -> no gap yet; a millisecond more -> a gap", () => {
    const gapsOf = (last: string) =>
      parseTemperatureCsv(
        csv("2026-01-01T00:00:00,1", "2026-01-01T00:00:10,1", "2026-01-01T00:00:20,1", `${last},1`),
        "a.csv",
      ).gaps;
    expect(gapsOf("2026-01-01T00:00:45")).toEqual([]);
    expect(gapsOf("2026-01-01T00:00:45.001")).toHaveLength(1);
  });

  const gapsAt = (...hours: number[]) =>
    parseTemperatureCsv(csv(...hours.map((h) => `${minute(60 * h)},20`)), "a.csv").gaps.map(
      ({ fromMs, toMs }) => (toMs - fromMs) / 3_600_000,
    );
  const minutes = (n: number) => n / 60;

  test.each<[string, number[], number[]]>([
    ["two rows, 20 days apart", [0, 480], [480]],
    ["two rows, an hour apart", [0, 1], []],
    ["two rows, a minute more than an hour apart", [0, 1 + minutes(1)], [1 + minutes(1)]],
    ["three rows, the second hole the longer", [0, 2, 480], [2, 478]],
    ["three rows a minute apart, then 20 days", [0, minutes(1), 480], [480 - minutes(1)]],
    ["four rows, two of three intervals are holes", [0, minutes(15), 24, 48], [24 - minutes(15), 24]],
    ["five rows two hours apart: the interval is known", [0, 2, 4, 6, 8], []],
    ["five rows, one hole", [0, 2, 4, 6, 480], [474]],
  ])("%s -> gaps of more than an hour as long as there are few rows", (_, hours, expected) => {
    const found = gapsAt(...hours);
    expect(found).toHaveLength(expected.length);
    for (const [i, gap] of found.entries()) expect(gap).toBeCloseTo(expected[i]!, 9);
  });

  test("even number of intervals -> the mean of the middle two", () => {
    const log = parseTemperatureCsv(
      csv("2026-01-01T00:00:00,1", "2026-01-01T00:00:10,1", "2026-01-01T00:00:30,1"),
      "a.csv",
    );
    expect(log.medianIntervalMs).toBe(15_000);
  });

  test("one row -> no interval, no gap", () => {
    const log = parseTemperatureCsv(csv(`${minute(0)},20`), "a.csv");
    expect(log).toMatchObject({ rows: 1, medianIntervalMs: 0, gaps: [], startMs: log.endMs });
  });

  test("byte order mark, CRLF, Z, fraction, no newline or several at the end -> the same log", () => {
    const plain = parseTemperatureCsv(csv(`${minute(0)},20`, `${minute(1)},21`), "a.csv");
    const dressed = `\uFEFF${HEADER}\r\n${minute(0)}Z,20\r\n${minute(1)}.000Z,21`;
    expect(parseTemperatureCsv(dressed, "a.csv")).toEqual(plain);
    expect(parseTemperatureCsv(`${dressed}\r\n\r\n`, "a.csv")).toEqual(plain);
  });

  test("fraction -> milliseconds", () => {
    const log = parseTemperatureCsv(csv("2026-01-01T00:00:00.2509,1"), "a.csv");
    expect(log.startMs % 1_000).toBe(250);
  });

  test("29 February of a leap year, and the limits of the sensor -> taken", () => {
    const log = parseTemperatureCsv(csv("2024-02-29T00:00:00,-55", "2024-02-29T23:59:59,125"), "a.csv");
    expect([...log.celsius]).toEqual([-55, 125]);
  });

  test("any calendar time -> the same instant as Date.parse gives", () => {
    const date = fc.date({ min: new Date("1970-01-01"), max: new Date("2100-01-01"), noInvalidDate: true });
    fc.assert(
      fc.property(date, (time) => {
        const text = time.toISOString();
        expect(parseTemperatureCsv(csv(`${text},1`), "a.csv").startMs).toBe(time.getTime());
      }),
    );
  });
});

describe("refused, with file, line, what was found and what belongs there", () => {
  test.each([
    ["empty file", "", `a.csv:1: the file is empty; the first line has to be "${HEADER}"`],
    ["only newlines", "\n\n", `a.csv:1: the file is empty; the first line has to be "${HEADER}"`],
    [
      "no header",
      `${minute(0)},20\n`,
      `a.csv:1: found "2026-01-01T00:00:00,20" where the header "${HEADER}" belongs`,
    ],
    ["header alone", `${HEADER}\n`, "a.csv:2: no row after the header"],
    ["one column", csv(`${minute(0)},20`, "20"), 'a.csv:3: found 1 column in "20", expected 2'],
    [
      "three columns",
      csv(`${minute(0)},20,1`),
      `a.csv:2: found 3 columns in "${minute(0)},20,1", expected 2`,
    ],
    [
      "blank line inside",
      csv(`${minute(0)},20`, "", `${minute(1)},20`),
      "a.csv:3: the line is blank; remove it",
    ],
    ["line of blanks inside", csv(`${minute(0)},20`, "  ", `${minute(1)},20`), "a.csv:3: the line is blank"],
    ["bad timestamp", csv("yesterday,20"), 'a.csv:2: found "yesterday" where a UTC time such as'],
    ["blank for T", csv("2026-01-01 00:00:00,20"), 'a.csv:2: found "2026-01-01 00:00:00" where a UTC time'],
    ["other zone", csv("2026-01-01T00:00:00+01:00,20"), "where a UTC time"],
    ["30 February", csv("2026-02-30T00:00:00,20"), 'a.csv:2: found "2026-02-30T00:00:00" where a UTC time'],
    ["29 February, no leap year", csv("1900-02-29T00:00:00,20"), "where a UTC time"],
    ["31 April", csv("2026-04-31T00:00:00,20"), "where a UTC time"],
    ["day 0", csv("2026-01-00T00:00:00,20"), "where a UTC time"],
    ["month 13", csv("2026-13-01T00:00:00,20"), "where a UTC time"],
    ["hour 24", csv("2026-01-01T24:00:00,20"), "where a UTC time"],
    ["minute 60", csv("2026-01-01T00:60:00,20"), "where a UTC time"],
    ["leap second", csv("2026-01-01T00:00:60,20"), "where a UTC time"],
    ["year 50", csv("0050-01-01T00:00:00,20"), "where a UTC time"],
    [
      "bad number",
      csv(`${minute(0)},warm`),
      'a.csv:2: found "warm" where a number of °C such as "21.375" belongs',
    ],
    ["empty number", csv(`${minute(0)},`), 'a.csv:2: found "" where a number'],
    ["comma for point", csv(`${minute(0)},"20,5"`), "found 3 columns"],
    ["NaN", csv(`${minute(0)},NaN`), 'found "NaN" where a number'],
    ["hex", csv(`${minute(0)},0x14`), 'found "0x14" where a number'],
    ["blank around", csv(`${minute(0)}, 20`), 'found " 20" where a number'],
    [
      "too warm",
      csv(`${minute(0)},125.1`),
      "a.csv:2: 125.1 °C is outside the DS18B20's range of -55 to 125 °C",
    ],
    ["too cold", csv(`${minute(0)},-55.5`), "a.csv:2: -55.5 °C is outside"],
    [
      "time repeated",
      csv(`${minute(1)},20`, `${minute(1)},21`),
      `a.csv:3: time "${minute(1)}" repeats that of line 2`,
    ],
    [
      "time backwards",
      csv(`${minute(1)},20`, `${minute(0)},21`),
      `a.csv:3: time "${minute(0)}" is before that of line 2`,
    ],
    ["long line", csv("x".repeat(500)), `found 1 column in "${"x".repeat(40)}…"`],
  ])("%s", (_, text, message) => {
    const parse = () => parseTemperatureCsv(text, "a.csv");
    expect(parse).toThrow(TemperatureCsvError);
    expect(parse).toThrow(message);
  });
});

test("any rows, any time -> rowAt finds what a search from the front finds", () => {
  const seconds = fc.uniqueArray(fc.integer({ min: 0, max: 5_000 }), { minLength: 1, maxLength: 40 });
  fc.assert(
    fc.property(seconds, fc.integer({ min: -10, max: 5_010 }), (times, asked) => {
      const sorted = times.toSorted((x, y) => x - y);
      const log = parseTemperatureCsv(
        csv(...sorted.map((s) => `${new Date(s * 1_000).toISOString()},20`)),
        "a.csv",
      );
      const expected = Math.max(
        0,
        sorted.findLastIndex((s) => s <= asked),
      );
      expect(rowAt(log, asked * 1_000)).toBe(expected);
    }),
  );
});

const office = join(process.cwd(), "..", "shared", "data", "office-temperature.csv");
const whenThere = existsSync(office) ? test : test.skip;
whenThere("the office log, where it is at hand -> 20,560 rows, one a minute, two gaps", () => {
  const log = parseTemperatureCsv(readFileSync(office, "utf8"), "office-temperature.csv");
  expect(log.rows).toBe(20_560);
  expect(log.medianIntervalMs).toBe(60_000);
  expect(log.gaps.map(({ fromMs, toMs }) => toMs - fromMs)).toEqual([25_680_000, 105_300_000]);
  expect([log.celsius[0], log.celsius.at(-1)]).toEqual([23.7, 21]);
});
