/** The cloud is told of a node that is awake and cannot publish, by the one that publishes in its place. */
import { HARDENED } from "../../../simulator/protocol/hardened/hardened.ts";
import type { Step } from "../../../simulator/scenario/scenario.ts";
import { fault, RUNNING, SmallWorld } from "./small-world.ts";

const DAY = 24 * 60;

/** `minute node: subject` of each such report. */
async function told(until: number, ...steps: readonly Step[]): Promise<string[]> {
  const world = await new SmallWorld(steps, { cluster: RUNNING, protocol: HARDENED }).runTo(until);
  return [0, 1].flatMap((node) =>
    world
      .of("published", node)
      .filter(({ payload }) => payload.includes("node_unconnected"))
      .map(({ at, payload }) => `${Math.floor(at / 60e6)} ${node}: ${JSON.parse(payload).subject}`),
  );
}

test("node 0 alone has no network -> told once by node 1, with its first reading", async () => {
  const reports = await told(DAY, fault(20, { kind: "wifi-outage", node: 0 }));
  expect(reports).toEqual([expect.stringMatching(/^\d+ 1: 0$/)]);
  const minute = Number(reports[0]!.split(" ")[0]);
  // Two turns that fail, one at which it steps down, the next wake of node 1, and a settle sleep.
  expect(minute).toBeGreaterThan(60);
  expect(minute).toBeLessThan(90);
});

test("nobody has a network for half a day -> nobody is told of: whoever publishes first could not either", async () => {
  expect(await told(DAY, fault(20, { kind: "broadband-outage" }, 12 * 60))).toEqual([]);
});

test("a sensor that fails -> its node reaches the cloud: it says so itself", async () => {
  expect(await told(DAY, fault(20, { kind: "sensor-absent", node: 0 }))).toEqual([]);
});
