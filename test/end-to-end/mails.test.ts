/** The mails of a run, as `simulate --json` lists them: what a person gets, when, and in which thread. */
import { libraryScenarios } from "../../simulator/cli/shared/scenario-files.ts";
import { playInProcess } from "../bench/in-process.ts";
import { run } from "./support/commands.ts";

interface Mail {
  readonly at: string;
  readonly to: readonly string[];
  readonly kind: string;
  readonly incident: string;
  readonly thread: string | null;
  readonly subject: string;
}

async function mailsOf(scenario: string, protocol: string): Promise<Mail[]> {
  const { code, stdout, stderr } = await run("simulate", [
    ...["--scenario", scenario, "--protocol", protocol, "--uplink", "memory", "--json"],
  ]);
  if (code !== 0) throw new Error(`${scenario} ends with ${code}: ${stderr}${stdout}`);
  return JSON.parse(stdout).mails;
}

const subjectsOf = (mails: readonly Mail[], incident: string): string[] =>
  mails.filter((mail) => mail.incident === incident).map(({ subject }) => subject);

test("split brain -> one mail that names both nodes, one when it is over", async () => {
  const mails = await mailsOf("split-brain-by-cut-wire", "hardened");
  const [firing, resolved, ...more] = subjectsOf(mails, "split-brain#0");
  expect(firing).toMatch(/FIRING.*\b0\b.*\b1\b/);
  expect(resolved).toMatch(/RESOLVED/);
  expect(more).toEqual([]);
});

test("three weeks and more without broadband -> silent, reminders further and further apart, over", async () => {
  const all = await mailsOf("broadband-weeks", "hardened");
  const mails = all.filter(({ kind }) => kind !== "weekly");
  expect(mails.map(({ kind, incident }) => `${kind} ${incident}`)).toEqual([
    "firing cluster-silent#0",
    ...Array(5).fill("reminder cluster-silent#0"),
    "resolved cluster-silent#0",
  ]);
  const daysAfter = mails.map(({ at }) => (Date.parse(at) - Date.parse(mails[0]!.at)) / 86_400_000);
  expect(daysAfter.slice(1, -1).map(Math.floor)).toEqual([1, 3, 7, 14, 21]);
  expect(new Set(mails.map(({ thread }) => thread)).size).toBe(1);
  const reports = all.filter(({ kind }) => kind === "weekly");
  expect(reports.map(({ at }) => new Date(at).getUTCDay())).toEqual(reports.map(() => 1));
  expect(reports.map(({ subject }) => /kitchen: (.*?) readings/.exec(subject)?.[1])).toContain("0 of 672");
  expect(new Set(reports.map(({ incident }) => incident)).size).toBe(reports.length);
  // 27 days of virtual time on a busy machine.
}, 300_000);

// Of a loose contact that is well for less than four hours at a time.
test.each(["flapping-all-day", "flapping-node"])("%s -> one thread, begun by FIRING", async (scenario) => {
  const mails = await mailsOf(scenario, "hardened");
  expect(mails.length).toBeGreaterThan(1);
  expect(new Set(mails.map(({ incident }) => incident)).size).toBe(1);
  expect(new Set(mails.map(({ thread }) => thread)).size).toBe(1);
  expect(mails[0]).toMatchObject({
    kind: "firing",
    thread: expect.any(String),
    to: [expect.stringContaining("@")],
  });
});

test.each(["split-brain-by-cut-wire", "fuse-blows"])(
  "%s with both functions in one process, as npm run mails plays a year -> the mails of the local cloud",
  async (name) => {
    const scenario = libraryScenarios().find((each) => each.name === name)!;
    const { mails } = await playInProcess(scenario, "hardened", 1);
    const told = ({ at, kind, incident, subject }: Mail) => `${at} ${kind} ${incident} ${subject}`;
    expect((await mailsOf(name, "hardened")).map(told)).toEqual(mails.map(told));
  },
);
