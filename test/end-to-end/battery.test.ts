/** `npm run battery`, and the document that shows what it prints. */
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { projectFolder, run } from "./support/commands.ts";

test("no options -> the four rows with FACTS' figures beside them, every line within 79 columns", async () => {
  const { code, stdout, stderr } = await run("battery", []);
  expect([code, stderr]).toEqual([0, ""]);
  for (const row of [
    /^ {2}standby .* 411 /m,
    /^ {2}primary .* 111 /m,
    /^ {2}primary, no join .* 26\.9 /m,
    /^ {2}standby, dev kit .* 19\.5 /m,
  ])
    expect(stdout).toMatch(row);
  expect(stdout.split("\n").filter((line) => line.length > 79)).toEqual([]);
});

test("the document -> holds what is printed above the figures that went into it", async () => {
  const { stdout } = await run("battery", []);
  const tables = stdout.slice(0, stdout.indexOf("What went into it")).trimEnd();
  expect(tables).toMatch(/How long one pack lasts/);
  expect(readFileSync(join(projectFolder, "docs/battery-life.md"), "utf8")).toContain(tables);
});

test("--json -> one object: phases sum to the wake, ratio of the days, each assumption with its source", async () => {
  const { code, stdout } = await run("battery", ["--json"]);
  expect(code).toBe(0);
  const report = JSON.parse(stdout);
  expect(report.sleep_s).toBe(900);
  expect(report.rows).toHaveLength(4);
  for (const row of report.rows) {
    const phases = Object.values<number>(row.wake_mc).reduce((sum, mc) => sum + mc, 0);
    expect(phases).toBeCloseTo(row.wake_total_mc, 1);
    expect(row.to_drop_out_days / row.estimate_days).toBeCloseTo(row.ratio, 2);
    expect(row.to_brown_out_days).toBeGreaterThan(row.to_drop_out_days);
  }
  expect(report.standby_can_take_over_days).toBeLessThan(report.rows[0].to_drop_out_days);
  for (const assumption of report.assumptions)
    expect(assumption).toEqual({
      what: expect.stringMatching(/./),
      value: expect.stringMatching(/\d/),
      source: expect.stringMatching(/./),
    });
});

test("--sleep-s 3600 -> a primary lasts longer than with 900", async () => {
  const [short, long] = await Promise.all(
    ["900", "3600"].map(async (sleepS) => {
      const { stdout } = await run("battery", ["--json", "--sleep-s", sleepS]);
      return JSON.parse(stdout).rows[1].to_drop_out_days as number;
    }),
  );
  expect(long).toBeGreaterThan(2 * short!);
});

describe("--wear", () => {
  test("no other options -> every size of a cluster, within 79 columns, as the document has it", async () => {
    const { code, stdout, stderr } = await run("battery", ["--wear"]);
    expect([code, stderr]).toEqual([0, ""]);
    expect(stdout.split("\n").filter((line) => line.length > 79)).toEqual([]);
    expect(readFileSync(join(projectFolder, "docs/eeprom-map.md"), "utf8")).toContain(stdout.trimEnd());
  });

  test("--json, other sleep -> wear in proportion, the visit as before", async () => {
    const [quarter, minute] = await Promise.all(
      ["900", "60"].map(async (sleepS) => {
        const { stdout } = await run("battery", ["--wear", "--json", "--sleep-s", sleepS]);
        return JSON.parse(stdout);
      }),
    );
    expect(quarter).toMatchObject({ sleep_s: 900, endurance: 1_000_000 });
    // Hardened: two to eight nodes, and two to seven with a witness; article: two to four.
    expect(quarter.rows).toHaveLength(7 + 6 + 3);
    for (const [index, row] of quarter.rows.entries()) {
      expect(minute.rows[index]).toMatchObject({
        writes_a_year: 15 * row.writes_a_year,
        standby: row.standby,
        primary: row.primary,
      });
      expect(row.years).toBeCloseTo(1_000_000 / row.writes_a_year, 1);
    }
  });
});

test("--help -> the options, exit 0", async () => {
  const { code, stdout } = await run("battery", ["--help"]);
  expect(code).toBe(0);
  expect(stdout).toMatch(/--sleep-s N[\s\S]*--json/);
});

describe("bad input -> one clear line, exit 2", () => {
  test.each([
    ["an unknown flag", ["--slep-s=3"], /Did you mean --sleep-s\?.*npm run battery -- --help/],
    ["a sleep of nothing", ["--sleep-s", "0"], /--sleep-s takes a whole number from 1 to 86400, not "0"/],
    ["part of a second", ["--sleep-s", "1.5"], /--sleep-s takes a whole number/],
    ["a word that is no option", ["900"], /"900" is not an option/],
  ])("%s", async (_, words, expected) => {
    const { code, stdout, stderr } = await run("battery", words);
    expect([code, stdout]).toEqual([2, ""]);
    expect(stderr).toMatch(expected);
    expect(stderr.trimEnd().split("\n")).toHaveLength(1);
  });
});
