/** `npm run swarm` as a person uses it, and as CI does: the same scenarios each time. */
import { rmSync } from "node:fs";
import { join } from "node:path";
import { projectFolder, run, start } from "./support/commands.ts";

/** Some fifteen seconds' work, on a machine that may be busy with others. */
const CEILING_MS = 170_000;
const TEN_YEARS = "test/end-to-end/support/ten-years.yaml";

test("150 scenarios under the hardened protocol -> all that must hold does", async () => {
  const { code, stdout, stderr } = await run("swarm", ["--seed", "1", "--runs", "150", "--json"]);
  const { failures, ...report } = JSON.parse(stdout);
  expect({ code, stderr, failures }).toEqual({ code: 0, stderr: "", failures: [] });
  expect(report).toMatchObject({ seed: 1, protocol: "hardened", runs: 150 });
  // Else nothing much was asserted.
  expect(report.runs_within_assumptions).toBeGreaterThan(75);
  expect(report.laws_never_tested).toEqual([]);
  expect(report.silences_judged).toBeGreaterThan(10);
  expect(report.longest_silence_share_of_bound).toBeGreaterThan(0.5);
});

test(
  "ten years of two nodes, their timers 5 % slow and 5 % fast, and no fault -> nobody is expelled, nobody takes over",
  async () => {
    const { code, stdout } = await run("swarm", ["--scenario", TEN_YEARS, "--json"]);
    const { violations, expectations, wakes } = JSON.parse(stdout);
    const broken = expectations.filter(({ held }: { held: boolean }) => !held);
    expect({ code, violations, broken }).toEqual({ code: 0, violations: [], broken: [] });
    expect(expectations).toContainEqual({ text: "expelled: 0", held: true, found: null });
    expect(wakes).toBeGreaterThan(690_000);
  },
  CEILING_MS,
);

test("the published protocol -> it breaks, and the command that is printed shows it on a small scenario", async () => {
  const written: string[] = [];
  try {
    const { code, stdout } = await run("swarm", ["--protocol", "article", "--seed", "17", "--runs", "1"]);
    expect(code).toBe(1);
    expect(stdout).toMatch(/^BROKEN {2}seed 17: at-most-one-acts: node 1 begins to act while node 0 does$/m);
    const [, file] = /^ +npm run simulate -- --scenario (\S+\.yaml)$/m.exec(stdout) ?? [];
    written.push(join(projectFolder, file!));
    const replayed = await run("simulate", ["--scenario", file!, "--uplink", "memory"]);
    expect(replayed.code).toBe(1);
    expect(replayed.stdout).toMatch(/^ {2}BROKEN {2}acting at once: at most 1; found: 2$/m);
    const asserted = await run("swarm", ["--scenario", file!]);
    expect([asserted.code, asserted.stderr]).toEqual([1, ""]);
    expect(asserted.stdout).toMatch(/^BROKEN {2}at-most-one-acts: /m);
  } finally {
    for (const file of written) rmSync(file, { force: true });
  }
});

test("SIGINT amid the runs -> what was found so far, at once", async () => {
  const swarm = start("swarm", ["--protocol", "article", "--seed", "17", "--minutes", "60"]);
  const found = await swarm.until("stdout", /^ +npm run simulate -- --scenario \S+\.yaml$/m);
  try {
    swarm.child.kill("SIGINT");
    const { code, stdout } = await swarm.finished;
    expect(code).toBe(1);
    expect(stdout).toMatch(/^interrupted; \d+ broke: [\d,]+ runs? from seed 17 on/m);
  } finally {
    for (const [, file] of found.matchAll(/^ +npm run simulate -- --scenario (\S+\.yaml)$/gm))
      rmSync(join(projectFolder, file!), { force: true });
  }
});

test.each([
  [["--minutes", "1", "--runs", "2"], /^--minutes and --runs: keep one of them\.\n$/],
  [["--only", "stal"], /^--only: the fault "stal" is unknown\. Did you mean "stall"\?\n$/],
  [["--protocol", "article", "--nodes", "5"], /^--nodes takes a whole number from 2 to 4, not "5"\.\n$/],
  [
    ["--scenario", "dead-battery", "--runs", "1"],
    /^--scenario plays one scenario unchanged: leave --runs out\.\n$/,
  ],
  [["--scenario", "./none.yaml"], /^--scenario: cannot read \.\/none\.yaml: /],
])("%j -> exit 2, and what to type", async (args, message) => {
  const { code, stdout, stderr } = await run("swarm", args);
  expect([code, stdout]).toEqual([2, ""]);
  expect(stderr).toMatch(message);
});
