/** One run of a scenario against the local cloud, and what came of it. */
import type { Engine } from "../../engine/engine.ts";
import { rngStream } from "../../engine/rng.ts";
import { after, START, seconds } from "../../engine/time.ts";
import {
  constantTemperature,
  replayTemperature,
  roomTemperature,
  type TemperatureSource,
} from "../../hardware/temperature.ts";
import type { LocalCloud } from "../../local-cloud/local-cloud.ts";
import { storedReadings } from "../../local-cloud/stored-readings.ts";
import { byBasicIngest } from "../../node/basic-ingest.ts";
import { readDeviceCredentials } from "../../node/device-credentials.ts";
import { MemoryUplink } from "../../node/memory-uplink.ts";
import { MqttUplink } from "../../node/mqtt-uplink.ts";
import type { Uplink } from "../../node/uplink.ts";
import { awaitCloudIdle, type DeviceRun, type RunOptions, runDevices } from "../../scenario/run.ts";
import { isRepeated } from "../../scenario/scenario.ts";
import { compareReadings } from "../../scenario/score.ts";
import type { ChosenCluster } from "../shared/cluster-choice.ts";
import { verifiedNames } from "../shared/mail-addresses.ts";
import type { RunMeter } from "../shared/usage-meter.ts";
import type { CloudTally } from "./cloud-counters.ts";
import { type ChaosReport, drainCloud, type LastingClock } from "./drain-cloud.ts";
import type { Options } from "./options.ts";
import {
  failoverReport,
  judge,
  mailsOfTheStory,
  metricsReport,
  observedFailovers,
  temperatureReport,
  toMillis,
} from "./report.ts";
import { type Report, total } from "./summary.ts";
import type { Timeline } from "./timeline.ts";
import type { TraceFile } from "./trace-file.ts";

/** What a run is played on. */
export interface Stage {
  readonly engine: Engine;
  readonly cloud: LocalCloud;
  readonly cluster: ChosenCluster;
  readonly tally: CloudTally;
  readonly meter: RunMeter;
  /** Undefined: nothing is told. */
  readonly timeline: Timeline | undefined;
  readonly trace: TraceFile | undefined;
  /** The cloud's. */
  readonly clock: LastingClock;
  readonly epochMs: number;
  readonly interrupted: Promise<void>;
}

/** Plays the scenario to its end, or until it is interrupted, and counts what came of it. */
export async function play(options: Options, stage: Stage): Promise<Report> {
  const { engine, cloud, cluster, timeline, epochMs } = stage;
  const metered = (await openUplinks(options, cluster, cloud)).map((uplink) => stage.meter.metered(uplink));
  const uplinks = cluster.basicIngest
    ? metered.map((uplink) => byBasicIngest(uplink, cluster.deployment))
    : metered;
  void stage.interrupted.then(() => engine.stop());
  const run = await runDevices({
    engine,
    epochMs,
    ...runOf(options, cluster, stage),
    uplink: (node) => awaitCloudIdle(uplinks[node]!, () => cloud.idle()),
    onNode: (event) => timeline?.node(event),
  });
  await Promise.all(uplinks.map((uplink) => uplink.disconnect()));
  const { chaos } = options;
  const aftermath =
    chaos === undefined || !run.completed ? undefined : await drainCloud(cloud, stage.clock, chaos);
  timeline?.close();
  return reportOf(options, stage, run, aftermath);
}

async function reportOf(
  options: Options,
  stage: Stage,
  run: DeviceRun,
  chaos: ChaosReport | undefined,
): Promise<Report> {
  const { scenario, protocol, seed, temperatures } = options;
  const { cloud, cluster, tally, epochMs } = stage;
  const { score, simulatedS } = run;
  const stored = compareReadings(score.published, await storedReadings(cluster.name, cloud.dynamodb));
  const queued = cloud.queued();
  const mails = chaos === undefined ? tally.mails : mailsOfTheStory(tally.mails, protocol.answer.expect);
  const besides = tally.mails.filter((mail) => !mails.includes(mail));
  const metrics = score.metrics({ stored, mails, queued: total(queued) }, after(START, seconds(simulatedS)));
  const result = {
    metrics,
    failovers: observedFailovers(score.failovers),
    mails: mails.map((mail) => ({ ...mail, afterS: (Date.parse(mail.at) - epochMs) / 1_000 })),
    primaries: score.primaries,
    sleepS: cluster.sleepS,
  };
  return {
    scenario: scenario.name,
    seed,
    protocol: protocol.name,
    fails: protocol.answer.fails ?? null,
    nodes: scenario.cluster.nodes,
    simulated_s: simulatedS,
    completed: run.completed,
    readings: {
      expected: metrics["readings due"],
      published: score.published.length,
      stored,
      lost: metrics["readings lost"],
    },
    failovers: failoverReport(score.failovers, epochMs),
    mails: tally.mails,
    alarms: tally.alarms,
    article_mails: score.articleMails,
    suppressed: total(tally.suppressed),
    suppressed_by_reason: tally.suppressed,
    queued,
    max_concurrent_primaries: score.maxConcurrentPrimaries,
    metrics: metricsReport(metrics),
    temperatures: temperatures === undefined ? null : temperatureReport(temperatures, simulatedS),
    // They are about the whole run.
    expectations: run.completed ? judge(protocol.answer.expect, result, besides) : [],
    ...(chaos === undefined ? {} : { chaos }),
    ses_sandbox: { on: cloud.ses.account.sandbox, verified: verifiedNames(cloud.ses.account) },
    cost: stage.meter.cost(simulatedS, cloud.queues.length),
    trace_sha256: run.traceSha256,
    first_mail_s: tally.firstMailS === null ? null : toMillis(tally.firstMailS),
    wall_s: toMillis(performance.now() / 1_000),
  };
}

/** As a device does: certificate and key are read from their files, and checked, before anything is sent. */
export function openUplinks(
  { uplink, connectEveryWake: everyWake }: Options,
  cluster: ChosenCluster,
  { nodes, mqtt: { host, port, caPath }, accept }: LocalCloud,
): Promise<Uplink[]> {
  const members = nodes
    .filter((node) => node.cluster === cluster.name && node.node < cluster.played)
    .sort((x, y) => x.node - y.node);
  return Promise.all(
    members.map(async ({ thing, certPath, keyPath }) => {
      if (uplink === "memory")
        return new MemoryUplink({
          accept: (topic, payload) => accept({ topic, payload: Buffer.from(payload), clientId: thing }),
        });
      const files = { ca: caPath, cert: certPath, key: keyPath };
      const credentials = await readDeviceCredentials(files, Date.now());
      return new MqttUplink({ thing, host, port, ...credentials, everyWake });
    }),
  );
}

/** What the command line, the cluster and the listeners make of a run, wherever its messages go. */
export function runOf(
  options: Options,
  { name, deployment, sleepS }: Pick<ChosenCluster, "name" | "deployment" | "sleepS">,
  { timeline, trace }: Pick<Stage, "timeline" | "trace">,
) {
  const { scenario, protocol, seed, duration } = options;
  return {
    scenario,
    protocol: protocol.protocol,
    cluster: name,
    deployment,
    seed,
    sleep: seconds(sleepS),
    duration,
    temperature: temperatureOf(options),
    onStory: told(timeline),
    ...(trace === undefined ? {} : { onTrace: trace.write }),
  } satisfies Partial<RunOptions>;
}

/** Tells of what comes again and again at its first time, and when that is over. */
function told(timeline: Timeline | undefined): RunOptions["onStory"] {
  const known = new Set<string>();
  return ({ at, text, step }) => {
    const key = `${text} ${isRepeated(step.trigger)}`;
    if (isRepeated(step.trigger) && known.has(key)) return;
    known.add(key);
    timeline?.step({ at, says: text });
  };
}

/** A log of the caller's comes before what the scenario has. */
function temperatureOf({ temperatures, scenario, seed }: Options): TemperatureSource {
  if (temperatures !== undefined) return replayTemperature(temperatures.log);
  const { temperatures: own } = scenario;
  return own.kind === "constant"
    ? constantTemperature(own.celsius)
    : roomTemperature(rngStream(seed, "room"));
}
