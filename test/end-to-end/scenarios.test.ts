/**
 * The library of scenarios, with each protocol that a scenario has an answer for: every expectation holds. All are played
 * with the backend's code in this process; one in `EVERY` as a user plays it, on the local cloud, where the timeline must be
 * the one in test/golden as well. `npm run golden` plays all of them so, and writes those files anew; they are reviewed as
 * text. `HA2M_ALL_SCENARIOS=1` plays all and compares. A timeline of more than `GOLDEN_LINES_MAX` lines has none, and neither
 * has a scenario of more than `CLOUD_MAX`, which would keep the local cloud busy for minutes.
 */
import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { findScenario, libraryScenarios } from "../../simulator/cli/shared/scenario-files.ts";
import { days } from "../../simulator/engine/time.ts";
import { FAULT_NAMES } from "../../simulator/scenario/faults.ts";
import { playInProcess } from "../bench/in-process.ts";
import { type Finished, projectFolder, run } from "./support/commands.ts";

const GOLDEN = join(projectFolder, "test", "golden");
const COUNTEREXAMPLES = join(projectFolder, "docs", "counterexamples");
const GOLDEN_LINES_MAX = 60;
const CLOUD_MAX = days(60);
const UPDATES = process.env.HA2M_UPDATE_GOLDEN === "1";
const EVERY = UPDATES || process.env.HA2M_ALL_SCENARIOS === "1" ? 1 : 6;

const library = libraryScenarios();
const all = library.flatMap((scenario) =>
  [...scenario.protocols.keys()].map((protocol) => {
    const { name } = scenario;
    return { name, scenario, protocol, golden: `${name}.${protocol}.txt` };
  }),
);
type Case = (typeof all)[number];
/** Those that the local cloud is started for. */
const cases = all
  .filter(({ scenario }) => scenario.duration <= CLOUD_MAX)
  .filter((_, index) => index % EVERY === 0);

const played = ({ name, protocol }: Case, ...more: string[]): Promise<Finished> =>
  run("simulate", ["--scenario", name, "--protocol", protocol, ...more]);

/** Each case is played once, two at a time: whoever asks for one sets the next going. */
const runs: (Promise<Finished> | undefined)[] = [];
function outcomeOf(asked: Case): Promise<Finished> {
  const index = cases.indexOf(asked);
  for (const ahead of [index, index + 1]) {
    const next = cases[ahead];
    if (next !== undefined) runs[ahead] ??= played(next, "--uplink", "memory");
  }
  return runs[index]!;
}

/** What stands between heading and summary. */
function timelineOf(stdout: string): string {
  const [, timeline] = /\n\n([\s\S]*\n)\nSummary\n/.exec(stdout) ?? [];
  if (timeline === undefined) throw new Error(`no timeline in:\n${stdout}`);
  return timeline;
}

const linesOf = (text: string): number => text.split("\n").length - 1;

function writeGolden({ golden }: Case, timeline: string): void {
  if (linesOf(timeline) > GOLDEN_LINES_MAX) rmSync(join(GOLDEN, golden), { force: true });
  else writeFileSync(join(GOLDEN, golden), timeline);
}

beforeAll(async () => {
  if (UPDATES) mkdirSync(GOLDEN, { recursive: true });
  // Bundles the commands where a source is newer: two that start at once would both do it.
  await run("simulate", ["--help"]);
});

test.each(all)("$name, $protocol protocol, in this process -> every expectation holds", async (each) => {
  const { expectations } = await playInProcess(each.scenario, each.protocol, 1);
  expect(expectations.length).toBeGreaterThan(0);
  expect(expectations.filter(({ held }) => !held)).toEqual([]);
});

describe.each(cases)("$name, $protocol protocol", (each) => {
  test("played -> every expectation holds", async () => {
    const { code, stdout, stderr } = await outcomeOf(each);
    const broken = stdout.split("\n").filter((line) => line.startsWith("  BROKEN"));
    expect({ broken, code, stderr: code === 0 ? "" : stderr }).toEqual({ broken: [], code: 0, stderr: "" });
    expect(stdout).toMatch(/^ {2}held {4}/m);
  });

  test("played -> its timeline is the golden one", async () => {
    const timeline = timelineOf((await outcomeOf(each)).stdout);
    if (UPDATES) writeGolden(each, timeline);
    const path = join(GOLDEN, each.golden);
    if (linesOf(timeline) > GOLDEN_LINES_MAX) return expect(existsSync(path)).toBe(false);
    if (!existsSync(path))
      throw new Error(`${path} is missing: run npm run golden, and review what it wrote`);
    expect(timeline).toBe(readFileSync(path, "utf8"));
  });
});

test("golden timelines -> each belongs to a scenario and a protocol of its own", () => {
  const known = new Set(all.map(({ golden }) => golden));
  const strays = readdirSync(GOLDEN).filter((file) => !known.has(file));
  if (UPDATES) for (const stray of strays) rmSync(join(GOLDEN, stray));
  else expect(strays).toEqual([]);
});

/** Lost acknowledgements, a busy line that is stuck; then torn writes, one node's radio, mails of both kinds. */
const REPEATED = ["lost-puback", "frozen-holding-busy", "power-cut", "wifi-one-node", "flapping-node"];
const repeated = all.filter(
  ({ name, protocol }) => protocol === "hardened" && REPEATED.slice(0, EVERY === 1 ? 5 : 2).includes(name),
);

test.each(repeated)(
  "$name, $protocol protocol, the same seed again, and over MQTT -> the same trace",
  async (each) => {
    const first = await played(each, "--uplink", "memory");
    const [, trace] = /^ {2}trace +([0-9a-f]{64}) /m.exec(first.stdout) ?? [];
    expect(trace).toBeDefined();
    const again = await Promise.all([
      played(each, "--json", "--uplink", "memory"),
      played(each, "--json", "--uplink", "mqtt"),
    ]);
    expect(again.map(({ stdout }) => JSON.parse(stdout).trace_sha256)).toEqual([trace, trace]);
  },
);

test("--list -> names every scenario, and what it is about", async () => {
  const { code, stdout } = await run("simulate", ["--list"]);
  expect(code).toBe(0);
  const lines = stdout.split("\n");
  const missing = library.filter(
    ({ name, line }) => !lines.some((listed) => listed.startsWith(`${name} `) && listed.endsWith(` ${line}`)),
  );
  expect(missing.map(({ name }) => name)).toEqual([]);
});

/** What the checker found, of the failure matrix. */
const counterexamples = readdirSync(COUNTEREXAMPLES).map((file) => ({
  file,
  scenario: findScenario(join(COUNTEREXAMPLES, file), undefined, "simulate"),
}));

test.each(counterexamples)("$file, in this process -> shows what the checker found", async ({ scenario }) => {
  for (const protocol of scenario.protocols.keys()) {
    const { expectations } = await playInProcess(scenario, protocol, 1);
    expect(expectations.length).toBeGreaterThan(0);
    expect(expectations.filter(({ held }) => !held)).toEqual([]);
  }
});

test("every kind of fault -> strikes in some scenario, or in a counterexample of the failure matrix", () => {
  const found = counterexamples.map(({ scenario }) => scenario);
  const used = new Set(
    [...library, ...found].flatMap(({ steps }) =>
      steps.map((step) => (step.kind === "fault" ? step.fault.kind : "")),
    ),
  );
  expect(FAULT_NAMES.filter((name) => !used.has(name))).toEqual([]);
});
