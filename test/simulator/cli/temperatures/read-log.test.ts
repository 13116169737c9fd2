import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import fc from "fast-check";
import {
  type LogOptions,
  readTemperatureLog,
  TemperatureCsvError,
} from "../../../../simulator/cli/temperatures/read-log.ts";
import { TimeZone } from "../../../../simulator/cli/temperatures/time-zone.ts";

const HEADER = "timestamp,temperature_c";
const csv = (...rows: string[]): string => [HEADER, ...rows, ""].join("\n");
const read = (content: string | Uint8Array, options: Partial<LogOptions> = {}) =>
  readTemperatureLog(typeof content === "string" ? Buffer.from(content) : content, "a.csv", {
    ownZone: "UTC",
    ...options,
  });
/** Times as ISO 8601 without what is zero, and values. */
const rowsOf = (content: string | Uint8Array, options?: Partial<LogOptions>) => {
  const { log } = read(content, options);
  return [...log.timesMs].map((ms, i) => [
    new Date(ms).toISOString().replace(":00.000Z", "Z"),
    log.celsius[i],
  ]);
};

/** What each file below says. */
const TWO_ROWS = [
  ["2026-01-31T06:15Z", 21.5],
  ["2026-01-31T06:30Z", -3],
];

describe("the same two rows, as people have them", () => {
  test.each<[string, string, Partial<LogOptions>?]>([
    ["the plain form", csv("2026-01-31T06:15:00,21.5", "2026-01-31T06:30:00,-3")],
    ["no newline at the end", `${HEADER}\n2026-01-31T06:15:00,21.5\n2026-01-31T06:30:00,-3`],
    ["blank lines", `\n${HEADER}\n\n2026-01-31T06:15:00,21.5\n  \n2026-01-31T06:30:00,-3\n\n\n`],
    ["a byte order mark and CRLF", `\uFEFF${HEADER}\r\n2026-01-31T06:15Z,21.5\r\n2026-01-31T06:30Z,-3\r\n`],
    ["a space for the T, no seconds", csv("2026-01-31 06:15,21.5", "2026-01-31 06:30,-3")],
    [
      "fractions and offsets",
      csv("2026-01-31T07:15:00.000+01:00,21.5", "2026-01-31 01:00:00.000000-0530,-3.0"),
    ],
    ["Postgres' offset", csv("2026-01-31 07:15:00+01,21.5", "2026-01-31 06:30:00+00,-3")],
    ["a zone in words", csv("2026-01-31 06:15:00 UTC,21.5", "2026-01-31 06:30:00 GMT,-3")],
    ["semicolons and decimal commas", "Zeit;Temperatur\n31.01.2026 06:15;21,5\n31.01.2026 06:30:00;-3,0\n"],
    ["Excel's first line", "sep=;\r\nDatum;Wert\r\n2026-01-31 06:15;21,5\r\n2026-01-31 06:30;-3\r\n"],
    ["tabs", "time\ttemp\n2026/01/31 06:15\t21.5\n2026/01/31 06:30\t-3\n"],
    [
      "quotes, and a decimal comma in them",
      '"Time","Temp (°C)"\n"2026-01-31 06:15","21,5"\n"2026-01-31 06:30","-3"',
    ],
    [
      "names in capitals, blanks around",
      " Timestamp , Temperature_C \n2026-01-31T06:15:00 , 21.5\n2026-01-31T06:30:00, -3\n",
    ],
    ["epoch seconds", "ts,temperature\n1769840100,21.5\n1769841000,-3\n"],
    ["epoch milliseconds", "ts,temperature\n1769840100000,21.5\n1769841000000.5,-3\n"],
    ["a date and a time in two columns", "Date,Time,Temp\n2026-01-31,06:15:00,21.5\n2026-01-31,06:30,-3\n"],
    [
      "Home Assistant's export",
      "entity_id,state,last_changed\nsensor.kitchen,21.5,2026-01-31T06:15:00.000Z\nsensor.kitchen,-3,2026-01-31T06:30:00.000Z\n",
    ],
    [
      "what npm run readings -- --csv prints",
      "timestamp,temperature_c,node,term,seq,sleep_s,battery_mv\n2026-01-31T06:15:00.000Z,21.5,0,1,0,900,5000\n2026-01-31T06:30:00.000Z,-3,0,1,1,900,5000\n",
    ],
    [
      "a column that is chosen",
      "time,temp inside,temp outside\n2026-01-31T06:15,4,21.5\n2026-01-31T06:30,4,-3\n",
      { column: "Temp Outside" },
    ],
    [
      "the time in a column of another name",
      "n,when,temperature\n1,2026-01-31T06:15,21.5\n2,2026-01-31T06:30,-3\n",
    ],
    ["°F by the column's name", "time,temp_f\n2026-01-31T06:15,70.7\n2026-01-31T06:30,26.6\n"],
    ["°F by the option", csv("2026-01-31T06:15:00,70.7", "2026-01-31T06:30:00,26.6"), { unit: "f" }],
    ["units beside the values", "time,value\n2026-01-31T06:15,21.5 °C\n2026-01-31T06:30,26.6°F\n"],
    ["a trailing delimiter", "time,temp\n2026-01-31T06:15,21.5,\n2026-01-31T06:30,-3,\n"],
    [
      "local times of a named zone",
      csv("2026-01-31T01:15,21.5", "2026-01-31T01:30,-3"),
      { zone: new TimeZone("America/New_York") },
    ],
  ])("%s -> the two rows, and nothing to note", (_, text, options = {}) => {
    expect(
      rowsOf(text, options).map(([at, celsius]) => [
        String(at).slice(0, 16).concat("Z"),
        Math.round(Number(celsius) * 1e9) / 1e9,
      ]),
    ).toEqual(TWO_ROWS);
    expect(read(text, options).notes).toEqual([]);
  });
});

describe("the same two rows, as other programs encode and order them", () => {
  const plain = csv("2026-01-31T06:15:00,21.5", "2026-01-31T06:30:00,-3");
  const bigEndian = (text: string) => Buffer.from(text, "utf16le").swap16();
  test.each<[string, Uint8Array, string]>([
    ["UTF-16 as PowerShell writes it", Buffer.from(`\uFEFF${plain}`, "utf16le"), "read as UTF-16"],
    ["UTF-16, the high byte first", bigEndian(`\uFEFF${plain}`), "read as UTF-16"],
    ["UTF-16 without a mark", Buffer.from(plain, "utf16le"), "read as UTF-16"],
    ["UTF-16, the high byte first, without a mark", bigEndian(plain), "read as UTF-16"],
    [
      "Windows-1252 as Excel writes it",
      Buffer.from(plain.replace("temperature_c", "Temp °C"), "latin1"),
      "read as Windows-1252",
    ],
  ])("%s -> read, and named", (_, bytes, note) => {
    expect(rowsOf(bytes)).toEqual(TWO_ROWS);
    expect(read(bytes).notes).toEqual([note]);
  });

  test.each<[string, string[], string]>([
    ["newest first", ["2026-01-31T06:30,-3", "2026-01-31T06:15,21.5"], "newest row first: reversed"],
    [
      "a row that says nothing",
      ["2026-01-31T06:15,21.5", "2026-01-31T06:20,unavailable", "2026-01-31T06:25,", "2026-01-31T06:30,-3"],
      '2 rows with "unavailable", nothing in place of a temperature',
    ],
    [
      "a row that comes twice",
      ["2026-01-31T06:15,4", "2026-01-31T06:15,21.5", "2026-01-31T06:30,-3"],
      "1 row has the time of another: the last row of each time is used",
    ],
  ])("%s -> the two rows, and a note", (_, rows, note) => {
    expect(rowsOf(csv(...rows))).toEqual(TWO_ROWS);
    expect(read(csv(...rows)).notes).toEqual([note]);
  });
});

test("a row out of order -> sorted, and noted", () => {
  const shuffled = csv(...[0, 1, 3, 2, 4].map((m) => `2026-01-31T06:0${m},${m}`));
  expect([...read(shuffled).log.celsius]).toEqual([0, 1, 2, 3, 4]);
  expect(read(shuffled).notes).toEqual(["1 row was out of order: sorted by time"]);
});

test("any instants in any order -> each once, as Date.parse has it", () => {
  const date = fc.date({ min: new Date(0), max: new Date("9999-12-31T23:59:59.999Z"), noInvalidDate: true });
  fc.assert(
    fc.property(fc.array(date, { minLength: 1, maxLength: 20 }), (dates) => {
      const { log } = read(csv(...dates.map((each) => `${each.toISOString()},1`)));
      expect([...log.timesMs]).toEqual([...new Set(dates.map(Number))].sort((x, y) => x - y));
    }),
  );
});

describe("refused, with file, line, what was found and what belongs there", () => {
  const good = "2026-01-31T06:15:00,20";
  test.each<[string, string | Uint8Array, string]>([
    ["empty file", "", "a.csv:1: the file is empty"],
    ["only newlines", "\n\n", "a.csv:1: the file is empty"],
    ["no delimiter", "hello\nworld\n", 'a.csv:1: one column, "hello"'],
    ["header alone", `${HEADER}\n`, "a.csv:2: no row after the header"],
    ["no header", `${good}\n${good}\n`, "a.csv:1: the first line is a row already"],
    ["a spreadsheet", Buffer.from("PK\u0003\u0004xl/workbook.xml"), "this is a spreadsheet"],
    ["an image of a chip", new Uint8Array([65, 255, 0, 1, 0, 0, 7]), "this is not text"],
    ["one column of two", csv(good, "20"), "a.csv:3: found 1 column, the header has 2"],
    ["decimal comma between commas", csv("2026-01-31T06:15:00,21,375"), "a decimal comma needs quotes"],
    ["no time", csv("yesterday,20"), 'a.csv:2: found "yesterday" where a time such as'],
    ["a number that is no epoch", csv("20260131,20"), 'found "20260131" where a time'],
    ["month or day", csv("01/02/2026 06:15,20"), "month and day are ambiguous"],
    ["30 February", csv("2026-02-30T00:00:00,20"), "which is not a calendar time"],
    ["29 February, no leap year", csv("2100-02-29T00:00:00,20"), "which is not a calendar time"],
    ["31 April, the day first", csv("31.04.2026 00:00,20"), "which is not a calendar time"],
    ["day 0", csv("2026-01-00T00:00:00,20"), "not a calendar time"],
    ["month 13", csv("2026-13-01T00:00:00,20"), "not a calendar time"],
    ["hour 24", csv("2026-01-01T24:00:00,20"), "not a calendar time"],
    ["minute 60", csv("2026-01-01T00:60:00,20"), "not a calendar time"],
    ["an offset that no place has", csv("2026-01-01T00:00+23:00,20"), "not a calendar time"],
    ["bad number", csv("2026-01-31T06:15,warm"), 'found "warm" where a temperature such as "21.375"'],
    ["hexadecimal", csv("2026-01-31T06:15,0x14"), 'found "0x14" where a temperature'],
    ["thousands", "time;temp\n2026-01-31T06:15;1.021,5\n", 'found "1.021,5" where a temperature'],
    [
      "too warm",
      csv("2026-01-31T06:15,125.1"),
      "a.csv:2: 125.1 °C is outside the DS18B20's range of -55 to 125 °C; --unit f",
    ],
    ["too cold in °F", "time,temp_f\n2026-01-31T06:15,-70\n", "-70 °F is outside"],
    [
      "before 1970",
      csv("1969-12-31T12:00:00,21"),
      "a.csv:2: 1969-12-31 is out of range: a log takes times from 1970-01-01 to 9999-12-31",
    ],
    ["year 50", csv("0050-01-01T00:00:00,20"), "0050-01-01 is out of range"],
    [
      "two temperatures",
      `time,temp in,temp out\n${good},3\n`,
      '"temp in", "temp out" may all be the temperature: choose one with --column NAME',
    ],
    [
      "no temperature",
      `time,humidity,pressure\n${good},3\n`,
      "called temperature: choose one with --column NAME",
    ],
    ["nothing but silence", csv("2026-01-31T06:15,unknown"), "no row holds a temperature"],
    ["a quote that stays open", `${HEADER}\n"2026-01-31T06:15:00,20\n`, "Quote Not Closed"],
  ])("%s", (_, content, message) => {
    expect(() => read(content)).toThrow(TemperatureCsvError);
    expect(() => read(content)).toThrow(message);
  });

  test("a column that is not there -> what is near", () => {
    expect(() => read(`time,inside,outside\n${good},3\n`, { column: "insid" })).toThrow(
      'a.csv:1: --column: there is no column "insid"; did you mean "inside"?',
    );
  });

  test("several rows are wrong -> all of them at once; of very many the first twenty and how many more", () => {
    const two = csv("2026-02-30,20", good, "2026-01-31T06:20,hot");
    expect(() => read(two)).toThrow(/^a\.csv:2: .*\na\.csv:4: .*"hot".*$/);
    const many = csv(...Array.from({ length: 63 }, () => "now,20"));
    expect(() => read(many)).toThrow(/^(a\.csv:\d+: .*\n){20}and 43 more rows of a\.csv$/);
  });
});

describe("clocks that were put back", () => {
  /** A log of local times every 20 minutes, from 01:40 to 03:20 summer time and on. */
  const berlin = ["01:40", "02:00", "02:20", "02:40", "02:00", "02:20", "02:40", "03:00"];
  const local = csv(...berlin.map((time, i) => `2026-10-25 ${time},${i}`));

  test("an hour comes twice -> named, with the option that reads it, and no advice to sort or delete", () => {
    expect(() => read(local)).toThrow(
      /^a\.csv:6: the hour of 2026-10-25 02:00 comes twice: .*--zone Europe\/Berlin/,
    );
    expect(() => read(local)).not.toThrow(/keep one|sort the rows/);
  });

  test("with the zone -> every row at its own time, and what was done", () => {
    const { log, notes } = read(local, { zone: new TimeZone("Europe/Berlin") });
    expect(log).toMatchObject({ rows: 8, medianIntervalMs: 20 * 60_000, gaps: [] });
    expect([...log.celsius]).toEqual([0, 1, 2, 3, 4, 5, 6, 7]);
    expect(new Date(log.startMs).toISOString()).toBe("2026-10-24T23:40:00.000Z");
    expect(notes).toEqual([
      "the hour of 2026-10-25 02:00 comes twice in Europe/Berlin: its rows were used in their order",
    ]);
  });

  test("newest first -> the same", () => {
    const turned = csv(...berlin.map((time, i) => `2026-10-25 ${time},${i}`).toReversed());
    const { log } = read(turned, { zone: new TimeZone("Europe/Berlin") });
    expect([...log.celsius]).toEqual([0, 1, 2, 3, 4, 5, 6, 7]);
    expect(() => read(turned)).toThrow("comes twice");
  });

  test.each([
    [
      "hourly, in New York",
      "America/New_York",
      ["2026-11-01 00:00", "2026-11-01 01:00", "2026-11-01 01:00", "2026-11-01 02:00"],
    ],
    [
      "in autumn of the south",
      "Australia/Sydney",
      ["2026-04-05 02:30", "2026-04-05 02:59", "2026-04-05 02:04", "2026-04-05 02:34"],
    ],
  ])("%s -> named by a place", (_, place, times) => {
    expect(() => read(csv(...times.map((time) => `${time},1`)))).toThrow(`--zone ${place}`);
    expect(read(csv(...times.map((time) => `${time},1`)), { zone: new TimeZone(place) }).log.rows).toBe(4);
  });

  test("a local time that no clock showed -> refused", () => {
    expect(() => read(csv("2026-03-29 02:30,1"), { zone: new TimeZone("Europe/Berlin") })).toThrow(
      "a.csv:2: no clock in Europe/Berlin showed 2026-03-29 02:30",
    );
  });
});

const shared = (...path: string[]) => join(process.cwd(), "..", "shared", ...path);
const cases = shared("cases");
const whenThere = existsSync(cases) ? test : test.skip;
whenThere("the cases of a folder beside, where it is at hand -> read or refused by name", () => {
  const file = (name: string) => readFileSync(join(cases, name));
  expect(() => read(file("before-1970.csv"))).toThrow("out of range");
  expect(read(file("utf16.csv")).notes).toEqual(["read as UTF-16"]);
  expect([...read(file("utf16.csv")).log.celsius]).toEqual([...read(file("freezer.csv")).log.celsius]);
  expect(read(file("thirty-years.csv")).log.gaps).toHaveLength(1);
});

const office = shared("data", "office-temperature.csv");
const whenOffice = existsSync(office) ? test : test.skip;
whenOffice("the office log, where it is at hand -> 20,560 rows, one a minute, two gaps", () => {
  const { log, notes } = read(readFileSync(office));
  expect(notes).toEqual([]);
  expect(log.rows).toBe(20_560);
  expect(log.medianIntervalMs).toBe(60_000);
  expect(log.gaps.map(({ fromMs, toMs }) => toMs - fromMs)).toEqual([25_680_000, 105_300_000]);
  expect([log.celsius[0], log.celsius.at(-1)]).toEqual([23.7, 21]);
});
