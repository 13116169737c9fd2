/** What a person gets wrong with an EEPROM is told by the node that publishes, in an event and in its readings. */
import { type Micros, START } from "../../../simulator/engine/time.ts";
import type { EepromPartName } from "../../../simulator/hardware/eeprom-parts.ts";
import { type BoardProblem, isDue } from "../../../simulator/node/chip-survey.ts";
import type { AnyReport } from "../../../simulator/node/messages.ts";
import { tellProblems } from "../../../simulator/node/tell-once.ts";
import { ARTICLE } from "../../../simulator/protocol/article/article.ts";
import { HARDENED } from "../../../simulator/protocol/hardened/hardened.ts";
import type { Step } from "../../../simulator/scenario/scenario.ts";
import { fault, RUNNING, SmallWorld } from "./small-world.ts";

const play = (until: number, ...steps: readonly Step[]) =>
  new SmallWorld(steps, { cluster: RUNNING, protocol: HARDENED }).runTo(until);
/** `setup_fault chip-type 1`, of each such event of a node. */
const told = (world: SmallWorld, node = 0): string[] =>
  world
    .of("published", node)
    .map(({ payload }) => JSON.parse(payload))
    .filter(({ type }) => String(type).startsWith("setup_"))
    .map(({ type, problem, subject }) => `${type} ${problem} ${subject}`);
const masks = (world: SmallWorld): unknown[] => world.readings(0).map(({ setup_faults }) => setup_faults);
const fitted = (minute: number, chip: number, part: EepromPartName): Step =>
  fault(minute, { kind: "eeprom-other-type", chip, part });

test.each<[EepromPartName, readonly string[]]>([
  ["AT24C32", ["setup_fault chip-type 1"]],
  ["AT24C64", ["setup_fault chip-type 1"]],
  ["AT24C128", []],
  ["AT24C256", []],
  ["AT24C512", ["setup_fault chip-type 1"]],
])("chip 1 is an %s from before node 0 first publishes -> told: %j", async (part, expected) => {
  const world = await play(80, fitted(1, 1, part));
  expect([told(world), masks(world).at(-1)]).toEqual([expected, expected.length === 0 ? 0 : 2]);
});

test("a chip that keeps nothing -> looked at as soon as that is so, and told once", async () => {
  const world = await play(100, fitted(20, 1, "AT24C32"));
  expect(told(world)).toEqual(["setup_fault chip-type 1"]);
  expect(masks(world)).toEqual([0, 0, 2, 2, 2, 2, 2]);
});

test("it is replaced by a right one -> told that it is mended", async () => {
  const world = await play(140, fitted(20, 1, "AT24C32"), fault(70, { kind: "eeprom-blank", chip: 1 }));
  expect(told(world)).toEqual(["setup_fault chip-type 1", "setup_mended chip-type 1"]);
  expect(masks(world).at(-1)).toBe(0);
});

test("a chip answers where the cluster has none, and then at its own address again -> told, and that it is over", async () => {
  const world = await play(100, fault(20, { kind: "wrong-strap", chip: 1, as: 6 }, 40));
  expect(told(world)).toEqual(["setup_fault chip-address 6", "setup_mended chip-address 6"]);
});

test("the published protocol -> looks at no chip, and says nothing of it", async () => {
  const world = await new SmallWorld([fitted(20, 1, "AT24C32")], {
    cluster: RUNNING,
    protocol: ARTICLE,
  }).runTo(60);
  expect(told(world)).toEqual([]);
  expect(world.readings(0)[0]).not.toHaveProperty("setup_faults");
});

describe("when chips are looked at", () => {
  const well = { problems: [], readings: 5, unwritable: [] };
  test.each<[string, Parameters<typeof isDue>, boolean]>([
    ["never since the cold start", [undefined, []], true],
    ["nothing has changed", [well, []], false],
    ["a day of readings later", [{ ...well, readings: 96 }, []], true],
    ["a chip no longer keeps writes", [well, [1]], true],
    ["it has done so for long", [{ ...well, unwritable: [1] }, [1]], false],
    ["something is wrong", [{ ...well, problems: [{ problem: "chip-type", node: 1 }] }, []], true],
  ])("%s -> as it should be", (_, [before, unwritable], due) => {
    expect(isDue(before, unwritable)).toBe(due);
  });
});

test("one of two problems of a node is put right -> its end is told with the last one", () => {
  const reports: AnyReport[] = [];
  const tell = (known: readonly BoardProblem[], present: readonly BoardProblem[]) => {
    const task = tellProblems(known, present, function* (report) {
      reports.push(report);
      yield 1 as Micros;
      return true;
    });
    let step = task.next(START);
    while (!step.done) step = task.next(START);
    return step.value;
  };
  const twin = { problem: "duplicate-number", node: 1 } as const;
  const chip = { problem: "chip-type", node: 1 } as const;
  const both = tell(tell([], [twin]), [twin, chip]);
  const one = tell(both, [chip]);
  expect(reports.map(({ type }) => type)).toEqual(["setup_fault", "setup_fault"]);
  expect(tell(one, [])).toEqual([]);
  expect(reports.map(({ type }) => type).slice(2)).toEqual(["setup_mended", "setup_mended"]);
});
