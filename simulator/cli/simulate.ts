/** `npm run simulate`: a scenario on the local cloud, told live, with a summary. */
import { closeSync, openSync, writeSync } from "node:fs";
import { Engine } from "../engine/engine.ts";
import { rngStream } from "../engine/rng.ts";
import { days, seconds } from "../engine/time.ts";
import { replayTemperature, roomTemperature, type TemperatureSource } from "../hardware/temperature.ts";
import { type LocalCloud, startLocalCloud } from "../local-cloud/local-cloud.ts";
import { storedReadings } from "../local-cloud/stored-readings.ts";
import { readDeviceCredentials } from "../node/device-credentials.ts";
import { MemoryUplink } from "../node/memory-uplink.ts";
import { MqttUplink } from "../node/mqtt-uplink.ts";
import type { Uplink } from "../node/uplink.ts";
import { SCENARIOS } from "../scenario/library.ts";
import { engineClock, runDevices, settling } from "../scenario/run.ts";
import { compareReadings } from "../scenario/score.ts";
import { parseFlags, UsageError } from "./arguments.ts";
import { freshAssembly } from "./assembly-cache.ts";
import { type ChosenCluster, clusterFor } from "./chosen-cluster.ts";
import { INTERRUPTED, runCommand, untilInterrupted } from "./run-command.ts";
import { FLAGS, HELP, type Options, readOptions } from "./simulate-options.ts";
import {
  failoverReport,
  judge,
  printSummary,
  type Report,
  resultOf,
  type TemperatureReport,
  total,
} from "./summary.ts";
import { CloudTally } from "./tally.ts";
import { paint, type Terminal, terminalOf } from "./terminal.ts";
import { Timeline } from "./timeline.ts";

/** Monday, so that the timeline starts with the week. */
const EPOCH_MS = Date.UTC(2026, 2, 2);

export const main = (argv: readonly string[]): Promise<number> =>
  runCommand(async () => {
    const { values, positionals } = parseFlags("simulate", argv, FLAGS);
    if (values.help === true) {
      process.stdout.write(HELP);
      return 0;
    }
    if (values.list === true) {
      for (const { name, line } of SCENARIOS) process.stdout.write(`${name.padEnd(16)} ${line}\n`);
      return 0;
    }
    if (positionals.length > 0)
      throw new UsageError(`"${positionals[0]}" is not an option. See: npm run simulate -- --help`);
    return simulate(readOptions(values));
  });

async function simulate(options: Options): Promise<number> {
  const terminal = options.json ? terminalOf(process.stderr) : terminalOf(process.stdout);
  const uptimeS = () => performance.now() / 1_000;
  const epochMs = options.temperatures?.log.startMs ?? EPOCH_MS;
  const engine = new Engine();
  const tally = new CloudTally(uptimeS);
  const timeline = new Timeline(terminal, epochMs);
  const quiet = options.json;

  const cluster = clusterFor(options.scenario);
  const assembly = await freshAssembly(() =>
    process.stderr.write("synthesizing the app, once for these files …\n"),
  );
  const clock = engineClock(engine, epochMs, () => cloud.idle());
  const cloud = await startLocalCloud({
    assemblyDir: assembly,
    clock,
    realNowMs: Date.now(),
    log: (entry) => {
      tally.note(entry);
      if (!quiet) timeline.cloud(entry);
    },
  });
  const interrupted = untilInterrupted();
  try {
    if (!quiet) printHeading(terminal, options, cloud);
    const played = play(options, {
      engine,
      cloud,
      cluster,
      tally,
      timeline,
      epochMs,
      quiet,
      interrupted,
    });
    const [report] = await Promise.all([played, cloud.ready]);
    if (report === undefined) return INTERRUPTED;
    if (options.json) process.stdout.write(`${JSON.stringify(report, null, 2)}\n`);
    else printSummary(terminal, report, nextSteps(options, cloud));
    if (options.keep) {
      process.stderr.write(
        `The cloud goes on. Mails: ${cloud.ses.inbox}  DynamoDB: ${cloud.dynamodb.endpoint}  Ctrl-C ends it.\n`,
      );
      await interrupted;
    }
    return report.expectations.every(({ held }) => held) ? 0 : 1;
  } finally {
    await cloud.stop();
  }
}

interface Stage {
  readonly engine: Engine;
  readonly cloud: LocalCloud;
  readonly cluster: ChosenCluster;
  readonly tally: CloudTally;
  readonly timeline: Timeline;
  readonly epochMs: number;
  readonly quiet: boolean;
  readonly interrupted: Promise<void>;
}

/** Plays the scenario to its end and counts what came of it; undefined when it was interrupted. */
async function play(options: Options, stage: Stage): Promise<Report | undefined> {
  const { engine, cloud, cluster, tally, timeline, epochMs, quiet } = stage;
  const { scenario, seed } = options;
  const uplinks = await openUplinks(options, cluster, cloud);
  void stage.interrupted.then(() => engine.stop());
  const traceFile = options.traceFile === undefined ? undefined : openSync(options.traceFile, "w");
  const run = await runDevices({
    engine,
    scenario,
    cluster: cluster.name,
    seed,
    sleep: seconds(cluster.sleepS),
    duration: days(options.days),
    epochMs,
    temperature: temperatureOf(options),
    uplink: (node) => settling(uplinks[node]!, () => cloud.idle()),
    onNode: (event) => {
      if (!quiet) timeline.node(event);
    },
    onStep: (step) => {
      if (!quiet) timeline.step(step);
    },
    ...(traceFile === undefined ? {} : { onTrace: (line) => void writeSync(traceFile, `${line}\n`) }),
  });
  timeline.close();
  await Promise.all(uplinks.map((uplink) => uplink.disconnect()));
  if (traceFile !== undefined) closeSync(traceFile);
  if (!run.completed) return undefined;

  const stored = compareReadings(run.score.published, await storedReadings(cluster.name, cloud.dynamodb));
  const counted = {
    scenario: scenario.name,
    seed,
    protocol: scenario.protocol,
    nodes: scenario.nodes,
    simulated_s: run.simulatedS,
    readings: {
      expected: run.score.expected,
      published: run.score.published.length,
      stored,
      lost: run.score.expected - stored,
    },
    failovers: failoverReport(run.score.failovers, epochMs),
    mails: tally.mails,
    suppressed: total(tally.suppressed),
    suppressed_by_reason: tally.suppressed,
    queued: cloud.queued(),
    max_concurrent_primaries: run.score.maxConcurrentPrimaries,
    temperatures: temperatureReport(options, run.simulatedS),
    trace_sha256: run.traceSha256,
    first_mail_s: tally.firstMailS,
    wall_s: performance.now() / 1_000,
  };
  return { ...counted, expectations: judge(scenario.expectations, resultOf(counted)) };
}

/** As a device does: certificate and key are read from their files, and checked, before anything is sent. */
function openUplinks(
  { uplink, connectEveryWake: everyWake }: Options,
  cluster: ChosenCluster,
  { nodes, mqtt: { host, port, caPath }, accept }: LocalCloud,
): Promise<Uplink[]> {
  const members = nodes.filter((node) => node.cluster === cluster.name).sort((x, y) => x.node - y.node);
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

const temperatureOf = ({ temperatures, seed }: Options): TemperatureSource =>
  temperatures === undefined ? roomTemperature(rngStream(seed, "room")) : replayTemperature(temperatures.log);

const minuteText = (epochMs: number): string =>
  new Date(epochMs).toISOString().slice(0, 16).replace("T", " ");

/** The gaps that the run came across, and whether it outlived the log. */
function temperatureReport({ temperatures }: Options, simulatedS: number): TemperatureReport | null {
  if (temperatures === undefined) return null;
  const { file, log } = temperatures;
  const endMs = log.startMs + simulatedS * 1_000;
  return {
    file,
    rows: log.rows,
    from: minuteText(log.startMs),
    to: minuteText(log.endMs),
    gaps: log.gaps
      .filter(({ fromMs }) => fromMs < endMs)
      .map(({ fromMs, toMs }) => ({ from: minuteText(fromMs), to: minuteText(toMs) })),
    held_from: endMs > log.endMs ? minuteText(log.endMs) : null,
  };
}

function printHeading(
  terminal: Terminal,
  { scenario, seed, days: length }: Options,
  cloud: LocalCloud,
): void {
  terminal.write(`${paint(terminal, "bold", scenario.name)}  ${scenario.line}\n`);
  const facts = `${scenario.nodes} nodes, ${scenario.protocol} protocol, ${length} days, seed ${seed}`;
  const where = `mqtts://${cloud.mqtt.host}:${cloud.mqtt.port}  inbox ${cloud.ses.inbox}`;
  terminal.write(`${paint(terminal, "dim", `${facts}\n${where}`)}\n`);
  const missing = cloud.notEmulated.map(({ type, count }) => (count === 1 ? type : `${count} ${type}`));
  if (missing.length > 0)
    terminal.write(
      `${paint(terminal, "dim", `in the template, not emulated here: ${missing.join(", ")}`)}\n`,
    );
  terminal.write("\n");
}

const nextSteps = ({ keep, seed, scenario }: Options, cloud: LocalCloud): string[] => [
  keep
    ? `${cloud.ses.inbox}  the mails, in a browser`
    : "npm run simulate -- --keep          the mails in a browser, the tables for any DynamoDB client",
  `npm run simulate -- --trace FILE    every bus transaction of seed ${seed}, ${scenario.name}`,
  "npm run node -- 0 health-check      the protocol by hand, one step at a time, on EEPROM images",
  "RUNBOOK.md                          what to do when such a mail comes at night",
];
