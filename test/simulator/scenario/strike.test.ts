/**
 * Every kind of fault strikes a cluster that is well, and has an effect that can be seen; lasting ones heal. Node 0, the
 * primary, wakes at 0 and then some 5 s later than every 15 minutes; node 1 at 7.5, 22.5, … minutes.
 */
import { FAULT_NAMES, FAULTS, type FaultName } from "../../../simulator/scenario/faults.ts";
import { fault, RUNNING, SmallWorld } from "../node/small-world.ts";
import { type Case, LASTS, OVER, SEEN, STRUCK } from "./strike-cases/case.ts";
import { NETWORK_AND_SENSOR_CASES } from "./strike-cases/network-and-sensor.ts";
import { NODE_CASES } from "./strike-cases/node.ts";
import { BUS_CASES } from "./strike-cases/wires-and-chips.ts";

const CASES: { readonly [Name in FaultName]: Case<Name> } = {
  ...NODE_CASES,
  ...BUS_CASES,
  ...NETWORK_AND_SENSOR_CASES,
};

test("the cases -> one for each kind of fault, of that kind, and lasting where it is", () => {
  expect(Object.keys(CASES).sort()).toEqual([...FAULT_NAMES].sort());
  for (const name of FAULT_NAMES) {
    expect(CASES[name].fault.kind).toBe(name);
    expect([name, CASES[name].healed !== undefined]).toEqual([name, FAULTS[name].lasting]);
  }
});

test.each(FAULT_NAMES.map((name) => [name, CASES[name].effect] as const))("%s -> %s", async (name) => {
  const { fault: struck, beside = [], ...sees } = CASES[name] as Case<FaultName>;
  const lasts = FAULTS[name].lasting ? LASTS : undefined;
  const world = new SmallWorld([...beside, fault(STRUCK, struck, lasts)], { cluster: RUNNING });
  await world.runTo(SEEN);
  sees.struck(world);
  await world.runTo(OVER);
  sees.healed?.(world);
});
