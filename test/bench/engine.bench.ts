/**
 * How fast a cluster runs: node-wakes a second of the engine with byte-level hardware and the in-memory uplink, one
 * thread, beside the bare protocol on arrays, without time, hardware or messages. The ratio is what counts; the rates
 * depend on the machine. Then: whether the heap grows with simulated time.
 *
 *   node --expose-gc --import tsx test/bench/engine.bench.ts
 */
import { Engine } from "../../simulator/engine/engine.ts";
import { after, days, START, seconds } from "../../simulator/engine/time.ts";
import { NimhPack } from "../../simulator/hardware/nimh-pack.ts";
import { MemoryUplink } from "../../simulator/node/memory-uplink.ts";
import { ARTICLE } from "../../simulator/protocol/article/article.ts";
import type { Cycle, Reply } from "../../simulator/protocol/effects.ts";
import type { Protocol } from "../../simulator/protocol/protocol.ts";
import type { Scenario } from "../../simulator/scenario/scenario.ts";
import { World } from "../../simulator/scenario/world.ts";
import { clusterSetup } from "../simulator/scenario/cluster-setup.ts";

const NODES = 2;
const SLEEP = seconds(900);
const YEAR_DAYS = 365;
const ROUNDS = 5;

const twoNodes: Scenario = {
  name: "bench",
  line: "",
  // A pack lasts a primary less than a year: it is renewed once a month, below.
  cluster: clusterSetup({ nodes: NODES, start: "running" }),
  duration: days(YEAR_DAYS),
  shortest: days(0),
  temperatures: { kind: "constant", celsius: 21 },
  steps: [],
  protocols: new Map(),
};

interface Run {
  readonly wakes: number;
  readonly readings: number;
}

/** So many days of a cluster, with all its hardware. */
async function fullHardware(length: number): Promise<Run> {
  const engine = new Engine();
  const counts = { wakes: 0, readings: 0 };
  const world = new World({
    engine,
    scenario: twoNodes,
    protocol: ARTICLE,
    cluster: "bench",
    seed: 1,
    sleep: SLEEP,
    epochMs: Date.UTC(2026, 0, 1),
    temperature: () => 21,
    uplink: () => new MemoryUplink({ accept: () => undefined }),
    onNode: ({ kind }) => {
      if (kind === "decided") counts.wakes += 1;
      else if (kind === "delivered") counts.readings += 1;
    },
    onStory: () => undefined,
    traced: false,
  });
  for (let day = 30; day < length; day += 30)
    engine.at(after(START, days(day)), () => {
      for (const { node } of world.devices) node.fit(new NimhPack());
    });
  await engine.run(after(START, days(length)));
  return counts;
}

/** One cycle on arrays: every effect succeeds at once. */
function onArrays<Result>(cycle: Cycle<Result>, chips: readonly Uint8Array[]): Result {
  let step = cycle.next();
  while (!step.done) {
    const effect = step.value;
    let reply: Reply = true;
    if (effect.do === "read")
      reply = chips[effect.chip]!.slice(effect.address, effect.address + effect.length);
    else if (effect.do === "write") chips[effect.chip]!.set(effect.bytes, effect.address);
    step = cycle.next(reply);
  }
  return step.value;
}

function bareProtocol(protocol: Protocol, wakes: number): void {
  const cluster = { nodes: NODES, chips: NODES, cluster: "bench" };
  const record = protocol.runningChip(cluster, new Array<number>(NODES).fill(1));
  const chips = Array.from({ length: NODES }, () => Uint8Array.from(record));
  const memory = new Array<unknown>(NODES).fill(protocol.cold);
  for (let wake = 0; wake < wakes; wake++) {
    const self = wake % NODES;
    memory[self] = onArrays(
      protocol.wake({ self, ...cluster }, memory[self], { cause: "deep-sleep", boot: 0, coldStarts: 0 }),
      chips,
    ).memory;
  }
}

/** Wakes a second: the best of some rounds, because other work on the machine only ever slows one down. */
async function best(run: () => Promise<number> | number): Promise<number> {
  let rate = 0;
  for (let round = 0; round < ROUNDS; round++) {
    const started = performance.now();
    const wakes = await run();
    rate = Math.max(rate, wakes / ((performance.now() - started) / 1_000));
  }
  return rate;
}

const figure = (n: number): string => Math.round(n).toLocaleString("en").padStart(12);

const year = await fullHardware(YEAR_DAYS);
const hardware = await best(async () => (await fullHardware(YEAR_DAYS)).wakes);
const bare = await best(() => {
  bareProtocol(ARTICLE, 10 * year.wakes);
  return 10 * year.wakes;
});
console.log(`${figure(hardware)} node-wakes/s  engine, byte-level hardware, in-memory uplink`);
console.log(`${figure(bare)} node-wakes/s  the bare protocol on arrays`);
console.log(
  `${(bare / hardware).toFixed(1).padStart(12)} ×             what hardware, time and messages cost`,
);
console.log(
  `${(year.wakes / hardware).toFixed(2).padStart(12)} s             a year of two nodes: ${year.wakes} wakes, ${year.readings} readings`,
);

const heapMb = (): number => {
  if (globalThis.gc === undefined) throw new Error("run with --expose-gc");
  globalThis.gc();
  return process.memoryUsage().heapUsed / 1e6;
};
const before = heapMb();
await fullHardware(YEAR_DAYS);
const one = heapMb();
await fullHardware(5 * YEAR_DAYS);
console.log(
  `${(one - before).toFixed(1).padStart(12)} MB            heap held after one year, ${(heapMb() - one).toFixed(1)} MB more after five`,
);
