/** The nodes of a story, live beside `npm run cloud`: their time and the cloud's are one, and run `speed` times as fast as ours. */
import { Engine } from "../../engine/engine.ts";
import { days } from "../../engine/time.ts";
import type { CloudClock } from "../../local-cloud/clock.ts";
import type { CloudLogEntry } from "../../local-cloud/cloud-log.ts";
import type { LocalCloud } from "../../local-cloud/local-cloud.ts";
import { byBasicIngest } from "../../node/basic-ingest.ts";
import { awaitCloudIdle, engineClock, runDevices } from "../../scenario/run.ts";
import { UsageError } from "../shared/arguments.ts";
import { type ChosenCluster, clusterFor } from "../shared/cluster-choice.ts";
import type { Terminal } from "../shared/terminal.ts";
import { runPaced } from "../simulate/deployed/pacing.ts";
import { type Options, readOptions, readSpeed } from "../simulate/options.ts";
import { openUplinks, runOf } from "../simulate/run-scenario.ts";
import { Timeline } from "../simulate/timeline.ts";

/** Until somebody ends it: ten years, which at 60x takes two months. */
const LONG = days(3_660);
/** Several Mondays come: each line of the timeline has its date. */
const LONG_DAYS = 3_660;

const DEFAULT_SPEED = "60x";

/**
 * Undefined without `--nodes`.
 * @throws UsageError for options that go with `--nodes` alone; ScenarioError where the scenario's file is wrong.
 */
export function readLiveNodes(
  values: {
    readonly [flag in "seed" | "speed" | "scenario"]?: string | undefined;
  } & { readonly nodes?: boolean | undefined; readonly json?: boolean | undefined },
  terminal: Terminal,
): LiveNodes | undefined {
  const { nodes, json, speed, scenario, seed } = values;
  if (nodes !== true) {
    const stray = (["speed", "scenario"] as const).find((flag) => values[flag] !== undefined);
    if (stray !== undefined) throw new UsageError(`--${stray} needs --nodes: it is about their story.`);
    return undefined;
  }
  const factor = readSpeed(speed ?? DEFAULT_SPEED);
  if (!Number.isFinite(factor)) throw new UsageError("--speed max: live nodes need a speed such as 60x.");
  const options = readOptions({
    ...(scenario === undefined ? {} : { scenario }),
    ...(seed === undefined ? {} : { seed }),
  });
  return liveNodes(options, factor, Date.now(), json === true ? undefined : terminal);
}

/** What is known of live nodes before their cloud starts. */
export interface LiveNodes {
  readonly cluster: ChosenCluster;
  /** Virtual seconds in a real one. */
  readonly speed: number;
  /** Takes an entry of the cloud's log into the timeline; false where there is none. */
  readonly tell: (entry: CloudLogEntry) => boolean;
  /** The cloud's, which is the nodes'. */
  readonly clockOf: (idle: () => Promise<void>) => CloudClock;
  /** Plays until `interrupted`; then the nodes are disconnected. */
  readonly play: (cloud: LocalCloud, interrupted: Promise<void>) => Promise<void>;
}

/**
 * @param options the story; after its end the nodes go on without faults.
 * @param speed virtual seconds in a real one.
 * @param epochMs when it begins, by the nodes' and the cloud's clock.
 */
function liveNodes(
  options: Options,
  speed: number,
  epochMs: number,
  terminal: Terminal | undefined,
): LiveNodes {
  const cluster = clusterFor(options.scenario.cluster.nodes);
  const engine = new Engine();
  const timeline =
    terminal === undefined ? undefined : new Timeline(terminal, epochMs, LONG_DAYS, options.suspicions);
  return {
    cluster,
    speed,
    tell: (entry) => {
      timeline?.cloud(entry);
      return timeline !== undefined;
    },
    clockOf: (idle) => engineClock(engine, epochMs, idle),
    play: async (cloud, interrupted) => {
      const opened = await openUplinks(options, cluster, cloud);
      const uplinks = cluster.basicIngest
        ? opened.map((uplink) => byBasicIngest(uplink, cluster.deployment))
        : opened;
      let stopped = false;
      void interrupted.then(() => {
        stopped = true;
        engine.stop();
      });
      await runDevices({
        engine,
        epochMs,
        ...runOf({ ...options, duration: LONG }, cluster, { timeline, trace: undefined }),
        uplink: (node) => awaitCloudIdle(uplinks[node]!, () => cloud.idle()),
        onNode: (event) => timeline?.node(event),
        advance: (until) =>
          runPaced(engine, until, {
            speed,
            nowMs: () => performance.now(),
            sleep: (ms) => new Promise((resolve) => setTimeout(resolve, ms)),
            stopped: () => stopped,
          }),
      });
      timeline?.close();
      await Promise.all(uplinks.map((uplink) => uplink.disconnect()));
    },
  };
}
