import { days, hours, micros, seconds } from "../../../simulator/engine/time.ts";
import { NimhPack, type NimhPackOptions } from "../../../simulator/hardware/nimh-pack.ts";

/** Only what is drawn counts. */
const tight = (options: NimhPackOptions = {}) => new NimhPack({ selfDischargePerYear: 0, ...options });

test("four fresh AA cells of 1,900 mAh -> 6,840 C, 5.6 V", () => {
  const pack = new NimhPack();
  expect(pack.capacityC).toBe(6_840);
  expect(pack.remainingC).toBe(6_840);
  expect(pack.stateOfCharge).toBe(1);
  expect(pack.empty).toBe(false);
  expect(pack.openCircuitV()).toBeCloseTo(5.6, 12);
});

test.each([
  [1, 5.6],
  [0.95, 5.36],
  [0.9, 5.12],
  [0.55, 5.0],
  [0.2, 4.88],
  [0.125, 4.68],
  [0.05, 4.48],
  [0.025, 4.24],
  [0, 4.0],
])("a share of %p left -> %p V at rest", (stateOfCharge, volts) => {
  expect(new NimhPack({ stateOfCharge }).openCircuitV()).toBeCloseTo(volts, 10);
});

test("drawn down in steps -> at each the voltage and resistance of a pack that starts there", () => {
  const pack = tight();
  for (let step = 0; step < 400; step++) {
    pack.draw(0.95, seconds(17));
    const same = tight({ stateOfCharge: pack.stateOfCharge });
    expect(pack.openCircuitV()).toBeCloseTo(same.openCircuitV(), 9);
    expect(pack.resistanceOhm()).toBeCloseTo(same.resistanceOhm(), 9);
  }
  expect(pack.stateOfCharge).toBeLessThan(0.06);
});

test("drawn at once from fresh to nearly empty, no voltage asked for on the way -> the voltage of that charge", () => {
  const pack = tight();
  pack.draw(1.9, micros(hours(1) * 0.975));
  expect(pack.openCircuitV()).toBeCloseTo(4.24, 6);
});

test.each([
  [1, 0.2],
  [0.2, 0.2],
  [0.125, 0.3],
  [0.05, 0.4],
  [0, 1],
])("half an ampere with a share of %p left -> sags by %p Ω", (stateOfCharge, ohm) => {
  const pack = new NimhPack({ stateOfCharge });
  expect(pack.resistanceOhm()).toBeCloseTo(ohm, 10);
  expect(pack.openCircuitV() - pack.volts(0.5)).toBeCloseTo(ohm * 0.5, 10);
});

test("no load -> no sag; a short -> 0 V, never less", () => {
  const pack = new NimhPack();
  expect(pack.volts(0)).toBe(pack.openCircuitV());
  expect(pack.volts(1_000)).toBe(0);
});

test("a year without load -> 15 % are gone, in one step or in many", () => {
  const once = new NimhPack();
  once.draw(0, days(365));
  expect(once.stateOfCharge).toBeCloseTo(0.85, 12);
  const daily = new NimhPack();
  for (let day = 0; day < 365; day++) daily.draw(0, days(1));
  expect(daily.stateOfCharge).toBeCloseTo(0.85, 9);
});

test("an ampere for a minute -> gives 60 C; self-discharge is on top and not given", () => {
  const pack = new NimhPack();
  expect(pack.draw(1, seconds(60))).toBe(60);
  expect(pack.remainingC).toBeCloseTo(6_840 - 60 - (6_840 * 0.15 * 60) / (365 * 86_400), 9);
});

test("more is asked for than is left -> gives what there is, is empty, and gives nothing after", () => {
  const pack = tight({ stateOfCharge: 0.01 });
  expect(pack.draw(1, seconds(100))).toBeCloseTo(68.4, 9);
  expect([pack.empty, pack.remainingC, pack.stateOfCharge]).toEqual([true, 0, 0]);
  expect(pack.draw(1, seconds(100))).toBe(0);
  expect(pack.openCircuitV()).toBeCloseTo(4, 12);
});

test("runs empty with self-discharge beside the load -> both have their part of what was left", () => {
  const selfA = (6_840 * 0.15) / (365 * 86_400);
  const pack = new NimhPack({ stateOfCharge: 1e-3 });
  expect(pack.draw(selfA, days(365))).toBeCloseTo(6.84 / 2, 9);
  expect(pack.empty).toBe(true);
});

test("two cells of another kind -> their own capacity, voltage, resistance", () => {
  const pack = new NimhPack({ cells: 2, capacityMah: 750, resistanceOhm: 0.1, stateOfCharge: 0.9 });
  expect(pack.capacityC).toBe(2_700);
  expect(pack.volts(1)).toBeCloseTo(2 * 1.28 - 0.2, 10);
});

test.each<[keyof NimhPackOptions, number]>([
  ["cells", 0],
  ["cells", 2.5],
  ["capacityMah", 0],
  ["stateOfCharge", -0.1],
  ["stateOfCharge", 1.1],
  ["resistanceOhm", -1],
  ["selfDischargePerYear", 15],
  ["capacityMah", Number.NaN],
])("%s of %p -> refused by name", (option, value) => {
  expect(() => new NimhPack({ [option]: value })).toThrow(new RegExp(`${option}: expected`));
});

test("a negative current or span -> refused: charging is not modelled", () => {
  expect(() => new NimhPack().draw(-1, seconds(1))).toThrow(RangeError);
  expect(() => new NimhPack().draw(1, seconds(-1))).toThrow(RangeError);
  expect(() => new NimhPack().draw(Number.NaN, seconds(1))).toThrow(RangeError);
});
