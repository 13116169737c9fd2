/** The story under chaos: crashes, throttling, rejected mails, deliveries that come twice or late. Nothing is lost. */
import type { Report, SentMail } from "../../simulator/cli/simulate/summary.ts";
import { run } from "./support/commands.ts";

const RATES = {
  "function-crash": 0.1,
  "dynamodb-throttle": 0.1,
  "ses-throttle": 0.1,
  "ses-reject": 0.05,
  duplicate: 0.1,
  late: 0.1,
};
const chaosOf = (rates: Readonly<Record<string, number>>): string =>
  Object.entries(rates)
    .map(([kind, rate]) => `${kind}=${rate}`)
    .join(",");

async function played(...args: readonly string[]): Promise<{ code: number | null; report: Report }> {
  const { code, stdout } = await run("simulate", ["--json", "--uplink", "memory", ...args]);
  return { code, report: JSON.parse(stdout) as Report };
}

/** Of an incident, without reminders, and without what comes again and says so. */
const statesOf = (mails: readonly SentMail[], incident: string): string[] =>
  mails
    .filter((mail) => mail.incident === incident && mail.kind !== "reminder")
    .filter(({ kind, possible_duplicate }, i, all) => !(possible_duplicate && all[i - 1]?.kind === kind))
    .map(({ kind }) => kind);

/** FIRING and RESOLVED in turn, and the node's death told once. */
function expectContract(mails: readonly SentMail[]): void {
  expect(statesOf(mails, "node-dead#0")).toEqual(["firing", "resolved"]);
  for (const incident of new Set(mails.map((mail) => mail.incident)))
    expect([incident, ...statesOf(mails, incident)]).toEqual([
      incident,
      ...statesOf(mails, incident).map((_, i) => (i % 2 === 0 ? "firing" : "resolved")),
    ]);
}

test.each([1, 2, 3])(
  "seed %i -> each reading stored once, each episode told once and taken back once",
  async (seed) => {
    const { code, report } = await played("--seed", String(seed), "--chaos", chaosOf(RATES));
    expect(report.expectations.filter(({ held }) => !held)).toEqual([]);
    expect(code).toBe(0);
    const { expected, published, stored, lost } = report.readings;
    // Amid a takeover nobody measures: chaos loses none beside those.
    expect([stored, lost]).toEqual([published, expected - published]);
    expect(report.metrics).toMatchObject({ readings_duplicated: 0, readings_untrue: 0 });
    expect(report.queued).toEqual({});
    expectContract(report.mails);
    // It was no calm day, and what was kept in queues was needed.
    const { struck, replayed } = report.chaos!;
    expect(Object.keys(struck)).toEqual(
      expect.arrayContaining(["function-crash", "dynamodb-throttle", "duplicate", "late"]),
    );
    expect(replayed).toBeGreaterThan(0);
  },
);

test("mails alone: half of all attempts crash, half of the rest are refused -> told all the same, repetitions marked", async () => {
  const rates = { "function-crash": 0.5, "ses-throttle": 0.3, "ses-reject": 0.3 };
  const { report } = await played("--days", "1", "--chaos", chaosOf(rates));
  expectContract(report.mails);
  expect(report.mails.filter((mail) => mail.possible_duplicate)).not.toEqual([]);
  expect(report.chaos!.struck["ses-reject"]).toBeGreaterThan(0);
});

test("the same seed with and without chaos -> the same trace of the devices", async () => {
  const [calm, wild] = await Promise.all([
    played("--days", "1"),
    played("--days", "1", "--chaos", chaosOf(RATES)),
  ]);
  expect(wild.report.trace_sha256).toBe(calm.report.trace_sha256);
  expect(calm.report.chaos).toBeUndefined();
});

test("a kind that is not known -> what was probably meant, exit 2", async () => {
  for (const command of ["simulate", "cloud"]) {
    const { code, stderr } = await run(command, ["--chaos", "functon-crash=0.1"]);
    expect([code, stderr]).toEqual([2, expect.stringMatching(/did you mean function-crash\?/)]);
  }
});
