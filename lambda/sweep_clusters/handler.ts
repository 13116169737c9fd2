/**
 * `sweep_clusters`: checks every cluster, every few minutes, for what nobody reports: silence, two primaries, packs that
 * run low, notifications that are due. It signals `send_cluster_mail`, which alone writes incidents and sends mails.
 *
 * Invoked asynchronously by a schedule. The only file here that reads the environment.
 */
import { DynamoDBClient } from "@aws-sdk/client-dynamodb";
import { IoTClient } from "@aws-sdk/client-iot";
import { LambdaClient } from "@aws-sdk/client-lambda";
import { SQSClient } from "@aws-sdk/client-sqs";
import { BACKEND, type SweepSignal } from "../../lib/contract/incidents.ts";
import { clientLimits } from "../adapters/client-limits.ts";
import { metricLog } from "../adapters/json-log.ts";
import { openClusters } from "./adapters/dynamo-clusters.ts";
import { openReadings } from "./adapters/dynamo-readings.ts";
import { openCertificates } from "./adapters/iot-certificates.ts";
import { openSignals } from "./adapters/lambda-signals.ts";
import { openQueues } from "./adapters/sqs-queues.ts";
import { type Config, parseConfig } from "./core/config.ts";
import { asksQueues } from "./core/detect/backend.ts";
import { sampled } from "./core/detect/battery.ts";
import { asksCertificates, type NodeCertificates } from "./core/detect/certificates.ts";
import { awaitedBins } from "./core/digests.ts";
import { parseScheduledMs } from "./core/input.ts";
import { withHearing } from "./core/memory.ts";
import { endedHour, metricsOf, newestReading } from "./core/metrics.ts";
import { plan, rememberedOf } from "./core/plan.ts";
import type { Certificates, Clusters, LogEntry, Queues, Readings, Signals } from "./core/ports.ts";
import { knownClusters, removedClusters } from "./core/removed.ts";
import type { ClusterView } from "./core/view.ts";
import { weeklySignals } from "./core/weekly.ts";

/** What a sweep reaches beyond its input; tests give others. */
export interface Dependencies {
  readonly config: Config;
  readonly clusters: Clusters;
  /** Absent: the backend's own queues are not looked at. */
  readonly queues?: Queues;
  /** Absent: readings are not counted. */
  readonly readings?: Readings;
  /** Absent: nodes' certificates are not looked at. */
  readonly certificates?: Certificates;
  readonly signals: Signals;
  readonly log: (entry: LogEntry) => void;
}

/** The function: the schedule's event in, the number of signals out. */
export type Handler = (
  input: unknown,
  invocation: { readonly awsRequestId: string },
) => Promise<{ readonly signals: number }>;

/**
 * All that can be done is done before a failure is reported; the retry finds the rest, because what was signalled has
 * changed the incidents.
 * @throws MailProblem EventUnreadable; AggregateError of what DynamoDB and Lambda threw
 */
export const makeHandler =
  (dependencies: Dependencies): Handler =>
  async (input, { awsRequestId: request_id }) => {
    const { config, clusters, queues, readings, signals, log } = dependencies;
    const nowMs = parseScheduledMs(input);
    const { clusterIds, sweepMinutes } = config;
    const asks = asksQueues(nowMs, sweepMinutes);
    const unknown: PromiseRejectedResult[] = [];
    const [first, [counted], hours, certificates] = await Promise.all([
      Promise.allSettled(clusterIds.map((id) => clusters.read(id))),
      Promise.allSettled([asks ? (queues?.count() ?? []) : []]),
      Promise.allSettled(readingsOfHour(dependencies, nowMs)),
      lookUpCertificates(dependencies, nowMs, request_id, unknown),
    ]);
    const seen = fulfilled(first);
    // Most sweeps have no use for the backend's own part.
    const backendReads = await Promise.allSettled(
      asks || seen.some((view) => awaitsDigest(view, config)) ? [clusters.read(BACKEND)] : [],
    );
    const [backend] = fulfilled(backendReads);
    warnOfUnreadable([...seen, ...fulfilled(backendReads)], log, request_id);

    for (const line of seen.flatMap((view) => newestReading(view, nowMs, sweepMinutes) ?? []))
      log({ ...line, request_id });
    for (const one of fulfilled(hours))
      log({ level: "info", message: "hour", ...one, ...neverHeardFrom(one.cluster, seen), request_id });
    const { policy, nodes, batteryEmptyMv } = config;
    const views = seen.map((view) => ({ ...view, memory: withHearing(view.memory, view.heartbeats, nowMs) }));
    const removed = asks ? await readRemoved(dependencies, backend) : [];
    const due = plan({
      clusters: views,
      removed: fulfilled(removed),
      backend: backend?.incidents ?? [],
      // Not to be looked at while the incident cannot be read: it would be opened anew.
      queues: backend !== undefined && counted.status === "fulfilled" ? counted.value : [],
      certificates,
      policy,
      nodes,
      batteryEmptyMv,
      nowMs,
    });
    const done = await Promise.allSettled([
      ...due.map((signal) => signals.give(signal)),
      ...(asks ? keepKnown(dependencies, backend, fulfilled(removed), nowMs) : []),
      ...seen.flatMap((view) => newSamples(view).map((keep) => keep(clusters))),
      ...views.flatMap((view, i) => {
        const memory = rememberedOf(view, { nowMs, batteryEmptyMv });
        return memory === seen[i]?.memory ? [] : [clusters.remember(view.clusterId, memory, nowMs)];
      }),
    ]);
    // Last, so that reading a whole week keeps no mail waiting.
    const [weekly] = await Promise.allSettled([
      backend === undefined
        ? []
        : weeklySignals(
            { config, ...(readings === undefined ? {} : { readings }) },
            { clusters: seen, backend: backend.incidents, policy, nowMs },
          ),
    ]);
    const reports = weekly.status === "fulfilled" ? weekly.value : [];
    const reported = await Promise.allSettled(reports.map((signal) => signals.give(signal)));
    const given = [...due, ...reports];
    log({ level: "info", message: "sweep", clusters: seen.length, signals: byType(given), request_id });
    throwFailures([
      ...first,
      ...backendReads,
      ...removed,
      counted,
      ...hours,
      ...unknown,
      ...done,
      weekly,
      ...reported,
    ]);
    return { signals: given.length };
  };

function warnOfUnreadable(
  views: readonly { readonly clusterId: string; readonly unreadable: readonly string[] }[],
  log: Dependencies["log"],
  request_id: string,
): void {
  for (const { clusterId, unreadable } of views)
    for (const item of unreadable)
      log({ level: "warn", message: "item-unreadable", cluster: clusterId, item, request_id });
}

const fulfilled = <T>(outcomes: readonly PromiseSettledResult<T>[]): readonly T[] =>
  outcomes.flatMap((one) => (one.status === "fulfilled" ? [one.value] : []));

/** Once an hour: clusters that the configuration had once, with something that fires. */
const readRemoved = (
  { config, clusters }: Dependencies,
  backend: ClusterView | undefined,
): Promise<PromiseSettledResult<ClusterView>[]> =>
  Promise.allSettled(
    removedClusters(backend?.memory.clusters ?? [], config.nodes).map((id) => clusters.read(id)),
  );

/** Written when the list changes: with a deploy, and when the last incident of a cluster that was taken out is over. */
function keepKnown(
  { config, clusters }: Dependencies,
  backend: ClusterView | undefined,
  removed: readonly ClusterView[],
  nowMs: number,
): readonly Promise<void>[] {
  if (backend === undefined) return [];
  const { memory } = backend;
  const known = knownClusters(memory.clusters ?? [], config.nodes, removed);
  return known === memory.clusters ? [] : [clusters.remember(BACKEND, { ...memory, clusters: known }, nowMs)];
}

/** How many readings of the hour that has ended are stored; nothing within an hour. */
function readingsOfHour({ config, readings }: Dependencies, nowMs: number) {
  const hour = endedHour(nowMs, config.sweepMinutes);
  if (hour === undefined || readings === undefined) return [];
  return config.clusterIds.map(async (cluster) => ({
    cluster,
    readings: await readings.count(cluster, hour.fromMs, hour.untilMs),
  }));
}

/**
 * What is attached to the nodes that are asked about now, by cluster. A node of which AWS IoT does not tell is left out:
 * the sweep has more urgent work, and fails once that is done. Otherwise a permission that is missing would show on the
 * day on which a certificate ends.
 * @param unknown gets why a node is left out
 */
async function lookUpCertificates(
  { config: { clusterIds, nodes, sweepMinutes }, certificates, log }: Dependencies,
  nowMs: number,
  request_id: string,
  unknown: PromiseRejectedResult[],
): Promise<ReadonlyMap<string, readonly NodeCertificates[]>> {
  const asked = certificates === undefined ? [] : clusterIds;
  const found = asked
    .filter((_, place) => asksCertificates(nowMs, sweepMinutes, place))
    .map(async (cluster) => {
      const all = Array.from({ length: nodes.get(cluster) ?? 0 }, async (_, node) => {
        try {
          return [{ node, certificates: (await certificates?.of(cluster, node)) ?? [] }];
        } catch (error) {
          const why = String(error);
          unknown.push({ status: "rejected", reason: error });
          log({ level: "warn", message: "certificates-unknown", cluster, node, why, request_id });
          return [];
        }
      });
      return [cluster, (await Promise.all(all)).flat()] as const;
    });
  return new Map(await Promise.all(found));
}

/**
 * No sweep before this one has heard of the cluster, or it would have kept a sample: its first reading may be younger than
 * the hour that is counted. Of a cluster that could not be read it is not known.
 */
const neverHeardFrom = (cluster: string, seen: readonly ClusterView[]): { readonly heard?: false } =>
  seen.some(({ clusterId, batteries }) => clusterId === cluster && batteries.size === 0)
    ? { heard: false }
    : {};

/** An incident waits for a digest: what became of that stands in the backend's part. */
const awaitsDigest = ({ incidents }: ClusterView, { policy }: Config): boolean =>
  incidents.some((one) => awaitedBins(one, policy).length > 0);

/** One sample a day of each pack. */
const newSamples = ({ clusterId, heartbeats, batteries }: ClusterView) =>
  heartbeats.flatMap((heartbeat) => {
    const samples = sampled(batteries.get(heartbeat.node) ?? [], heartbeat);
    return samples === undefined
      ? []
      : [(clusters: Clusters) => clusters.keepSamples(clusterId, heartbeat.node, samples)];
  });

function byType(signals: readonly SweepSignal[]): Readonly<Record<string, number>> {
  const counts: Record<string, number> = {};
  for (const { type } of signals) counts[type] = (counts[type] ?? 0) + 1;
  return counts;
}

function throwFailures(outcomes: readonly PromiseSettledResult<unknown>[]): void {
  const reasons = outcomes.flatMap((one) => (one.status === "rejected" ? [one.reason as unknown] : []));
  if (reasons.length > 0)
    throw new AggregateError(reasons, `${reasons.length} requests failed: ${reasons.map(String).join("; ")}`);
}

/** Two attempts of 3 s a request, all at once: reads, then signals, within the function's timeout of 30 s. */
const LIMITS = { attempts: 2, requestMs: 3_000 } as const;

let ready: Handler | undefined;

/** The deployed function. @throws MailProblem ConfigInvalid at its first invocation */
export const handler: Handler = (input, invocation) => {
  ready ??= makeHandler(realDependencies());
  return ready(input, invocation);
};

function realDependencies(): Dependencies {
  const config = parseConfig(process.env);
  const limits = clientLimits(LIMITS);
  const dynamodb = new DynamoDBClient(limits);
  return {
    config,
    clusters: openClusters(config.clustersTable, dynamodb),
    ...(config.readingsTable === undefined ? {} : { readings: openReadings(config.readingsTable, dynamodb) }),
    // By its endpoint and not by a queue's URL: AWS_ENDPOINT_URL_SQS then counts for this client as for any other.
    ...(config.queues.size === 0
      ? {}
      : { queues: openQueues(config.queues, new SQSClient({ ...limits, useQueueUrlAsEndpoint: false })) }),
    // One attempt: the retry of the sweep is the second.
    certificates: openCertificates(
      config.name,
      new IoTClient(clientLimits({ attempts: 1, requestMs: LIMITS.requestMs })),
    ),
    signals: openSignals(config.sendFunction, new LambdaClient(limits)),
    log: metricLog(config.name, (line) => void process.stdout.write(line), Date.now, metricsOf, config.watch),
  };
}
