/** `npm run simulate`, as a user runs it. */
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { run, start } from "./support/commands.ts";

let folder: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), "ha2m-"));
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const simulated = async (...args: string[]) => {
  const { code, stdout, stderr } = await run("simulate", ["--json", ...args]);
  return { code, stderr, report: JSON.parse(stdout) };
};

test("the article's story -> every reading stored, one failover, two mails, and the same trace twice", async () => {
  const first = await simulated("--seed", "7");
  expect(first).toMatchObject({ code: 0, stderr: "" });
  const { report } = first;
  expect(report).toMatchObject({
    scenario: "have-ocado",
    protocol: "article",
    nodes: 2,
    simulated_s: 172_800,
  });
  expect(report.readings).toEqual({
    expected: report.readings.stored,
    published: report.readings.stored,
    stored: report.readings.stored,
    lost: 0,
  });
  expect(report.readings.stored).toBeGreaterThan(170);
  expect(report.failovers).toMatchObject([{ from: 0, to: 1, term: 0 }]);
  expect(report.mails).toMatchObject([
    {
      kind: "firing",
      incident: "node-dead#0",
      subject: "[ha2m] FIRING kitchen: node 0 stopped, node 1 took over",
    },
    { kind: "resolved", incident: "node-dead#0", subject: "[ha2m] RESOLVED kitchen: node 0 is back" },
  ]);
  // The article mailed at every wake of the day.
  expect(report.suppressed_by_reason["already-told"]).toBeGreaterThanOrEqual(90);
  expect(report.suppressed_by_reason["never-admitted"]).toBeGreaterThan(0);
  const reasons = Object.values<number>(report.suppressed_by_reason);
  expect(report.suppressed).toBe(reasons.reduce((sum, n) => sum + n, 0));
  expect(report.max_concurrent_primaries).toBe(1);
  expect(report.queued).toEqual({});

  const second = (await simulated("--seed", "7")).report;
  const timeless = ({ wall_s, first_mail_s, ...rest }: Record<string, unknown>) => rest;
  expect(timeless(second)).toEqual(timeless(report));
  expect((await simulated("--seed", "8", "--days", "1.25")).report.trace_sha256).not.toBe(
    report.trace_sha256,
  );
});

test("a TLS connection at every wake, or no network at all -> the same trace, readings and mails", async () => {
  const { report } = await simulated("--days", "1.25");
  for (const other of [
    ["--connect", "wake"],
    ["--uplink", "memory"],
  ]) {
    const again = await simulated("--days", "1.25", ...other);
    expect(again.code).toBe(0);
    expect(again.report.trace_sha256).toBe(report.trace_sha256);
    expect(again.report.mails).toEqual(report.mails);
    expect(again.report.readings).toEqual(report.readings);
  }
});

test("piped -> a timeline of plain lines, a summary, where to look next", async () => {
  const { code, stdout, stderr } = await run("simulate", []);
  expect({ code, stderr }).toEqual({ code: 0, stderr: "" });
  expect(stdout).not.toContain("\u001b");
  expect(stdout).not.toContain("\r");
  for (const line of [
    /finds blank EEPROMs/,
    /admits node 1/,
    /hangs at its prompt/,
    /suspects it/,
    /takes over from node 0/,
    /✉ \[ha2m\] FIRING kitchen/,
    /✉ \[ha2m\] RESOLVED kitchen/,
    /readings +\d+ due, \d+ stored, 0 lost/,
    /suppressed +\d+ notifications \(.*already-told/,
    /not emulated here: /,
    /Where to look next/,
  ])
    expect(stdout).toMatch(line);
});

test("a temperature log with a gap -> replayed, the gap named, the last value held", async () => {
  const log = join(folder, "log.csv");
  const rows = Array.from({ length: 600 }, (_, i) => i)
    .filter((i) => i < 200 || i >= 320)
    .map(
      (i) =>
        `${new Date(Date.UTC(2026, 0, 5, 0, i)).toISOString().slice(0, 19)},${(20 + i / 100).toFixed(3)}`,
    );
  writeFileSync(log, `timestamp,temperature_c\n${rows.join("\n")}\n`);
  const { code, report } = await simulated("--temperatures", log, "--days", "1.25");
  expect(code).toBe(0);
  expect(report.temperatures).toEqual({
    file: "log.csv",
    rows: 480,
    from: "2026-01-05 00:00",
    to: "2026-01-05 09:59",
    gaps: [{ from: "2026-01-05 03:19", to: "2026-01-05 05:20" }],
    held_from: "2026-01-05 09:59",
  });
});

const shared = join(__dirname, "../../../shared/data/office-temperature.csv");
const hasShared = (() => {
  try {
    return readFileSync(shared).length > 0;
  } catch {
    return false;
  }
})();
(hasShared ? test : test.skip)(
  "the office log of 20,560 rows -> sixteen days replayed, both gaps named",
  async () => {
    const { code, report } = await simulated("--temperatures", shared, "--days", "16");
    expect(code).toBe(0);
    expect(report.temperatures).toMatchObject({ rows: 20_560 });
    expect(report.temperatures.gaps).toHaveLength(2);
    expect(report.readings.lost).toBe(0);
  },
);

test("--list, --help -> printed, exit 0", async () => {
  expect(await run("simulate", ["--list"])).toMatchObject({
    code: 0,
    stdout: expect.stringMatching(/^have-ocado +/),
  });
  expect(await run("simulate", ["--help"])).toMatchObject({
    code: 0,
    stdout: expect.stringMatching(/--temperatures/),
  });
});

describe("bad input -> one clear line, exit 2", () => {
  const cases: [string, string[], RegExp][] = [
    ["unknown flag", ["--sed", "1"], /'--sed'.*Did you mean --seed\?/],
    [
      "unknown scenario",
      ["--scenario", "have-okado"],
      /"have-okado" is unknown\. Did you mean "have-ocado"\?/,
    ],
    ["a seed that is no number", ["--seed", "x"], /--seed takes a whole number.*"x"/],
    ["too few days", ["--days", "0.5"], /--days takes a number from 1\.25 .*"0\.5"/],
    ["a word too many", ["fast"], /"fast" is not an option/],
    ["a file that is not there", ["--temperatures", "nowhere.csv"], /cannot read nowhere\.csv/],
    ["an uplink that there is not", ["--uplink", "lora"], /--uplink takes "mqtt" or "memory", not "lora"/],
    ["a mode that there is not", ["--connect", "never"], /--connect takes "boot" or "wake", not "never"/],
  ];
  test.each(cases)("%s", async (_, args, expected) => {
    const { code, stdout, stderr } = await run("simulate", args);
    expect({ code, stdout }).toEqual({ code: 2, stdout: "" });
    expect(stderr).toMatch(expected);
    expect(stderr).not.toMatch(/^\s+at /m);
  });

  test("a malformed CSV names its line", async () => {
    const log = join(folder, "bad.csv");
    writeFileSync(log, "timestamp,temperature_c\n2026-01-05T00:00:00,20\n2026-01-05T00:01:00,warm\n");
    const { code, stderr } = await run("simulate", ["--temperatures", log]);
    expect(code).toBe(2);
    expect(stderr).toMatch(/bad\.csv:3: .*warm/);
  });
});

test("SIGINT amid the story -> ends cleanly, with the shell's code", async () => {
  const running = start("simulate", ["--days", "300"]);
  await running.until("stdout", /takes over/);
  running.child.kill("SIGINT");
  expect((await running.finished).code).toBe(130);
});

test("--keep -> the cloud stays for a look at the mails, until Ctrl-C", async () => {
  const running = start("simulate", ["--keep", "--days", "1.25"]);
  const inbox = /Mails: (http:\S+)/.exec(await running.until("stderr", /Ctrl-C ends it/))?.[1] ?? "";
  const page = await fetch(inbox);
  expect(page.status).toBe(200);
  running.child.kill("SIGINT");
  expect((await running.finished).code).toBe(0);
  await expect(fetch(inbox)).rejects.toThrow();
});
