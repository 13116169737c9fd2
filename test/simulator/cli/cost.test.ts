/** The command that prints the bill. */
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { CLUSTERS_PER_DEPLOYMENT, main } from "../../../simulator/cli/cost.ts";
import { RunMeter } from "../../../simulator/cli/shared/usage-meter.ts";
import { dollars } from "../../../simulator/cost/bill.ts";
import type { EpochMs } from "../../../simulator/local-cloud/clock.ts";
import { exampleConfig, synthesize } from "../../lib/example-app.ts";
import { capturedRun } from "./support/captured-run.ts";

// A ceiling for what hangs; the first run after a change synthesizes the app, twice.
jest.setTimeout(120_000);

let folder: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), "ha2m-cost-"));
});
afterAll(() => rmSync(folder, { recursive: true }));

const run = capturedRun(main);
const json = async (...args: readonly string[]) => JSON.parse((await run("--json", ...args)).stdout);

interface PrintedLine {
  readonly service: string;
  readonly what: string;
  readonly quantity: number;
  readonly usd: number;
}
const line = (bill: { readonly lines: readonly PrintedLine[] }, service: string, what: string): PrintedLine =>
  bill.lines.find((one) => one.service === service && one.what === what)!;

test("nothing said -> the clusters of cdk.json, by way of the broker and by Basic Ingest, in 80 columns", async () => {
  const { code, stdout } = await run();
  expect(code).toBe(0);
  expect(stdout).toContain(
    "A month of 1 cluster of 2 nodes: each 96 readings a day, 1 failover, 2 mails to 1 recipient\n",
  );
  expect(stdout).toMatch(/^ {2}IoT Core +messages +5,842 +\$0\.0058 +\$0\.0029$/m);
  expect(stdout).toMatch(/^ {2}total +\$\d+\.\d+ +\$\d+\.\d+$/m);
  const table = stdout.split("\n").filter((row) => /^ .*(?:\$|quantity)/.test(row));
  expect(table.filter((row) => row.length > 79)).toEqual([]);
});

test("--basic-ingest -> its column alone", async () => {
  const { stdout } = await run("--basic-ingest");
  expect(stdout).toMatch(/^ +quantity +Basic Ingest$/m);
  expect(stdout).toMatch(/^ {2}IoT Core +messages +2,922 +\$0\.0029$/m);
});

test("figures of one's own -> each where it belongs", async () => {
  const report = await json(
    "--clusters=3",
    "--nodes=4",
    "--readings-per-day=24",
    "--failovers-per-month=10",
    "--mails-per-month=50",
    "--metrics=7",
  );
  expect(report.month).toEqual({
    clusters: 3,
    nodes: 4,
    readings_per_day: 24,
    failovers_per_month: 10,
    mails_per_month: 50,
    recipients: 1,
    sweep_minutes: 15,
    deployments: 1,
  });
  expect(report.prices).toEqual({
    date: "2026-11",
    region: "us-east-1",
    free: expect.objectContaining({ alarms: 10, metrics: 10, dashboards: 3 }),
  });
  expect(line(report.broker, "SES", "mails").quantity).toBe(150);
  expect(line(report.broker, "IoT Core", "messages").quantity).toBeCloseTo(2 * 3 * 730 + 60);
  expect(line(report.basic_ingest, "IoT Core", "messages").quantity).toBeCloseTo(3 * 730 + 60);
  const standing = ["alarms", "dashboards", "custom metrics"].map(
    (what) => line(report.broker, "CloudWatch", what).usd,
  );
  // The total that an alarm reads besides.
  expect(standing[2]).toBeCloseTo(0.3 * (3 * 7 + 1));
  expect(report.broker.standing_usd).toBeCloseTo(standing.reduce((sum, usd) => sum + usd, 0));
  expect(report.broker.usd - report.basic_ingest.usd).toBeCloseTo((3 * 730) / 1_000_000);
});

test("more clusters than one deployment holds -> said, and what stands in each is counted in each", async () => {
  const { stdout } = await run(`--clusters=${CLUSTERS_PER_DEPLOYMENT + 1}`);
  expect(stdout).toMatch(/2 deployments: one holds about 70 clusters/);
  const standing = async (clusters: number, what: string) =>
    line((await json(`--clusters=${clusters}`)).broker, "CloudWatch", what).quantity;
  for (const what of ["alarms", "dashboards", "custom metrics"])
    expect(await standing(CLUSTERS_PER_DEPLOYMENT + 1, what)).toBe(2 * (await standing(1, what)));
  expect(await standing(1, "alarms")).toBeGreaterThan(0);
  const requests = async (clusters: number) =>
    line((await json(`--clusters=${clusters}`)).broker, "SQS", "requests").quantity;
  expect(await requests(1)).toBeCloseTo(4 * 730);
  expect(await requests(CLUSTERS_PER_DEPLOYMENT + 1)).toBeCloseTo(2 * 4 * 730);
});

test("a home -> fixed charges are nothing within the free tier, and said at list prices too", async () => {
  const { broker } = await json();
  expect(broker.standing_usd).toBeGreaterThan(0.5);
  expect(broker.standing_usd - broker.standing_free_usd).toBe(0);
  expect((await run()).stdout.replaceAll("\n", " ")).toMatch(
    /Fixed charges: \$0 with the free tier, \$\d\.\d\d at list prices\./,
  );
});

test.each(["essential", "full"])("fixed charges, watched %s -> as the README has them", async (watch) => {
  const { broker } = await json("--watch", watch);
  const readme = readFileSync("README.md", "utf8");
  const [, section = ""] = /## What it costs\n([^#]*)/.exec(readme) ?? [];
  const left = broker.standing_usd - broker.standing_free_usd;
  expect(section).toContain(`| ${dollars(broker.standing_usd)} | ${dollars(left)}`);
});

test("--watch full -> all alarms, the dashboard and two metrics of each cluster; some of it is to be paid", async () => {
  const [essential, full] = [await json(), await json("--watch", "full")];
  const cloudWatch = (report: typeof full, what: string) => line(report.broker, "CloudWatch", what).quantity;
  expect(cloudWatch(essential, "alarms")).toBeLessThanOrEqual(10);
  expect(cloudWatch(full, "alarms")).toBeGreaterThan(20);
  expect(["dashboards", "custom metrics"].map((what) => cloudWatch(full, what))).toEqual([1, 3]);
  expect(full.broker.standing_usd - full.broker.standing_free_usd).toBeGreaterThan(1);
});

test("so many clusters -> a configuration that is accepted; a quarter more -> one that is not", () => {
  const config = (count: number) => ({
    ...exampleConfig,
    clusters: Object.fromEntries(
      Array.from({ length: count }, (_, i) => [`cluster-${i}`, { nodes: 2, sleep_s: 900 }]),
    ),
  });
  expect(() => synthesize(config(CLUSTERS_PER_DEPLOYMENT))).not.toThrow();
  expect(() => synthesize(config(Math.ceil(CLUSTERS_PER_DEPLOYMENT * 1.25)))).toThrow(/environment/);
});

test("--run -> the run beside it, line by line", async () => {
  const meter = new RunMeter();
  const uplink = meter.metered({ connect: () => {}, publish: () => {}, disconnect: () => {} });
  uplink.connect();
  uplink.publish("rosie/reading/kitchen/0", "{}");
  uplink.publish("rosie/event/kitchen/0", "{}");
  meter.note({
    at: 0 as EpochMs,
    level: "info",
    source: "ses",
    code: "mail-accepted",
    text: "",
    fields: { to: ["a", "b"] },
  });
  const sweep = { message: "sweep", clusters: 1, signals: { reminder: 2 } };
  meter.note({
    at: 0 as EpochMs,
    level: "info",
    source: "function",
    code: "function-log",
    text: "",
    fields: sweep,
  });
  const cost = meter.cost(172_800, 4);
  const file = join(folder, "run.json");
  writeFileSync(file, JSON.stringify({ scenario: "mine", simulated_s: 172_800, cost }));
  const { run: beside } = await json("--run", file);
  expect(beside).toMatchObject({
    scenario: "mine",
    days: 2,
    usd: cost.usd,
    month_usd: (cost.usd * 730) / 48,
  });
  expect(line(beside, "IoT Core", "messages").quantity).toBe(3);
  expect(line(beside, "SES", "mails").quantity).toBe(2);
  expect(line(beside, "Lambda", "invocations").quantity).toBe(4);
  expect((await run("--run", file)).stdout).toMatch(/broker +Basic Ingest +mine, 2 d$/m);
});

test.each<[readonly string[], string]>([
  [["3"], '"3" is not an option'],
  [["--clusters", "0"], "--clusters takes a whole number from 1"],
  [["--nodes", "9"], "--nodes takes a whole number from 2 to 8"],
  [["--readings-per-day", "many"], "--readings-per-day takes a number from 0"],
  [["--failovers-per-month", "-1"], "--failovers-per-month takes a number from 0"],
  [["--watch", "all"], '--watch takes essential or full, not "all"'],
  [["--region", "eu-west-1"], "the prices here are those of us-east-1"],
  [["--run", "/nowhere/run.json"], "/nowhere/run.json cannot be read (ENOENT)"],
  [["--run", "package.json"], "is not what npm run -s simulate -- --json prints"],
  [["--run", "README.md"], "is not what npm run -s simulate -- --json prints"],
])("%j -> exit 2 and %s", async (args, said) => {
  const { code, stdout, stderr } = await run(...args);
  expect({ code, stdout }).toEqual({ code: 2, stdout: "" });
  expect(stderr).toContain(said);
});

test("--help -> lines that fit a terminal of 80 columns", async () => {
  const { code, stdout } = await run("--help");
  expect(code).toBe(0);
  expect(stdout.split("\n").filter((text) => text.length > 79)).toEqual([]);
});
