/** `npm run simulate`, as a user runs it. */
import { createHash } from "node:crypto";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { freshAssembly } from "../../simulator/cli/shared/assembly-cache.ts";
import { projectFolder, run, start } from "./support/commands.ts";

let folder: string;
beforeAll(async () => {
  // Else the first command says that it synthesizes.
  await freshAssembly(() => undefined);
  folder = mkdtempSync(join(tmpdir(), "ha2m-"));
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const simulated = async (...args: string[]) => {
  const { code, stdout, stderr } = await run("simulate", ["--json", ...args]);
  return { code, stderr, report: JSON.parse(stdout) };
};

test("the article's story -> every reading stored, one failover, three mails, and the same trace twice", async () => {
  const first = await simulated("--protocol", "article", "--seed", "7");
  expect(first).toMatchObject({ code: 0, stderr: "" });
  const { report } = first;
  expect(report).toMatchObject({
    scenario: "have-ocado",
    protocol: "article",
    fails: null,
    nodes: 2,
    simulated_s: 172_800,
    // One is due amid the takeover, in which nobody measures.
    metrics: { readings_lost: 1, readings_stored: report.readings.stored, failovers: 1, error_queue: 0 },
  });
  // Two missed wakes, and what was left of a sleep.
  expect(report.metrics.longest_gap_s).toBeGreaterThan(900);
  expect(report.metrics.longest_gap_s).toBeLessThan(3_600);
  expect(report.readings).toEqual({
    expected: report.readings.stored + 1,
    published: report.readings.stored,
    stored: report.readings.stored,
    lost: 1,
  });
  expect(report.readings.stored).toBeGreaterThan(170);
  expect(report.failovers).toMatchObject([{ from: 0, to: 1, term: 0 }]);
  expect(report.mails).toMatchObject([
    {
      kind: "firing",
      incident: "node-dead#0",
      subject: "[ha2m] FIRING kitchen: node 0 stopped, node 1 took over",
    },
    { kind: "reminder", incident: "node-dead#0" },
    { kind: "resolved", incident: "node-dead#0", subject: "[ha2m] RESOLVED kitchen: node 0 is back" },
  ]);
  // The article mailed at every wake of the day.
  expect(report.suppressed_by_reason["already-told"]).toBeGreaterThanOrEqual(90);
  expect(report.suppressed_by_reason["never-admitted"]).toBeGreaterThan(0);
  const reasons = Object.values<number>(report.suppressed_by_reason);
  expect(report.suppressed).toBe(reasons.reduce((sum, n) => sum + n, 0));
  expect(report.max_concurrent_primaries).toBe(1);
  expect(report.queued).toEqual({});

  const second = (await simulated("--protocol", "article", "--seed", "7")).report;
  const timeless = ({ wall_s, first_mail_s, ...rest }: Record<string, unknown>) => rest;
  expect(timeless(second)).toEqual(timeless(report));
  expect(
    (await simulated("--protocol", "article", "--seed", "8", "--days", "1.25")).report.trace_sha256,
  ).not.toBe(report.trace_sha256);
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
    /is standby/,
    /suspects it/,
    /marks it dead/,
    /takes over from node 0/,
    /✉ \[ha2m\] FIRING kitchen/,
    /✉ \[ha2m\] RESOLVED kitchen/,
    /readings +\d+ due, \d+ stored, 2 lost/,
    /hangs at its prompt/,
    /takes over from node 1/,
    /suppressed +\d+ notifications/,
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
    file: log,
    rows: 480,
    rows_played: 480,
    from: "2026-01-05T00:00:00.000Z",
    to: "2026-01-05T09:59:00.000Z",
    gaps: [{ from: "2026-01-05T03:19:00.000Z", to: "2026-01-05T05:20:00.000Z" }],
    held_from: "2026-01-05T09:59:00.000Z",
    notes: [],
  });
});

/** The example of the docs, and a cluster that is expected to be better than it is. */
const example = (): string => {
  const docs = readFileSync(join(projectFolder, "docs/scenarios.md"), "utf8");
  return /```yaml\n([\s\S]*?)```/.exec(docs)?.[1] ?? "";
};

test("a file of the caller's own, from the caller's folder -> played, with its faults and its answer", async () => {
  writeFileSync(join(folder, "mine.yaml"), example());
  // As npm starts it: in the project's folder, the caller's in INIT_CWD.
  const asNpm = { INIT_CWD: folder, npm_lifecycle_event: "simulate" };
  const args = ["--scenario", "mine.yaml", "--trace", "mine.trace", "--uplink", "memory", "--json"];
  args.push("--protocol", "article");
  const { code, stdout, stderr } = await start("simulate", args, projectFolder, asNpm).finished;
  expect({ code, stderr }).toEqual({ code: 0, stderr: "" });
  const report = JSON.parse(stdout);
  expect(report).toMatchObject({ scenario: "loose-chip", protocol: "article" });
  expect(report.fails).toMatch(/^a healthy node is expelled/);
  expect(report.metrics.wrongly_expelled).toBeGreaterThan(0);
  expect(report.expectations.length).toBeGreaterThan(3);
  const trace = readFileSync(join(folder, "mine.trace"), "utf8");
  expect(createHash("sha256").update(trace).digest("hex")).toBe(report.trace_sha256);
  expect(trace).toMatch(/eeprom-dislodged chip=1/);
});

test("an expectation that does not hold -> what was found instead, exit 1", async () => {
  const file = join(folder, "broken.yaml");
  writeFileSync(file, example().replace("readings lost: 0", "readings lost: at least 1"));
  const args = ["--scenario", file, "--protocol", "article", "--uplink", "memory"];
  const { code, stdout } = await run("simulate", args);
  expect(code).toBe(1);
  expect(stdout).toMatch(/^ {2}BROKEN {2}readings lost: at least 1; found: 0$/m);
  expect(stdout).toMatch(/^ {2}fails {3}a healthy node is expelled because its chip comes loose/m);
});

test("more nodes than the configuration has -> synthesized with them, and said", async () => {
  const args = ["--nodes", "3", "--days", "1.25", "--uplink", "memory"];
  const first = await run("simulate", args);
  expect(first.code).toBe(0);
  expect(first.stdout).toMatch(/^kitchen has 2 nodes in cdk\.json; played with 3$/m);
  expect(first.stdout).toMatch(/node 2 {2}is standby/);
  // And as configured, without a word about it; either is synthesized once.
  const [as, again] = [
    await run("simulate", ["--days", "1.25", "--uplink", "memory"]),
    await run("simulate", args),
  ];
  expect({ code: as.code, stderr: as.stderr }).toEqual({ code: 0, stderr: "" });
  expect(as.stdout).not.toMatch(/played with/);
  expect({ code: again.code, stderr: again.stderr }).toEqual({ code: 0, stderr: "" });
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
    expect(report.readings.stored).toBe(report.readings.published);
  },
);

test("--list, --faults, --help -> printed, exit 0", async () => {
  expect(await run("simulate", ["--list"])).toMatchObject({
    code: 0,
    stdout: expect.stringMatching(/^groceries +/),
  });
  const list = JSON.parse((await run("simulate", ["--list", "--json"])).stdout);
  expect(list[0]).toMatchObject({
    name: "groceries",
    protocols: [{ name: "hardened", fails: null }],
  });
  expect(await run("simulate", ["--faults"])).toMatchObject({
    code: 0,
    stdout: expect.stringMatching(/^power-cut +/),
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
      /Unknown scenario "have-okado"\. Did you mean "have-ocado"\?/,
    ],
    ["a seed that is no number", ["--seed", "x"], /--seed takes a whole number.*"x"/],
    ["too few days", ["--days", "0.5"], /--days takes a number from 0\.92 .*"0\.5"/],
    ["a word too many", ["fast"], /"fast" is not an option/],
    ["a file that is not there", ["--temperatures", "nowhere.csv"], /cannot read nowhere\.csv/],
    [
      "a trace that cannot be written",
      ["--trace", "/nowhere/x"],
      /^--trace: cannot write \/nowhere\/x: its folder is not there \(ENOENT\)/,
    ],
    ["an uplink that there is not", ["--uplink", "lora"], /--uplink takes "mqtt" or "memory", not "lora"/],
    ["a mode that there is not", ["--connect", "never"], /--connect takes "boot" or "wake", not "never"/],
  ];
  test.each(cases)("%s", async (_, args, expected) => {
    const { code, stdout, stderr } = await run("simulate", args);
    expect({ code, stdout }).toEqual({ code: 2, stdout: "" });
    expect(stderr).toMatch(expected);
    expect(stderr).not.toMatch(/^\s+at /m);
  });

  test("a scenario with mistakes names each with its line", async () => {
    const file = join(folder, "bad.yaml");
    writeFileSync(file, example().replace("chip: 1", "chip: 7").replace("lost: 0", "lots: 0"));
    const { code, stdout, stderr } = await run("simulate", ["--scenario", file]);
    expect({ code, stdout }).toEqual({ code: 2, stdout: "" });
    expect(stderr).toMatch(/bad\.yaml:9: chip 7: .*\n.*bad\.yaml:\d+: unknown expectation "readings lots"/);
    expect(stderr.trim().split("\n")).toHaveLength(2);
  });

  test("a malformed CSV names its line", async () => {
    const log = join(folder, "bad.csv");
    writeFileSync(log, "timestamp,temperature_c\n2026-01-05T00:00:00,20\n2026-01-05T00:01:00,warm\n");
    const { code, stderr } = await run("simulate", ["--temperatures", log]);
    expect(code).toBe(2);
    expect(stderr).toMatch(/bad\.csv:3: .*warm/);
  });
});

test("SIGINT amid the story -> what came of it so far, no expectation judged, the shell's code", async () => {
  const running = start("simulate", ["--days", "300"]);
  await running.until("stdout", /takes over/);
  running.child.kill("SIGINT");
  const { code, stdout } = await running.finished;
  expect(code).toBe(130);
  expect(stdout).toMatch(/^ {2}interrupted +results so far; expectations were not checked$/m);
  expect(stdout).toMatch(/^ {2}readings +\d+ due, \d+ stored, \d+ lost$/m);
  expect(stdout).not.toMatch(/^ {2}(?:held|BROKEN) /m);
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
