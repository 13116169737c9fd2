import { minutes } from "../../../simulator/engine/time.ts";
import { HARDENED } from "../../../simulator/protocol/hardened/hardened.ts";
import type { ClusterSetup } from "../../../simulator/scenario/scenario.ts";
import { Conditions } from "../../../simulator/swarm/conditions.ts";
import { fault, RUNNING, SmallWorld } from "../node/small-world.ts";

const SETUP = { nodes: 2, witness: false } as ClusterSetup;

test.each([
  ["one wake: it is held to be able", 10, [0, 1]],
  ["two wakes in a row: it holds back", 30, [1]],
])("a sensor fails, and the word of it is lost, at %s", async (_, lasts, able) => {
  // Node 0 wakes at 17 and at 32 minutes.
  const steps = [
    fault(10, { kind: "sensor-absent", node: 0 }, lasts),
    fault(10, { kind: "puback-lost", node: 0, times: lasts === 10 ? 2 : 4 }),
  ];
  const world = await new SmallWorld(steps, { cluster: RUNNING, protocol: HARDENED }).runTo(15 + lasts);
  const conditions = new Conditions(world.world, SETUP, minutes(15));
  for (const event of world.events) conditions.node(event);
  expect(world.of("publish-failed", 0)).toHaveLength(lasts === 10 ? 1 : 2);
  expect(conditions.able(world.engine.now)).toEqual(able);
});
