/** Counterexamples by hand, for what the replay is made of; and the checker's own, played on simulated devices. */
import { type Check, runCheck } from "../../../simulator/checker/checks.ts";
import { FAULT_CLASS_NAMES, type FaultClass } from "../../../simulator/checker/fault-classes.ts";
import type { Transition } from "../../../simulator/checker/transition.ts";
import { chosenProtocol } from "../../../simulator/cli/shared/protocol-choice.ts";
import { checkName } from "../../../simulator/cli/verify/check-runner.ts";
import { playOnDevices } from "../../../simulator/counterexample/play.ts";
import { fileNameOf, scenarioOf as replayOf } from "../../../simulator/counterexample/to-scenario.ts";
import { type Unplayable, unplayableText } from "../../../simulator/counterexample/unplayable.ts";
import { seconds } from "../../../simulator/engine/time.ts";
import type { Violation } from "../../../simulator/protocol/laws.ts";
import { formatScenario } from "../../../simulator/scenario/format-scenario.ts";
import { parseScenario } from "../../../simulator/scenario/parse-scenario.ts";
import type { Scenario, Step } from "../../../simulator/scenario/scenario.ts";
import { checkOf, onBus, wakeOf } from "./transitions.ts";

const PERIOD_S = 900;
const AT_ONCE: Violation = { law: "at-most-one-acts", node: 1, others: [0] };
const OLD_TERM: Violation = { law: "terms-only-rise", node: 0, term: 1, before: { node: 1, term: 1 } };
const NOBODY: Violation = { law: "somebody-acts-again", bound: 8, unit: "rounds" };
const ON: Transition = { kind: "from-here-on" };

const replay = (
  steps: readonly Transition[],
  violation: Violation = AT_ONCE,
  check = checkOf(),
): Scenario | Unplayable => replayOf({ check, violation, steps, start: "blank", preludeLength: 0 }, PERIOD_S);

function scenarioOf(
  steps: readonly Transition[],
  violation: Violation = AT_ONCE,
  check = checkOf(),
): Scenario {
  const scenario = replay(steps, violation, check);
  if ("why" in scenario) throw new Error(unplayableText(scenario));
  return scenario;
}

/** Faults of a kind, and how long each lasts, in seconds. */
const faultsOf = (scenario: Scenario, kind: string): (Step & { kind: "fault" })[] =>
  scenario.steps.filter((step) => step.kind === "fault").filter(({ fault }) => fault.kind === kind);
const kindsOf = (scenario: Scenario): string[] =>
  scenario.steps.map((step) => (step.kind === "fault" ? step.fault.kind : step.action.kind));
const lastsS = ({ lasts }: Step & { kind: "fault" }): number | undefined =>
  lasts === undefined ? undefined : lasts / seconds(1);

describe("times", () => {
  test("a node amid its wake while another has one -> held up for as long", () => {
    const [first, ...rest] = wakeOf(0, "power-on", "settle");
    const scenario = scenarioOf([first!, ...wakeOf(1, "power-on", "settle"), ...rest]);
    expect(kindsOf(scenario)).toEqual(["power-on", "stall", "power-on", "sleeps-on", "sleeps-on"]);
    const [stall] = faultsOf(scenario, "stall");
    expect(stall).toMatchObject({
      trigger: {
        kind: "operation",
        node: 0,
        mark: { operation: "read", count: 1, point: { kind: "after" } },
      },
      says: "node 0 is held up; then 6-8: node 0 reads chip 1, writes to chip 0, writes to chip 1",
    });
    expect(lastsS(stall!)).toBeGreaterThan(1);
    expect(lastsS(stall!)).toBeLessThan(10);
  });

  test("between its last write and acting -> held up before it connects", () => {
    const acts: Transition = { kind: "acts", node: 0, leadsTo: "period" };
    const scenario = scenarioOf([...wakeOf(0, "power-on", "act"), ...wakeOf(1, "power-on", "settle"), acts]);
    expect(faultsOf(scenario, "stall")[0]?.trigger).toMatchObject({
      mark: { operation: "connect", count: 1, point: { kind: "before" } },
    });
  });

  test("a settle sleep and a full one -> not shorter than they are", () => {
    const sleeps = (leadsTo: "settle" | "period") =>
      faultsOf(
        scenarioOf([...wakeOf(0, "power-on", leadsTo), ...wakeOf(0, "deep-sleep", "act")]),
        "sleeps-on",
      ).map(lastsS);
    expect(sleeps("settle")).toEqual([expect.closeTo(120, 0)]);
    expect(sleeps("period")).toEqual([expect.closeTo(900, 0)]);
  });
});

describe("times that cannot be", () => {
  test("awake for longer than a watchdog allows -> cannot be, and says so", () => {
    const [first, ...rest] = wakeOf(0, "power-on", "settle");
    const other = [...wakeOf(1, "power-on", "settle"), ...wakeOf(1, "deep-sleep", "act")];
    const impossible = replay([first!, ...other, ...rest]);
    expect(impossible).toEqual({ why: "wake-too-long", node: 0, step: 1 });
    expect(unplayableText(impossible as Unplayable)).toBe(
      "node 0 would have to be awake for longer than a minute from step 1 on, and its watchdog resets it",
    );
    const overlong: Transition = { kind: "stall", node: 0 };
    const allowed = scenarioOf([first!, overlong, ...other, ...rest]);
    expect(allowed.cluster.watchdog).toBe(seconds(86_400));
    expect(lastsS(faultsOf(allowed, "stall")[0]!)).toBeGreaterThan(120);
  });

  test("the same, and the other's settle sleep is cut short -> in time", () => {
    const [first, ...rest] = wakeOf(0, "power-on", "settle");
    const early: Transition = { kind: "early-wake", node: 1 };
    const other = [...wakeOf(1, "power-on", "settle"), early, ...wakeOf(1, "deep-sleep", "act")];
    expect(kindsOf(scenarioOf([first!, ...other, ...rest]))).toContain("early-wake");
  });

  test("sleeps that have to be too long where they should be punctual -> cannot be, and says so", () => {
    const steps = [
      ...wakeOf(0, "power-on", "period"),
      ...wakeOf(1, "power-on", "period"),
      ...wakeOf(1, "deep-sleep", "period"),
      ...wakeOf(1, "deep-sleep", "period"),
      ...wakeOf(0, "deep-sleep", "period"),
    ];
    expect(replay(steps, AT_ONCE, checkOf({ punctual: true }))).toEqual({
      why: "sleep-too-long",
      node: 0,
      step: 17,
    });
    expect(replay(steps)).not.toHaveProperty("why");
  });
});

describe("the story", () => {
  const saysOf = (transitions: readonly Transition[]) =>
    scenarioOf(transitions, NOBODY).steps.map(({ says }) => says);
  const [first, second, ...writes] = wakeOf(0, "power-on", "settle");

  test("each step -> in a line, by its number; what goes wrong in one of its own", () => {
    const error: Transition = { kind: "read-error", node: 0, chip: 1 };
    expect(saysOf([first!, error, ...writes, { kind: "node-dies", node: 0 }, ON])).toEqual([
      "1: node 0 boots (power-on), reads chip 0",
      "node 0 is held up until step 2",
      "2: node 0 FAULT read-error: one read fails",
      "node 0 is held up; then 3-4: node 0 writes to chip 0, writes to chip 1",
      "node 0 sleeps on until step 5",
      "5: node 0 FAULT node-dies: a node never wakes again",
      "node 1 boots; then nothing holds it up",
    ]);
  });

  test("a sleep that is cut short -> said where the node wakes", () => {
    const early: Transition = { kind: "early-wake", node: 0 };
    const steps = [first!, second!, ...writes, early, ...wakeOf(0, "deep-sleep", "act"), ON];
    expect(saysOf(steps)).toContain(
      "6-9: node 0 wakes, reads chip 0, reads chip 1, writes to chip 0, writes to chip 1, and begins to ACT: its sleep is cut short",
    );
  });

  test("more steps in one go than a line has room for -> the first of them", () => {
    const many = Array.from({ length: 12 }, (): Transition => ({ kind: "reads", node: 0, chip: 1 }));
    const [boots] = saysOf([first!, ...many, second!, ...writes, ON]);
    expect(boots).toMatch(/^1-\d+: node 0 boots .* …$/);
    expect(boots!.length).toBeLessThanOrEqual(200);
  });

  test("asleep after the last step -> up to when is said", () => {
    const steps = [first!, second!, ...writes];
    expect(saysOf([...steps, ON])).toContain("node 0 sleeps on; then nothing holds it up");
    expect(saysOf(steps)).toContain("node 0 sleeps on until the end");
  });
});

const booted = wakeOf(0, "power-on", "settle");
const awake = booted.slice(0, 2);

describe("faults", () => {
  const KINDS: Readonly<Record<string, readonly [label: Transition, kinds: readonly string[]]>> = {
    "eeprom-dislodged": [{ kind: "eeprom-dislodged", chip: 1 }, ["eeprom-dislodged"]],
    "eeprom-blank": [{ kind: "eeprom-blank", chip: 1 }, ["eeprom-blank"]],
    "eeprom-noise": [{ kind: "eeprom-noise", chip: 1 }, ["eeprom-noise"]],
    "write-protected": [{ kind: "write-protected", chip: 1 }, ["write-protected"]],
    "page-rot": [{ kind: "page-rot", chip: 1, page: 2 }, ["page-rot"]],
    "worn-page": [{ kind: "worn-page", chip: 1, page: 2 }, ["page-rot", "worn-page"]],
    "torn-write": [{ kind: "torn-write", node: 0, chip: 1 }, ["eeprom-dislodged", "power-cut"]],
    "eeprom-resets": [{ kind: "eeprom-resets", node: 0, chip: 1 }, ["eeprom-dislodged"]],
    "read-error": [{ kind: "read-error", node: 0, chip: 1 }, ["eeprom-dislodged"]],
    "write-error": [{ kind: "write-error", node: 0, chip: 1 }, ["eeprom-dislodged"]],
    "slow-write-cycle": [{ kind: "slow-write-cycle", node: 0, chip: 1 }, ["slow-write-cycle"]],
    "node-dies": [{ kind: "node-dies", node: 0 }, ["power-cut"]],
    "power-cut": [{ kind: "power-cut", node: 0 }, ["power-cut"]],
    "watchdog-reset": [{ kind: "watchdog-reset", node: 0 }, ["reset"]],
    freeze: [{ kind: "freeze", node: 0 }, ["freeze"]],
    "wifi-outage": [{ kind: "wifi-outage", node: 0 }, ["wifi-outage"]],
    "wire-cut": [{ kind: "wire-cut", node: 0 }, ["wire-cut"]],
    "stale-memory": [{ kind: "stale-memory", node: 0 }, ["stale-memory"]],
    // These show in how long something else lasts.
    "early-wake": [{ kind: "early-wake", node: 0 }, []],
    stall: [{ kind: "stall", node: 0 }, []],
  };

  test.each(FAULT_CLASS_NAMES)("%s -> faults of a scenario", (name) => {
    const [label, kinds] = KINDS[name]!;
    const scenario = scenarioOf([...awake, label, ...wakeOf(1, "power-on", "act")]);
    const own = kindsOf(scenario).filter((kind) => !["power-on", "stall", "sleeps-on"].includes(kind));
    expect(own).toEqual(kinds);
  });

  test("a hold-down that expires -> no scenario can bring that about, and says so", () => {
    expect(replay([...awake, { kind: "long-after", node: 0 }, ON], NOBODY)).toEqual({
      why: "no-such-step",
      kind: "long-after",
    });
  });

  test.each<[string, Transition, Transition]>([
    ["a chip that is lost", { kind: "eeprom-dislodged", chip: 1 }, { kind: "chip-is-well-again", chip: 1 }],
    [
      "a node that is offline",
      { kind: "wifi-outage", node: 0 },
      { kind: "node-is-connected-again", node: 0 },
    ],
  ])("%s, and well again -> for so long", (_, fault, well) => {
    const steps = [fault, ...booted, well, ...wakeOf(1, "power-on", "act")];
    const lasting = (transitions: readonly Transition[]) =>
      scenarioOf(transitions)
        .steps.filter((step) => step.kind === "fault" && step.says?.startsWith("1: "))
        .map((step) => lastsS(step as Step & { kind: "fault" }));
    expect(lasting(steps)).toEqual([expect.closeTo(2, 0)]);
    expect(lasting(steps.filter((step) => step !== well))).toEqual([undefined]);
  });
});

describe("faults, and what a node does after them", () => {
  test("a worn page that is well again -> cannot be, and says so", () => {
    const worn: Transition = { kind: "worn-page", chip: 1, page: 2 };
    expect(replay([worn, { kind: "chip-is-well-again", chip: 1 }, ON], NOBODY)).toEqual({
      why: "worn-page-recovers",
    });
  });

  test("reset amid a write whose page is written -> after that write, until it boots", () => {
    const crash: Transition = { kind: "crash", node: 0, pageWritten: true };
    const scenario = scenarioOf([...awake, crash, ...booted]);
    expect(faultsOf(scenario, "stall")[0]?.trigger).toMatchObject({
      mark: { operation: "page-write", count: 1, point: { kind: "after" } },
    });
    expect(faultsOf(scenario, "power-cut").map(lastsS)).toEqual([0.35]);
  });

  test("struck before it has booted, or when it is down already -> boots no sooner for that", () => {
    const dies: Transition = { kind: "node-dies", node: 0 };
    expect(kindsOf(scenarioOf([dies, ON], NOBODY))).toEqual(["power-on"]);
    const twice = scenarioOf([...awake, { kind: "crash", node: 0, pageWritten: false }, dies, ON], NOBODY);
    expect(faultsOf(twice, "power-cut").map(lastsS)).toEqual([undefined, undefined]);
  });

  test("frozen, and with power again -> without power in between", () => {
    const steps: Transition[] = [
      ...awake,
      { kind: "freeze", node: 0 },
      { kind: "power-on", node: 0 },
      ...booted,
    ];
    const scenario = scenarioOf(steps);
    expect(faultsOf(scenario, "freeze")).toHaveLength(1);
    expect(faultsOf(scenario, "power-cut").map(lastsS)).toEqual([0.35]);
  });
});

describe("what is expected", () => {
  const steps = wakeOf(0, "power-on", "act");
  const acts: Transition = { kind: "acts", node: 0, leadsTo: "period" };
  const metricOf = (transitions: readonly Transition[], violation: Violation): unknown =>
    [...scenarioOf(transitions, violation).protocols.values()][0]!.expect[0];

  test.each<[Violation, readonly Transition[], object]>([
    [AT_ONCE, steps, { metric: "acting at once", min: 2 }],
    [OLD_TERM, steps, { metric: "stale acts", min: 1 }],
    [{ law: "nobody-well-is-expelled", by: 0, node: 1 }, steps, { metric: "wrongly expelled", min: 1 }],
    [NOBODY, [ON], { metric: "readings stored", max: 0 }],
    [NOBODY, [...steps, acts, ON], { metric: "longest gap", min: 7_200 }],
  ])("%j -> that it is seen", (violation, transitions, expectation) => {
    expect(metricOf(transitions, violation)).toMatchObject(expectation);
  });
});

test.each<[Partial<Check>, string]>([
  [{}, "hardened-late-wakes"],
  [{ punctual: true }, "hardened-punctual"],
  [{ punctual: true, faults: ["eeprom-dislodged"] }, "hardened-eeprom-dislodged-punctual"],
  [{ crashes: 1, faults: ["freeze"] }, "hardened-freeze-a-reset"],
  [{ crashes: 2, protocol: "article" }, "article-2-resets"],
  [{ nodes: 3, faults: ["freeze", "wifi-outage"] }, "hardened-3-nodes-freeze-wifi-outage"],
  [{ witness: true, faults: ["freeze"], budget: 2 }, "hardened-witness-freeze-twice"],
])("%j -> %s", (more, name) => {
  expect(fileNameOf({ check: checkOf(more), violation: AT_ONCE, start: "blank" })).toBe(`${name}-two-act`);
});

test.each<[Violation, "blank" | "running", string]>([
  [OLD_TERM, "blank", "hardened-freeze-order"],
  [NOBODY, "running", "hardened-freeze-nobody-acts-from-running"],
  [{ law: "nobody-well-is-expelled", by: 0, node: 1 }, "blank", "hardened-freeze-expelled"],
])("%j from %s -> %s", (violation, start, name) => {
  expect(fileNameOf({ check: checkOf({ faults: ["freeze"] }), violation, start })).toBe(name);
});

describe("the checker's own counterexamples, played", () => {
  const STATES_MAX = 50_000;
  const OUTSIDE: readonly FaultClass[] = ["wire-cut", "early-wake", "stall"];
  const article = (more: Partial<Check>) => checkOf({ protocol: "article", ...more });
  const CHECKS: readonly Check[] = [
    article({}),
    article({ crashes: 1 }),
    article({ nodes: 3 }),
    ...FAULT_CLASS_NAMES.map((fault) => article({ faults: [fault] })),
    article({ faults: ["eeprom-resets"], punctual: true, bookkeeping: true }),
    article({ faults: ["write-protected"], punctual: true, bookkeeping: true }),
    ...OUTSIDE.map((fault) => checkOf({ faults: [fault] })),
    checkOf({ faults: ["early-wake"], witness: true }),
  ];

  test.each(CHECKS.map((check) => [checkName(check), check] as const))(
    "%s -> every bus transaction in the checker's order, and the violation is seen",
    async (_, check) => {
      const { counterexample } = runCheck(check, STATES_MAX);
      if (counterexample === undefined) throw new Error("the checker finds nothing");
      await expectShown(counterexample.steps, counterexample.violation, check);
    },
  );

  test("both chips replaced, which takes longer to find -> the same", async () => {
    const [first, ...rest] = wakeOf(1, "power-on", "settle");
    await expectShown(
      [
        ...wakeOf(0, "power-on", "settle"),
        ...wakeOf(0, "deep-sleep", "act"),
        { kind: "acts", node: 0, leadsTo: "period" },
        { kind: "eeprom-blank", chip: 0 },
        first!,
        { kind: "eeprom-blank", chip: 1 },
        ...rest,
        ...wakeOf(1, "deep-sleep", "act"),
      ],
      { law: "terms-only-rise", node: 1, term: 1, before: { node: 0, term: 1 } },
      checkOf({ faults: ["eeprom-blank"], budget: 2 }),
    );
  });

  async function expectShown(
    steps: readonly Transition[],
    violation: Violation,
    check: Check,
  ): Promise<void> {
    const written = formatScenario(scenarioOf(steps, violation, check));
    const { scenario, protocol, answer } = chosen(parseScenario(written, "a counterexample"));
    const trace: string[] = [];
    const missing = await playOnDevices(scenario, answer, protocol, PERIOD_S, (line) => trace.push(line));
    const { wanted, found } = onBus(steps, trace);
    expect({ missing, found }).toEqual({ missing: [], found: wanted });
  }

  const chosen = (scenario: Scenario) => ({ scenario, ...chosenProtocol(scenario, undefined) });
});
