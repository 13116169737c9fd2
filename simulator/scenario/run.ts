/**
 * One run of a scenario against a cloud: the devices run in virtual time, and messages go over the real uplink. Virtual
 * time stands still until the cloud has finished all that a message causes.
 */
import type { Engine } from "../engine/engine.ts";
import { after, between, type Instant, inSeconds, type Micros, millis, START } from "../engine/time.ts";
import type { CloudClock, EpochMs } from "../local-cloud/clock.ts";
import type { Uplink } from "../node/uplink.ts";
import { Score } from "./score.ts";
import { World, type WorldOptions } from "./world.ts";

/** The cloud's clock, driven by the engine; `cloudIdle` is awaited after every task that it runs. */
export const engineClock = (engine: Engine, epochMs: number, cloudIdle: () => Promise<void>): CloudClock => ({
  now: () => (epochMs + Math.floor(engine.now / 1_000)) as EpochMs,
  schedule: (delayMs, task) =>
    engine.at(after(engine.now, millis(delayMs)), () => {
      task();
      return cloudIdle();
    }),
});

/** The options of a run, besides those of its world. */
export interface RunOptions extends WorldOptions {
  readonly duration: Micros;
  /** Takes each line of the trace. */
  readonly onTrace?: (line: string) => void;
  /** Runs the engine to the end. @default as fast as possible */
  readonly advance?: (until: Instant) => Promise<"reached" | "stopped">;
}

/** The result of the devices' side of a run. */
export interface DeviceRun {
  readonly score: Score;
  /** False: the run was stopped before its end. */
  readonly completed: boolean;
  /** Virtual time at its end, in seconds. */
  readonly simulatedS: number;
  readonly traceSha256: string;
}

/** Where nodes have periods of their own, the longest: as often as that a reading is due, whoever acts. */
const periodOf = ({ scenario, sleep }: Pick<RunOptions, "scenario" | "sleep">): number =>
  inSeconds(scenario.cluster.sleeps === undefined ? sleep : (Math.max(...scenario.cluster.sleeps) as Micros));

/** Plays a scenario's devices to its end, or until it is stopped. */
export async function runDevices(options: RunOptions): Promise<DeviceRun> {
  const score = new Score({ ...options, periodS: periodOf(options) });
  const { engine, trace } = new World({
    ...options,
    onNode: (event) => {
      score.note(event);
      options.onNode(event);
    },
  });
  const { onTrace } = options;
  if (onTrace !== undefined) trace.listen((_, line) => onTrace(line));
  const { advance = (until: Instant) => engine.run(until) } = options;
  const end = await advance(after(START, options.duration));
  return {
    score,
    completed: end === "reached",
    simulatedS: inSeconds(end === "reached" ? options.duration : between(START, engine.now)),
    traceSha256: trace.sha256(),
  };
}

/** An uplink that after each message waits until the cloud is idle; virtual time stands still meanwhile. */
export const awaitCloudIdle = (uplink: Uplink, cloudIdle: () => Promise<void>): Uplink => ({
  connect: () => uplink.connect(),
  disconnect: () => uplink.disconnect(),
  publish: async (topic, payload) => {
    await uplink.publish(topic, payload);
    await cloudIdle();
  },
});
