/**
 * Readings stored per second through the local cloud, by MQTT at QoS 1 over 20 connections, beside aedes alone and dynalite
 * alone with the two puts of a reading. Each is a process of its own; they take turns, so that whatever else the machine
 * does falls on all alike. The ratio of CPU is what counts; rates depend on the machine.
 *
 *   node --import tsx test/bench/cloud.bench.ts
 */
import { type ChildProcess, fork } from "node:child_process";
import { once } from "node:events";
import { freshAssembly } from "../../simulator/cli/shared/assembly-cache.ts";
import { readCdkJson } from "../../simulator/cli/shared/cdk-json.ts";
import { LoadClient, SLOTS } from "./cloud-load.ts";
import type { Order, Report } from "./cloud-server.ts";

const CONNECTIONS = 20;
const READINGS = CONNECTIONS * SLOTS;
const ROUNDS = 11;

/** 10 clusters of two nodes. */
function tenClusters(): object {
  const { context } = readCdkJson();
  const clusters = Object.fromEntries(
    Array.from({ length: CONNECTIONS / 2 }, (_, i) => [`c${i}`, { nodes: 2, sleep_s: 900 }]),
  );
  return { ...(context.ha2m as object), clusters };
}

interface Round {
  readonly cpuUs: number;
  readonly perSecond: number;
  readonly heapMb: number;
}

class Measured {
  readonly rounds: Round[] = [];
  readonly #child: ChildProcess;
  readonly #clients: readonly LoadClient[];

  private constructor(child: ChildProcess, clients: readonly LoadClient[]) {
    this.#child = child;
    this.#clients = clients;
  }

  static async start(what: string, assemblyDir: string): Promise<Measured> {
    const child = fork(new URL("cloud-server.ts", import.meta.url), [what, assemblyDir], {
      execArgv: ["--expose-gc", "--import", "tsx"],
      env: { ...process.env, AWS_SDK_JS_NODE_VERSION_SUPPORT_WARNING_DISABLED: "true" },
    });
    const [ready] = (await once(child, "message")) as [Report];
    if (ready.kind !== "ready") throw new Error(`${what} did not start`);
    const clients = await Promise.all(ready.things.map((thing) => LoadClient.open(ready.port, thing)));
    return new Measured(child, clients);
  }

  /** One round; the first only warms up. @throws Error when not every reading is stored */
  async round(keep: boolean, stored: number): Promise<void> {
    const before = await this.#ask({ do: "usage" }, "usage");
    const from = performance.now();
    if (this.#clients.length === 0) await this.#ask({ do: "put", count: READINGS }, "done");
    else await Promise.all(this.#clients.map((client) => client.publish(SLOTS)));
    await this.#ask({ do: "settle" }, "done");
    const seconds = (performance.now() - from) / 1_000;
    const after = await this.#ask({ do: "usage" }, "usage");
    const counted = await this.#ask({ do: "count" }, "done");
    if (counted.stored !== stored) throw new Error(`${counted.stored} readings are stored, not ${stored}`);
    if (!keep) return;
    const cpuUs = ((after.cpuMs - before.cpuMs) * 1_000) / READINGS;
    this.rounds.push({ cpuUs, perSecond: READINGS / seconds, heapMb: after.heapMb });
  }

  async end(): Promise<void> {
    for (const client of this.#clients) client.end();
    this.#child.send({ do: "end" } satisfies Order);
    await once(this.#child, "exit");
  }

  async #ask<Kind extends Report["kind"]>(order: Order, kind: Kind): Promise<Report & { kind: Kind }> {
    this.#child.send(order);
    const [answer] = (await once(this.#child, "message")) as [Report];
    if (answer.kind !== kind) throw new Error(`the server answered ${answer.kind}, not ${kind}`);
    return answer as Report & { kind: Kind };
  }
}

const median = (values: readonly number[]): number =>
  [...values].sort((x, y) => x - y)[Math.floor(values.length / 2)]!;
const figure = (n: number): string => Math.round(n).toLocaleString("en").padStart(9);

const assemblyDir = await freshAssembly(() => undefined, { ha2m: tenClusters() });
const [broker, puts, cloud] = await Promise.all(
  ["broker", "puts", "cloud"].map((what) => Measured.start(what, assemblyDir)),
);
if (broker === undefined || puts === undefined || cloud === undefined) throw new Error("nothing to measure");
try {
  for (let round = 0; round <= ROUNDS; round++) {
    for (const alone of [broker, puts]) await alone.round(round > 0, 0);
    await cloud.round(round > 0, READINGS);
  }
  const rows = [
    ["aedes alone, QoS 1 over mutual TLS, 20 connections", broker],
    ["dynalite alone, the two puts of a reading by the SDK", puts],
    ["readings stored through the local cloud, QoS 1, 20 connections", cloud],
  ] as const;
  for (const [what, { rounds }] of rows)
    console.log(
      `${figure(median(rounds.map(({ perSecond }) => perSecond)))} a second  ` +
        `${figure(median(rounds.map(({ cpuUs }) => cpuUs)))} µs of CPU each  ${what}`,
    );
  const ratios = cloud.rounds.map(
    ({ cpuUs }, i) => cpuUs / (broker.rounds[i]!.cpuUs + puts.rounds[i]!.cpuUs),
  );
  console.log(
    `${median(ratios).toFixed(2).padStart(9)} ×  CPU of a stored reading, against broker and puts alone ` +
      `(${Math.min(...ratios).toFixed(2)} to ${Math.max(...ratios).toFixed(2)}); ${READINGS} readings a round, median of ${ROUNDS}`,
  );
  const heap = (of: Measured) => (of.rounds.at(-1)!.heapMb - of.rounds[0]!.heapMb).toFixed(1);
  console.log(
    `${heap(cloud).padStart(9)} MB  heap of the local cloud's main thread more after ${ROUNDS} rounds than after one (aedes alone: ${heap(broker)})`,
  );
} finally {
  await Promise.all([broker, puts, cloud].map((server) => server.end()));
}
