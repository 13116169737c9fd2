import { minutes, seconds } from "../../../simulator/engine/time.ts";
import { NimhPack } from "../../../simulator/hardware/nimh-pack.ts";
import {
  batteryLife,
  ESTIMATE_C,
  estimatedDays,
  WAKE_PROFILE,
  type WakeProfile,
  wakeChargeC,
  wakeTotalC,
} from "../../../simulator/node/battery-life.ts";
import { LOADS, PHASE } from "../../../simulator/node/loads.ts";
import { Supply } from "../../../simulator/node/supply.ts";

const QUARTER = minutes(15);
const profiles = Object.entries(WAKE_PROFILE) as [keyof typeof WAKE_PROFILE, WakeProfile][];
const { standby, primary, failedJoin } = WAKE_PROFILE;

describe("charge of a wake", () => {
  test("a standby -> 0.65 s of boot at 49 mA, and some 12 ms on the bus", () => {
    const charge = wakeChargeC(standby);
    expect(charge[PHASE.boot]).toBeCloseTo(31.85e-3, 9);
    expect(charge[PHASE.bus]).toBeCloseTo(547e-6 * 51e-3 + 2 * 5_549e-6 * 52e-3, 9);
    expect(wakeTotalC(standby)).toBeCloseTo(charge[PHASE.boot]! + charge[PHASE.bus]!, 12);
  });

  test("a primary -> what a standby does, a second visit to the bus, and the network", () => {
    const [looks, acts] = [wakeChargeC(standby), wakeChargeC(primary)];
    expect(acts[PHASE.boot]).toBe(looks[PHASE.boot]);
    expect(acts[PHASE.bus]).toBeCloseTo(looks[PHASE.bus]! + 547e-6 * 51e-3 + 2 * 5_144e-6 * 52e-3, 9);
    expect(acts[PHASE.wifi]).toBeCloseTo(1.43 * 0.11, 9);
    expect(acts[PHASE.tls]).toBeCloseTo(1.8 * 0.123, 9);
    expect(acts[PHASE.conversion]).toBeCloseTo(0.75 * 32.5e-3, 9);
    expect(acts[PHASE.publish]).toBeCloseTo(0.075 * 0.11, 9);
  });

  test("a join that fails for 20 s -> FACTS' 2,200 mC, after a standby's boot and bus", () => {
    expect(wakeChargeC(failedJoin)[PHASE.wifi]).toBeCloseTo(2.2, 9);
    expect(wakeTotalC(failedJoin)).toBeCloseTo(2.2 + wakeTotalC(standby), 9);
  });

  test.each(profiles)("%s -> sleep is not part of the wake", (_, profile) => {
    expect(wakeChargeC(profile)[PHASE.sleep]).toBe(0);
  });
});

test.each([
  ["standby", 411],
  ["primary", 111],
  ["failedJoin", 27],
] as const)("the estimate's arithmetic for %s, 15 min -> FACTS' %p days", (name, expected) => {
  expect(Math.round(estimatedDays(ESTIMATE_C[name], QUARTER))).toBe(expected);
});

test.each(profiles)("%s -> the pack's charge is accounted for, to the last wake", (_, profile) => {
  const supply = new Supply();
  const { toBrownOutDays, wakes, drawnC } = batteryLife(profile, QUARTER, supply);
  const cycleC = wakeTotalC(profile) + profile.asleepA * 900;
  // The last cycle may have found the pack empty on its way.
  expect(drawnC).toBeLessThan(wakes * cycleC + 1e-6);
  expect(drawnC).toBeGreaterThan((wakes - 1) * cycleC);
  const selfDischargeC = (6_840 * 0.15 * toBrownOutDays) / 365;
  expect(Math.abs(supply.pack.remainingC + drawnC + selfDischargeC - 6_840)).toBeLessThan(cycleC);
  const [bootC, wakeBootC] = [supply.chargeC(PHASE.boot), wakeChargeC(profile)[PHASE.boot]!];
  expect(Math.round(bootC / wakeBootC)).toBe(wakes);
});

test.each(profiles)("%s -> leaves regulation first, then browns out", (_, profile) => {
  const { toDropOutDays, toBrownOutDays } = batteryLife(profile, QUARTER);
  expect(toDropOutDays).toBeGreaterThan(1);
  expect(toBrownOutDays).toBeGreaterThan(toDropOutDays);
});

test("leaves regulation -> where the peak's sag and the pack's voltage meet 4.4 V", () => {
  const { toDropOutDays } = batteryLife(primary, QUARTER);
  const fresh = new Supply();
  const lived = 6_840 - toDropOutDays * perDayC(primary);
  const then = new NimhPack({ stateOfCharge: lived / fresh.pack.capacityC });
  expect(then.volts(primary.peakA)).toBeCloseTo(4.4, 2);
});

/** Coulombs that a pack loses a day, written down apart from the model. */
function perDayC(profile: WakeProfile): number {
  const awakeS = profile.steps.reduce((sum, { span, times }) => sum + (span * times) / 1e6, 0);
  const cyclesADay = 86_400 / (900 + awakeS);
  return cyclesADay * (wakeTotalC(profile) + 900 * profile.asleepA) + (6_840 * 0.15) / 365;
}

test("the roles -> a standby outlives a primary, which outlives one that cannot join", () => {
  const daysOf = (profile: WakeProfile) => batteryLife(profile, QUARTER).toDropOutDays;
  expect(daysOf(standby)).toBeGreaterThan(3 * daysOf(primary));
  expect(daysOf(primary)).toBeGreaterThan(3 * daysOf(failedJoin));
});

test("a development board's sleep -> decides: a standby lasts no longer than a primary that cannot join", () => {
  const board = { ...standby, asleepA: LOADS.sleepDevBoard.ampere };
  expect(batteryLife(board, QUARTER).toDropOutDays).toBeLessThan(
    batteryLife(failedJoin, QUARTER).toDropOutDays,
  );
});

test("twice the sleep -> a primary lasts longer, but not twice as long: sleep and self-discharge stay", () => {
  const [short, long] = [QUARTER, minutes(30)].map((sleep) => batteryLife(primary, sleep).toDropOutDays);
  expect(long).toBeGreaterThan(1.7 * short!);
  expect(long).toBeLessThan(2 * short!);
});

test("a pack that is nearly empty from the start -> out of regulation at once, no wake that transmits", () => {
  const supply = new Supply(new NimhPack({ stateOfCharge: 0.003 }));
  expect(batteryLife(primary, QUARTER, supply)).toEqual({
    toDropOutDays: 0,
    toBrownOutDays: 0,
    wakes: 0,
    drawnC: 0,
  });
});

test("no sleep -> refused", () => {
  expect(() => batteryLife(standby, seconds(0))).toThrow(/sleep of 0/);
});
