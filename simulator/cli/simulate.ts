/** `npm run simulate`: a scenario on the local cloud, told live, with a summary. */
import { Engine } from "../engine/engine.ts";
import { inSeconds } from "../engine/time.ts";
import { type LocalCloud, startLocalCloud } from "../local-cloud/local-cloud.ts";
import { engineClock } from "../scenario/run.ts";
import { parseFlags, refuseWords, shellWord } from "./shared/arguments.ts";
import { freshAssembly } from "./shared/assembly-cache.ts";
import { announceBeside, describeClock } from "./shared/cloud-file.ts";
import { clusterFor } from "./shared/cluster-choice.ts";
import { describeCloud } from "./shared/describe-cloud.ts";
import { verifiedAddresses } from "./shared/mail-addresses.ts";
import { INTERRUPTED, runCommand, untilInterrupted } from "./shared/run-command.ts";
import { libraryScenarios } from "./shared/scenario-files.ts";
import { terminalOf } from "./shared/terminal.ts";
import { RunMeter } from "./shared/usage-meter.ts";
import { CloudTally } from "./simulate/cloud-counters.ts";
import { playDeployed } from "./simulate/deployed/run-deployed.ts";
import { LastingClock } from "./simulate/drain-cloud.ts";
import { nextSteps, printHeading } from "./simulate/heading.ts";
import { faultsReport, printFaults, printScenarios, scenariosReport } from "./simulate/lists.ts";
import { FLAGS, HELP, type Options, readOptions } from "./simulate/options.ts";
import { play } from "./simulate/run-scenario.ts";
import { printSummary } from "./simulate/summary.ts";
import { Timeline } from "./simulate/timeline.ts";
import { openTrace, type TraceFile } from "./simulate/trace-file.ts";

/** Monday, so that the timeline starts with the week. */
const EPOCH_MS = Date.UTC(2026, 2, 2);
const DAY_S = 86_400;

/** `npm run simulate`. @param argv what stands behind `--` @returns the exit code */
export const main = (argv: readonly string[]): Promise<number> =>
  runCommand(async () => {
    const { values, positionals } = parseFlags("simulate", argv, FLAGS);
    if (values.help === true) {
      process.stdout.write(HELP);
      return 0;
    }
    refuseWords("simulate", positionals);
    if (values.list === true || values.faults === true)
      return list(values.list === true, values.json === true);
    const options = readOptions(values);
    const trace = options.traceFile === undefined ? undefined : openTrace(options.traceFile);
    try {
      if (options.deployed !== undefined) return await playDeployed(options, options.deployed, trace);
      return await simulate(options, trace);
    } finally {
      trace?.close();
    }
  });

function list(scenarios: boolean, json: boolean): number {
  const terminal = terminalOf(process.stdout);
  const library = scenarios ? libraryScenarios() : [];
  if (json) printJson(scenarios ? scenariosReport(library) : faultsReport());
  else if (scenarios) printScenarios(terminal, library);
  else printFaults(terminal);
  return 0;
}

const printJson = (value: unknown): void => void process.stdout.write(`${JSON.stringify(value, null, 2)}\n`);

async function simulate(options: Options, trace: TraceFile | undefined): Promise<number> {
  const terminal = terminalOf(options.json ? process.stderr : process.stdout);
  const epochMs = options.temperatures?.log.startMs ?? EPOCH_MS;
  const engine = new Engine();
  const tally = new CloudTally(() => performance.now() / 1_000);
  const timeline = options.json
    ? undefined
    : new Timeline(terminal, epochMs, inSeconds(options.duration) / DAY_S, options.suspicions);

  const cluster = clusterFor(options.scenario.cluster.nodes);
  const meter = new RunMeter();
  const assemblyDir = await freshAssembly(
    () => process.stderr.write("synthesizing the app, once for these files …\n"),
    cluster.context,
  );
  const clock = new LastingClock(engineClock(engine, epochMs, () => cloud.idle()));
  const cloud = await startLocalCloud({
    assemblyDir,
    clock,
    realNowMs: Date.now(),
    // These nodes are not the ones that were provisioned, and have keys of their own.
    ownKeys: "every-thing",
    verified: verifiedAddresses(),
    chaos: options.chaos,
    log: (entry) => {
      tally.note(entry);
      meter.note(entry);
      timeline?.cloud(entry);
    },
  });
  const interrupted = untilInterrupted();
  try {
    if (!options.json) printHeading(terminal, options, cluster, cloud);
    const played = play(options, {
      engine,
      cloud,
      cluster,
      tally,
      meter,
      timeline,
      trace,
      clock,
      epochMs,
      interrupted,
    });
    const [report] = await Promise.all([played, cloud.ready]);
    if (options.json) printJson(report);
    else printSummary(terminal, report, nextSteps(options, cloud));
    if (!report.completed) return INTERRUPTED;
    if (options.keep) await keep(cloud, cluster.name, epochMs, clock.now(), interrupted);
    return report.expectations.every(({ held }) => held) ? 0 : 1;
  } finally {
    await cloud.stop();
  }
}

/** The cloud stays as it is at the end of the story, until it is interrupted. */
async function keep(
  cloud: LocalCloud,
  cluster: string,
  fromMs: number,
  nowMs: number,
  interrupted: Promise<void>,
): Promise<void> {
  const described = { ...describeCloud(cloud), clock: describeClock(nowMs, 0) };
  const { file, end } = announceBeside(`${JSON.stringify(described, null, 2)}\n`);
  const where = file === undefined ? "" : ` --cloud ${shellWord(file)}`;
  process.stderr.write(
    `The cloud keeps running; Ctrl-C ends it. Mails: ${cloud.ses.inbox}  DynamoDB: ${cloud.dynamodb.endpoint}\nThe readings, in another terminal: npm run readings -- ${cluster} --from ${new Date(fromMs).toISOString().slice(0, 10)}${where}\n`,
  );
  try {
    await interrupted;
  } finally {
    end();
  }
}
