import fc from "fast-check";
import { after, days, type Instant, micros, START, seconds } from "../../../simulator/engine/time.ts";
import { NimhPack } from "../../../simulator/hardware/nimh-pack.ts";
import { LOADS, PHASE, PHASES, type Phase } from "../../../simulator/node/loads.ts";
import { Supply } from "../../../simulator/node/supply.ts";

const at = (s: number): Instant => after(START, seconds(s));
const withLeft = (stateOfCharge: number): Supply => new Supply(new NimhPack({ stateOfCharge }));

test("nothing connected -> no charge drawn, whatever the time", () => {
  const supply = new Supply();
  supply.updateCharge(at(1_000));
  expect(supply.drawnC).toBe(0);
});

test("boot, then bus, then sleep -> each phase has its own current times its time", () => {
  const supply = new Supply();
  supply.load(at(10), 0.05, PHASE.boot);
  supply.load(at(12), 0.06, PHASE.bus);
  supply.load(at(13), 1e-5, PHASE.sleep);
  supply.updateCharge(at(113));
  expect(supply.chargeC(PHASE.boot)).toBeCloseTo(0.1, 12);
  expect(supply.chargeC(PHASE.bus)).toBeCloseTo(0.06, 12);
  expect(supply.chargeC(PHASE.sleep)).toBeCloseTo(1e-3, 12);
  expect(supply.chargeC(PHASE.off)).toBe(0);
  expect(supply.drawnC).toBeCloseTo(0.161, 12);
});

test("a pack exchanged under way -> the present load goes over to the new one's supply", () => {
  const before = new Supply();
  before.load(at(0), 0.1, PHASE.tls);
  before.updateCharge(at(1));
  const supply = new Supply(new NimhPack(), at(1));
  supply.load(at(1), before.ampere, before.phase);
  supply.updateCharge(at(3));
  expect(supply.chargeC(PHASE.tls)).toBeCloseTo(0.2, 12);
  expect(before.drawnC).toBeCloseTo(0.1, 12);
});

test("one phase with two currents -> their sum in one account", () => {
  const supply = new Supply();
  supply.load(at(0), 0.1, PHASE.bus);
  supply.load(at(1), 0.2, PHASE.bus);
  supply.load(at(2), 0, PHASE.off);
  expect(supply.chargeC(PHASE.bus)).toBeCloseTo(0.3, 12);
});

test("any course of loads -> phases sum to what was drawn, and with self-discharge to what the pack lost", () => {
  const loads = fc.array(
    fc.record({
      gap: fc.integer({ min: 0, max: 3_600_000_000 }),
      milliampere: fc.integer({ min: 0, max: 550 }),
      phase: fc.integer({ min: 0, max: PHASES - 1 }),
    }),
    { maxLength: 50 },
  );
  fc.assert(
    fc.property(loads, (course) => {
      const pack = new NimhPack({ capacityMah: 100_000 });
      const supply = new Supply(pack);
      let now = START;
      let expected = 0;
      let ampere = 0;
      for (const { gap, milliampere, phase } of course) {
        now = after(now, micros(gap));
        expected += ampere * gap * 1e-6;
        ampere = milliampere / 1_000;
        supply.load(now, ampere, phase as Phase);
      }
      const accounts = Object.values(PHASE).reduce<number>((sum, phase) => sum + supply.chargeC(phase), 0);
      const lost = (pack.capacityC * 0.15 * now) / days(365);
      expect(supply.drawnC).toBeCloseTo(expected, 6);
      expect(accounts).toBeCloseTo(supply.drawnC, 9);
      expect(pack.remainingC + supply.drawnC + lost).toBeCloseTo(pack.capacityC, 6);
    }),
  );
});

test("asked for more than the pack has -> no more is accounted than it gave", () => {
  const supply = new Supply(new NimhPack({ stateOfCharge: 1e-3, selfDischargePerYear: 0 }));
  supply.load(at(0), 1, PHASE.wifi);
  supply.updateCharge(at(100));
  expect(supply.drawnC).toBeCloseTo(6.84, 9);
});

test("fitted later -> its self-discharge counts from then", () => {
  const supply = new Supply(new NimhPack(), after(START, days(365)));
  supply.updateCharge(after(START, days(365)));
  expect(supply.pack.stateOfCharge).toBe(1);
  supply.updateCharge(after(START, days(730)));
  expect(supply.pack.stateOfCharge).toBeCloseTo(0.85, 12);
});

test("settled twice at one instant -> counted once; the load goes on", () => {
  const supply = new Supply();
  supply.load(at(0), 0.1, PHASE.idle);
  supply.updateCharge(at(10));
  supply.updateCharge(at(10));
  expect(supply.drawnC).toBeCloseTo(1, 12);
  supply.updateCharge(at(20));
  expect(supply.drawnC).toBeCloseTo(2, 12);
});

test("back in time, or a negative load -> refused", () => {
  const supply = new Supply();
  supply.updateCharge(at(10));
  expect(() => supply.updateCharge(at(9))).toThrow(RangeError);
  expect(() => supply.load(at(9), 0, PHASE.off)).toThrow(RangeError);
  expect(() => supply.load(at(11), -1, PHASE.off)).toThrow(RangeError);
});

test("fresh -> 5,600 mV; a load does not show in the voltage at rest, half of the charge does", () => {
  const supply = new Supply();
  expect(supply.millivolts()).toBe(5_600);
  supply.load(at(0), 0.5, PHASE.wifi);
  expect(supply.millivolts()).toBe(5_600);
  supply.updateCharge(at(6_840));
  expect(supply.millivolts()).toBe(4_983);
});

test("8 % left -> a standby's wake is within regulation, a transmit peak is not, and both run", () => {
  const supply = withLeft(0.08);
  expect(supply.inRegulation(LOADS.cpuPeak.ampere)).toBe(true);
  expect(supply.inRegulation(LOADS.txPeak.ampere)).toBe(false);
  expect(supply.canCarry(LOADS.txPeak.ampere)).toBe(true);
});

test("nearly empty -> a transmit peak browns out, the CPU and sleep do not", () => {
  const supply = withLeft(0.003);
  expect(supply.canCarry(LOADS.txPeak.ampere)).toBe(false);
  expect(supply.canCarry(LOADS.cpuPeak.ampere)).toBe(true);
  expect(supply.canCarry(0)).toBe(true);
});

test("nearly empty, asleep, then transmitting -> flat only while it transmits", () => {
  const supply = withLeft(0.003);
  supply.load(at(0), LOADS.sleep.ampere, PHASE.sleep);
  expect(supply.flat(at(900))).toBe(false);
  supply.load(at(900), LOADS.txPeak.ampere, PHASE.wifi);
  expect(supply.flat(at(900))).toBe(true);
  supply.load(at(900), LOADS.sleep.ampere, PHASE.sleep);
  expect(supply.flat(at(900))).toBe(false);
});

test("flat is asked later -> what was drawn until then counts", () => {
  const supply = withLeft(0.05);
  supply.load(at(0), LOADS.cpu.ampere, PHASE.idle);
  expect(supply.flat(at(3_600))).toBe(false);
  expect(supply.flat(at(7_200))).toBe(true);
});

test("empty -> carries nothing, not even sleep", () => {
  const supply = withLeft(0);
  expect(supply.canCarry(0)).toBe(false);
  expect(supply.inRegulation(0)).toBe(false);
  expect(supply.flat(START)).toBe(true);
});

test("six cells, empty -> carry nothing either, although their voltage at rest would do", () => {
  const supply = new Supply(new NimhPack({ cells: 6, stateOfCharge: 0 }));
  expect(supply.millivolts()).toBe(6_000);
  expect(supply.inRegulation(0)).toBe(false);
  expect(supply.canCarry(0)).toBe(false);
});
