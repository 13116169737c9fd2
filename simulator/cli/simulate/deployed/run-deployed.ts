/** `npm run simulate -- --target aws`: the nodes of this machine, the backend that was deployed. */
import { Engine } from "../../../engine/engine.ts";
import { between, inSeconds, START } from "../../../engine/time.ts";
import { byBasicIngest } from "../../../node/basic-ingest.ts";
import { MqttUplink } from "../../../node/mqtt-uplink.ts";
import { UplinkError } from "../../../node/uplink.ts";
import { type DeviceRun, runDevices } from "../../../scenario/run.ts";
import { UsageError } from "../../shared/arguments.ts";
import { type DeployedCluster, deployedCluster } from "../../shared/cluster-choice.ts";
import { INTERRUPTED, untilInterrupted } from "../../shared/run-command.ts";
import { terminalOf } from "../../shared/terminal.ts";
import type { Deployed, Options } from "../options.ts";
import { failoverReport } from "../report.ts";
import { runOf } from "../run-scenario.ts";
import { Timeline } from "../timeline.ts";
import type { TraceFile } from "../trace-file.ts";
import { type Backend, openBackend } from "./backend.ts";
import { counted, noCounts, type UplinkCounts } from "./counted-uplink.ts";
import { estimate } from "./estimate.ts";
import { runPaced } from "./pacing.ts";
import { type DeployedReport, printBefore, printDeployedSummary } from "./report.ts";

const DAY_S = 86_400;
/** Over the internet, where the uplink's own limits are meant for a cloud on the same machine. */
const LIMITS = { connectMs: 15_000, publishMs: 15_000 };

/** Exit code: 0 whatever was sent was acknowledged, 1 something was not. @throws UsageError, UplinkError `bad-credentials` */
export async function playDeployed(
  options: Options,
  deployed: Deployed,
  trace: TraceFile | undefined,
): Promise<number> {
  const { scenario, duration } = options;
  const cluster = deployedCluster(deployed.cluster, scenario.cluster.nodes);
  const backend = await openBackend(cluster, scenario.cluster.nodes, deployed, Date.now());
  const planned = estimate({
    durationS: inSeconds(duration),
    nodes: scenario.cluster.nodes,
    connectsEveryWake: options.connectEveryWake,
    ...cluster,
  });
  const notes = terminalOf(process.stderr);
  printBefore(notes, {
    ...backend,
    ...deployed,
    cluster: cluster.name,
    durationS: inSeconds(duration),
    planned,
  });
  const counts = noCounts();
  const uplinks = uplinksOf(backend, options, cluster, counts);
  await tryEach(backend, uplinks);

  // It ends now, or rather when it is over: times of the future would make what real nodes report after it look stale.
  const span = inSeconds(duration) * 1_000;
  const epochMs = Math.round(Date.now() - span * (1 - 1 / deployed.speed));
  const engine = new Engine();
  let stopped = false;
  void untilInterrupted().then(() => {
    stopped = true;
    engine.stop();
  });
  const timeline = options.json
    ? undefined
    : new Timeline(terminalOf(process.stdout), epochMs, inSeconds(duration) / DAY_S, options.suspicions);
  const run = await runDevices({
    engine,
    epochMs,
    ...runOf(options, cluster, { timeline, trace }),
    uplink: (node) => uplinks[node]!,
    onNode: (event) => {
      timeline?.node(event);
      // Deep sleep ends a connection, and a broker charges by the minute.
      if (event.kind === "asleep" && options.connectEveryWake) void uplinks[event.node]?.disconnect();
    },
    advance: (until) =>
      runPaced(engine, until, {
        speed: deployed.speed,
        nowMs: () => performance.now(),
        sleep: (ms) => new Promise((resolve) => setTimeout(resolve, ms)),
        stopped: () => stopped,
      }),
  });
  timeline?.close();
  await Promise.all(uplinks.map((uplink) => uplink.disconnect()));
  const report = reportOf(options, deployed, { cluster, backend, planned, counts, run, epochMs, engine });
  if (options.json) process.stdout.write(`${JSON.stringify(report, null, 2)}\n`);
  else printDeployedSummary(terminalOf(process.stdout), report);
  if (!run.completed) return INTERRUPTED;
  return report.failures.length === 0 ? 0 : 1;
}

/** What the report of a run is made of, besides its options. */
interface Played {
  readonly cluster: DeployedCluster;
  readonly backend: Backend;
  readonly planned: DeployedReport["estimate"];
  readonly counts: UplinkCounts;
  readonly run: DeviceRun;
  /** The true time at the start of the run, in epoch milliseconds. */
  readonly epochMs: number;
  readonly engine: Engine;
}

function reportOf(
  { scenario, protocol, seed }: Options,
  { speed }: Deployed,
  { cluster, backend, planned, counts, run, epochMs, engine }: Played,
): DeployedReport {
  return {
    target: "aws",
    endpoint: `${backend.host}:${backend.port}`,
    region: backend.region,
    cluster: cluster.name,
    scenario: scenario.name,
    seed,
    protocol: protocol.name,
    nodes: scenario.cluster.nodes,
    speed,
    completed: run.completed,
    from: new Date(epochMs).toISOString(),
    simulated_s: inSeconds(between(START, engine.now)),
    readings: { due: run.score.expected, acknowledged: counts.readings },
    events: { acknowledged: counts.events },
    failures: [...counts.failures].map(([code, { count, first }]) => ({ code, count, first })),
    failovers: failoverReport(run.score.failovers, epochMs),
    estimate: planned,
    trace_sha256: run.traceSha256,
    wall_s: Math.round(performance.now()) / 1_000,
  };
}

const uplinksOf = (
  { host, port, nodes }: Backend,
  { connectEveryWake: everyWake }: Options,
  { basicIngest, deployment }: DeployedCluster,
  counts: UplinkCounts,
) =>
  nodes.map((node) => {
    const uplink = counted(
      new MqttUplink({ ...node, host, port, everyWake, limits: LIMITS }),
      counts,
      deployment,
    );
    return basicIngest ? byBasicIngest(uplink, deployment) : uplink;
  });

/** Before the story begins: a wrong endpoint or a revoked certificate would else be told as a story of lost readings. */
async function tryEach({ nodes, host, port, region }: Backend, uplinks: ReturnType<typeof uplinksOf>) {
  for (const [i, uplink] of uplinks.entries())
    try {
      await uplink.connect();
      await uplink.disconnect();
    } catch (error) {
      if (!(error instanceof UplinkError) || error.code === "bad-credentials") throw error;
      throw new UsageError(
        `${nodes[i]?.thing} cannot connect to ${host}:${port} in ${region}: ${error.message}. Check that this machine is online, that the endpoint is of this deploy, and that the certificate was not revoked: npm run provision -- CLUSTER --fetch asks AWS`,
      );
    }
}
