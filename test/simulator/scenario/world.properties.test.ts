/** Whatever strikes, the simulation itself holds. */
import fc from "fast-check";
import { minutes, seconds } from "../../../simulator/engine/time.ts";
import { ARTICLE } from "../../../simulator/protocol/article/article.ts";
import { HARDENED } from "../../../simulator/protocol/hardened/hardened.ts";
import type { Protocol } from "../../../simulator/protocol/protocol.ts";
import type { ClusterSetup } from "../../../simulator/scenario/scenario.ts";
import { SmallWorld, type SmallWorldOptions } from "../node/small-world.ts";
import { arbitraryFault, arbitraryLastingFault } from "./arbitrary-faults.ts";

const NODES = 3;
const MINUTES = 60;
const SLEEP = minutes(5);
/** Minutes after which all lasting faults have healed. */
const HEALED = 40;

const setup: fc.Arbitrary<Partial<ClusterSetup>> = fc.record({
  nodes: fc.constant(NODES),
  start: fc.constant("running" as const),
  eepromPower: fc.constantFrom("shared" as const, "own" as const),
  witness: fc.boolean(),
  pullUps: fc.constantFrom("external" as const, "internal" as const),
  unpowered: fc.constantFrom("stuck" as const, "no-ack" as const),
  watchdog: fc.constantFrom(undefined, seconds(60)),
  charge: fc.constantFrom(undefined, [100, 0.02, 0], [0.03, 1, 100]),
});
const options: fc.Arbitrary<SmallWorldOptions> = fc.record({
  seed: fc.nat(),
  cluster: setup,
  protocol: fc.constantFrom<Protocol>(ARTICLE, HARDENED),
  sleep: fc.constant(SLEEP),
});

/** What a node does that it can only do awake, and with power. */
const DOES = new Set(["busy-raised", "read", "write", "decided", "connected", "measured", "published"]);

function watched(steps: ConstructorParameters<typeof SmallWorld>[0], how: SmallWorldOptions) {
  const small = new SmallWorld(steps, how);
  const impossible: string[] = [];
  small.world.trace.listen(({ device, event }, line) => {
    const node = device.startsWith("node-") ? Number(device.slice(5)) : undefined;
    if (node === undefined || !DOES.has(event)) return;
    if (small.node(node).state !== "awake" || !small.world.rig.powered(node)) impossible.push(line);
  });
  return { small, impossible };
}

test("up to four faults of any kinds, at any times -> no crash, the same trace twice, and the end is reached", async () => {
  const steps = fc.array(arbitraryFault(NODES, MINUTES), { maxLength: 4 });
  await fc.assert(
    fc.asyncProperty(steps, options, async (struck, how) => {
      const { small, impossible } = watched(struck, how);
      await small.runTo(MINUTES);
      expect(small.engine.now).toBe(minutes(MINUTES));
      expect(impossible).toEqual([]);
      for (const value of Object.values(small.metrics())) expect(value).toBeGreaterThanOrEqual(0);
      const again = await new SmallWorld(struck, how).runTo(MINUTES);
      expect(again.world.trace.sha256()).toBe(small.world.trace.sha256());
    }),
    { numRuns: 100 },
  );
}, 30_000);

/** What lasting faults change, as it stands. */
const condition = ({ world }: SmallWorld) => ({
  lines: world.rig.bus.lines.condition,
  network: [
    world.rig.network.accessPoint.here,
    world.rig.network.broadband.here,
    world.rig.network.timeServer.here,
  ],
  nodes: world.devices.map(({ node, radio, sensor }, n) => ({
    powered: world.rig.powered(n),
    patient: world.rig.driver(n).patient,
    drift: node.clock.error,
    radio: [radio.link.here, radio.tlsMemory.here, radio.certificate.here, radio.joinS],
    sensor: sensor.fault,
  })),
  chips: world.devices.map((_, chip) => {
    const { address, writeCycle, writeProtect } = world.rig.chip(chip);
    return { address, writeCycle, writeProtect };
  }),
});

test("lasting faults, several of a kind at a time -> when all have healed, everything is as it was", async () => {
  const steps = fc.array(arbitraryLastingFault(NODES, HEALED / 2), { minLength: 2, maxLength: 12 });
  const how = { cluster: { nodes: NODES, start: "running" }, sleep: minutes(5), traced: false } as const;
  await fc.assert(
    fc.asyncProperty(steps, async (struck) => {
      const small = new SmallWorld(struck, how);
      const before = condition(small);
      await small.runTo(HEALED);
      expect(small.story).toHaveLength(2 * struck.length);
      expect(condition(small)).toEqual(before);
      // Nothing but a node's own wake, which takes some 10 ms on the bus, raises the line now.
      if (small.world.rig.busyLine.isHigh(0)) await small.runTo(HEALED + 0.01);
      for (let node = 0; node < NODES; node++) expect(small.world.rig.busyLine.isHigh(node)).toBe(false);
    }),
    { numRuns: 100 },
  );
}, 30_000);
