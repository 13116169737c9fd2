/**
 * How long it takes after an outage of the network until somebody publishes, by play: two nodes, an outage of two days and
 * something that ends at another moment for each seed.
 */
import { Engine } from "../../simulator/engine/engine.ts";
import {
  after,
  between,
  hours,
  type Instant,
  inSeconds,
  type Micros,
  micros,
  minutes,
  START,
  seconds,
} from "../../simulator/engine/time.ts";
import { MemoryUplink } from "../../simulator/node/memory-uplink.ts";
import { HARDENED } from "../../simulator/protocol/hardened/hardened.ts";
import { PERIOD_S } from "../../simulator/protocol/timing.ts";
import type { Fault } from "../../simulator/scenario/faults.ts";
import type { Scenario, Step } from "../../simulator/scenario/scenario.ts";
import { World } from "../../simulator/scenario/world.ts";
import { clusterSetup } from "../simulator/scenario/cluster-setup.ts";

/** `both`: both nodes are online again. `one`: the other one stays offline for good. */
export type Returning = "both" | "one";

const lost = (fault: Fault, lasts: Micros | undefined): Step => ({
  trigger: { kind: "at", at: after(START, hours(6)) },
  kind: "fault",
  fault,
  lasts,
  says: undefined,
});

/** Seconds from the end of the outage to the first reading after it. */
export async function rejoinS(seed: number, returning: Returning): Promise<number> {
  const lasts = minutes(2_880 + 7 * seed);
  const back = after(after(START, hours(6)), lasts);
  const duration = micros(hours(6) + lasts + hours(8));
  const scenario: Scenario = {
    name: "outage",
    line: "",
    cluster: clusterSetup({ start: "running" }),
    duration,
    shortest: minutes(0),
    temperatures: { kind: "constant", celsius: 21 },
    steps: [
      lost({ kind: "broadband-outage" }, lasts),
      ...(returning === "one" ? [lost({ kind: "wifi-outage", node: seed % 2 }, undefined)] : []),
    ],
    protocols: new Map(),
  };
  const engine = new Engine();
  let first: Instant | undefined;
  new World({
    engine,
    scenario,
    protocol: HARDENED,
    cluster: "kitchen",
    seed,
    sleep: seconds(PERIOD_S),
    epochMs: 0,
    temperature: () => 21,
    traced: false,
    uplink: () => new MemoryUplink({ accept: () => {} }),
    onNode: (event) => {
      if (event.kind === "published" && event.at >= back) first ??= event.at;
    },
    onStory: () => {},
  });
  await engine.run(after(START, duration));
  if (first === undefined) throw new Error(`seed ${seed}: nobody ever publishes again`);
  return inSeconds(between(back, first));
}
