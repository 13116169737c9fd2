import { CHAOS_KINDS, Chaos } from "../../../simulator/local-cloud/chaos.ts";
import type { CloudLogEntry } from "../../../simulator/local-cloud/cloud-log.ts";
import { ManualClock, START_MS } from "./functions/runner-fixture.ts";

const open = (rates: ConstructorParameters<typeof Chaos>[0]["rates"], seed = 1) => {
  const log: CloudLogEntry[] = [];
  return { chaos: new Chaos({ rates, seed }, new ManualClock(), (entry) => log.push(entry)), log };
};
const hundreds = (chaos: Chaos, n = 1_000): boolean[] =>
  Array.from({ length: n }, () => chaos.strikes("duplicate", "x"));

test("a rate -> so often, the same for the same seed, otherwise for another; each is counted and logged", () => {
  const { chaos, log } = open({ duplicate: 0.1 });
  const struck = hundreds(chaos);
  const count = struck.filter(Boolean).length;
  expect(count).toBeGreaterThan(60);
  expect(count).toBeLessThan(140);
  expect(hundreds(open({ duplicate: 0.1 }).chaos)).toEqual(struck);
  expect(hundreds(open({ duplicate: 0.1 }, 2).chaos)).not.toEqual(struck);
  expect(chaos.struck).toEqual({ duplicate: count });
  expect(log).toHaveLength(count);
  expect(log[0]).toEqual({
    at: START_MS,
    level: "info",
    source: "chaos",
    code: "chaos",
    text: "duplicate: x",
    fields: { kind: "duplicate" },
  });
});

test("another kind in between -> changes nothing in what comes of this one", () => {
  const { chaos } = open({ duplicate: 0.1, "ses-reject": 0.5 });
  const struck = Array.from({ length: 1_000 }, () => {
    chaos.strikes("ses-reject", "y");
    return chaos.strikes("duplicate", "x");
  });
  expect(struck).toEqual(hundreds(open({ duplicate: 0.1 }).chaos));
});

test("no rate, rate 0 -> never; rate 1 -> always, until it is over", () => {
  const { chaos } = open({ duplicate: 0, late: 1 });
  expect(CHAOS_KINDS.map((kind) => chaos.strikes(kind, "x"))).toEqual(
    CHAOS_KINDS.map((kind) => kind === "late"),
  );
  chaos.end();
  expect(chaos.strikes("late", "x")).toBe(false);
});

test("deliveries of a message -> once and at once; twice; between half a minute and ten minutes late", () => {
  expect(open({}).chaos.deliveries("x")).toEqual([0]);
  expect(open({ duplicate: 1 }).chaos.deliveries("x")).toEqual([0, 0]);
  const { chaos } = open({ late: 1, duplicate: 1 });
  const late = Array.from({ length: 200 }, () => chaos.deliveries("x")).flat();
  expect(late).toHaveLength(400);
  expect(Math.min(...late)).toBeGreaterThanOrEqual(30_000);
  expect(Math.max(...late)).toBeLessThan(600_000);
  expect(new Set(late).size).toBeGreaterThan(300);
});

test("crashes -> before and after each of the first requests", () => {
  const { chaos } = open({ "function-crash": 1 });
  const points = new Set(Array.from({ length: 200 }, () => JSON.stringify(chaos.crashPoint("f"))));
  expect(points.size).toBe(10);
  expect(open({}).chaos.crashPoint("f")).toBeUndefined();
});
