/**
 * The charge that a simulated wake draws, beside the wake of `npm run battery`: the same currents, and spans that are the
 * means of what the simulated node takes.
 */
import { WAKE_PROFILE, type WakeProfile, wakeChargeC } from "../../../simulator/node/battery-life.ts";
import { PHASE, type Phase } from "../../../simulator/node/loads.ts";
import { fault, RUNNING, SmallWorld } from "./small-world.ts";

/** Enough for the mean of a join, whose standard deviation is 0.75 s, to be within 3 % of the true one. */
const DAYS = 10;
const DAY = 1_440;

/** Coulombs that a node has drawn so far, by phase. */
function drawnC(world: SmallWorld, node: number): number[] {
  const { supply } = world.node(node);
  supply.updateCharge(world.engine.now);
  return Object.values(PHASE).map((phase) => supply.chargeC(phase));
}
const wakesOf = (world: SmallWorld, node: number): number => world.of("decided", node).length;

/** Coulombs a wake, by phase. */
type Measured = (phase: Phase) => number;
let primary: Measured;
let standby: Measured;
let wakes: readonly number[];

beforeAll(async () => {
  const world = new SmallWorld([], { cluster: RUNNING, traced: false });
  // The first wakes are cold starts, which tell the cloud more.
  await world.runTo(14);
  const before = [0, 1].map((node) => ({ drawn: drawnC(world, node), wakes: wakesOf(world, node) }));
  await world.runTo(DAYS * DAY);
  wakes = [0, 1].map((node) => wakesOf(world, node) - before[node]!.wakes);
  const each = (node: number): Measured => {
    const after = drawnC(world, node);
    return (phase) => (after[phase]! - before[node]!.drawn[phase]!) / wakes[node]!;
  };
  primary = each(0);
  standby = each(1);
});

/** How far a measured phase is from the profile's, as a share of that. */
const off = (found: Measured, profile: WakeProfile, phase: Phase): number =>
  Math.abs(found(phase) / wakeChargeC(profile)[phase]! - 1);

test("ten days of two nodes -> some 960 wakes each", () => {
  for (const count of wakes) expect(count).toBeGreaterThan(940);
});

test.each(["boot", "bus"] as const)("standby, %s -> as the profile has it, within 5 %", (phase) => {
  expect(off(standby, WAKE_PROFILE.standby, PHASE[phase])).toBeLessThan(0.05);
});

test.each(["boot", "bus", "wifi", "tls", "conversion", "publish"] as const)(
  "primary, %s -> as the profile has it, within 5 %",
  (phase) => {
    expect(off(primary, WAKE_PROFILE.primary, PHASE[phase])).toBeLessThan(0.05);
  },
);

test("standby -> nothing in the phases of the network", () => {
  for (const phase of ["wifi", "tls", "conversion", "publish"] as const)
    expect(standby(PHASE[phase])).toBe(0);
});

test("primary, wifi and publish -> the means of what the network takes", () => {
  const joinS = 0.9 * ((0.7 + 1.6) / 2) + 0.1 * ((1.6 + 5) / 2);
  const askS = (0.03 + 0.1) / 2;
  expect(Math.abs(primary(PHASE.wifi) / (0.11 * (joinS + askS)) - 1)).toBeLessThan(0.05);
  expect(Math.abs(primary(PHASE.publish) / (0.11 * 0.075) - 1)).toBeLessThan(0.05);
});

test("all of a primary's wake -> within 5 % of the profile's", () => {
  const phases = ["boot", "bus", "wifi", "tls", "conversion", "publish", "idle"] as const;
  const all = phases.reduce((sum, phase) => sum + primary(PHASE[phase]), 0);
  const expected = wakeChargeC(WAKE_PROFILE.primary).reduce((sum, charge) => sum + charge, 0);
  expect(Math.abs(all / expected - 1)).toBeLessThan(0.05);
});

test("asleep -> the profile's current for a quarter of an hour", () => {
  for (const found of [primary, standby]) {
    const expected = WAKE_PROFILE.primary.asleepA * 900;
    expect(Math.abs(found(PHASE.sleep) / expected - 1)).toBeLessThan(0.01);
  }
});

test("a join that fails -> 20 s, as the profile has it", async () => {
  const outage = fault(10, { kind: "wifi-outage" });
  const world = await new SmallWorld([outage], { cluster: RUNNING }).runTo(14);
  const before = drawnC(world, 0);
  await world.runTo(20);
  const after = drawnC(world, 0);
  const profile = wakeChargeC(WAKE_PROFILE.failedJoin);
  for (const phase of [PHASE.boot, PHASE.bus, PHASE.wifi, PHASE.tls])
    expect(after[phase]! - before[phase]!).toBeCloseTo(profile[phase]!, 6);
});
