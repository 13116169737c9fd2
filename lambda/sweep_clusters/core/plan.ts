/**
 * What a sweep has to say, from what it sees. Pure. A signal is given only where it would change something: where all is
 * as it was, a sweep costs one Query a cluster and nothing else.
 */
import {
  BACKEND,
  type IncidentId,
  type IncidentKind,
  isBulletin,
  type SweepSignal,
} from "../../../lib/contract/incidents.ts";
import { incidentKey } from "../../../lib/contract/tables.ts";
import { dueNotification } from "../../core/due-notification.ts";
import type { Incident } from "../../core/incident.ts";
import { endsInCompany, holdOf } from "../../core/neighbourhood.ts";
import { observe, type Signal } from "../../core/observe.ts";
import { type Policy, STORM_WINDOW_MS } from "../../core/policy.ts";
import { backend, type QueueCount } from "./detect/backend.ts";
import { batteries } from "./detect/battery.ts";
import { expiringCertificates, type NodeCertificates } from "./detect/certificates.ts";
import { newEraMs } from "./detect/era.ts";
import { refusalsOver } from "./detect/refusals.ts";
import {
  publishesAgain,
  sensorsMeasure,
  setupMended,
  suspects,
  unwritableEeproms,
  wrongClocks,
} from "./detect/reports.ts";
import { sensorsDisagree } from "./detect/sensors.ts";
import { silence } from "./detect/silence.ts";
import { returned, splitBrain } from "./detect/split-brain.ts";
import { digestNews, digestSignals } from "./digests.ts";
import type { Detector, Finding } from "./finding.ts";
import { isBelieved, withDoubts } from "./memory.ts";
import { endsOfRemoved, isRemoved, withoutRemoved } from "./removed.ts";
import { type ClusterView, firingOf, type Memory, neighbourhoodIn, neighbourOf } from "./view.ts";

const DETECTORS: readonly Detector[] = [
  silence,
  splitBrain,
  returned,
  unwritableEeproms,
  suspects,
  publishesAgain,
  setupMended,
  sensorsMeasure,
  sensorsDisagree,
  wrongClocks,
];

/** All that one sweep has read, and the instant that it counts as now. */
export interface Sweep {
  readonly clusters: readonly ClusterView[];
  /** Digests, and incidents of the backend itself. */
  readonly backend: readonly Incident[];
  /** The backend's own error and failure queues; empty: they were not looked at. */
  readonly queues: readonly QueueCount[];
  /** What is attached to the nodes that this sweep asked about, by cluster. @default it asked about none */
  readonly certificates?: ReadonlyMap<string, readonly NodeCertificates[]>;
  readonly policy: Policy;
  /** Nodes of each cluster, by its id. */
  readonly nodes: ReadonlyMap<string, number>;
  /** Clusters that were taken out of the configuration, as far as this sweep looks at them. @default none */
  readonly removed?: readonly ClusterView[];
  readonly batteryEmptyMv: number;
  /** When the sweep was due, epoch ms. */
  readonly nowMs: number;
}

interface Found {
  readonly clusterId: string;
  readonly finding: Finding;
  readonly known: Incident | undefined;
}

/**
 * The signals of one sweep: what fires or is over, then the notifications that are due, then digests that are due.
 */
export function plan(sweep: Sweep): readonly SweepSignal[] {
  const { clusters, nowMs, policy } = sweep;
  const news = [...clusters.flatMap((cluster) => findingsOf(cluster, sweep)), ...backendFindings(sweep)];
  const opening = news.filter(({ finding }) => finding.fires);
  const storm = opening.length > 0 && opening.length + openedLately(sweep) > policy.stormLimit;
  const all = [...clusters.flatMap(({ incidents }) => incidents), ...sweep.backend];
  const signals = news.map((found) =>
    signalOf(found, nowMs, found.finding.fires ? storm : isOneOfMany(found, all, nowMs)),
  );
  const spokenOf = new Set(news.map(({ clusterId, finding }) => nameOf(clusterId, finding)));
  const quiet = all.filter(({ id }) => !spokenOf.has(nameOf(id.clusterId, id)));
  return [
    ...signals,
    ...removedSignals(sweep),
    ...clusters.flatMap((cluster) => eraSignals(cluster, nowMs)),
    ...quiet.flatMap((incident) => dueSignals(incident, sweep)),
    ...digestSignals(sweep),
  ];
}

const nameOf = (clusterId: string, id: Pick<IncidentId, "kind" | "subject">): string =>
  `${clusterId} ${incidentKey(id)}`;

type Look = Pick<Sweep, "nowMs" | "batteryEmptyMv">;

const lookAt = (cluster: ClusterView, { nowMs, batteryEmptyMv }: Look): readonly Finding[] => [
  ...DETECTORS.flatMap((detector) => detector(cluster, nowMs)),
  ...batteries(cluster, batteryEmptyMv),
];

function findingsOf(cluster: ClusterView, sweep: Sweep): readonly Found[] {
  const findings = [
    ...lookAt(cluster, sweep),
    ...expiringCertificates(sweep.certificates?.get(cluster.clusterId) ?? [], sweep.nowMs),
  ];
  const believed = withoutRemoved(findings, cluster, sweep.nodes, sweep.nowMs).filter((finding) =>
    isBelieved(finding, cluster.memory),
  );
  const told = isSplit(cluster, findings)
    ? believed.filter(({ kind, fires }) => !(fires && kind === "eeprom-unwritable"))
    : believed;
  return unknownOf(cluster.clusterId, told, cluster.incidents, sweep.nowMs);
}

/**
 * Two nodes act, or seem to: the chips that one of them cannot write are on the other side of the cut. Whatever still fails
 * when the bus is whole is told then.
 */
const isSplit = (cluster: ClusterView, findings: readonly Finding[]): boolean =>
  findings.some(({ kind, fires }) => kind === "split-brain" && fires) ||
  cluster.memory.doubts.some(({ kind }) => kind === "split-brain") ||
  firingOf(cluster, "split-brain", 0) !== undefined;

/** Ends in clusters that were taken out. No digest would be made of them. */
const removedSignals = ({ removed = [], policy, nowMs }: Sweep): readonly SweepSignal[] =>
  removed.flatMap((cluster) =>
    unknownOf(cluster.clusterId, endsOfRemoved(cluster, policy, nowMs), cluster.incidents, nowMs).map(
      (found) => signalOf(found, nowMs, false),
    ),
  );

/** What the next sweep is to know of the cluster. */
export const rememberedOf = (cluster: ClusterView, look: Look): Memory =>
  withDoubts(cluster.memory, lookAt(cluster, look));

function backendFindings({ clusters, queues, backend: incidents, policy, nowMs }: Sweep): readonly Found[] {
  const others = clusters.flatMap((cluster) => cluster.incidents);
  const found = [...backend(queues, nowMs), ...refusalsOver(incidents, others, policy, nowMs)];
  return unknownOf(BACKEND, found, incidents, nowMs);
}

/** Findings that the incident does not know of. */
const unknownOf = (
  clusterId: string,
  findings: readonly Finding[],
  incidents: readonly Incident[],
  nowMs: number,
): readonly Found[] =>
  findings
    .map((finding) => {
      const known = incidents.find(({ id }) => id.kind === finding.kind && id.subject === finding.subject);
      return { clusterId, finding, known };
    })
    .filter((found) => isNews(found, nowMs));

function isNews({ clusterId, finding, known }: Found, nowMs: number): boolean {
  if (!finding.fires && (finding.stays === true || known?.state !== "firing")) return false;
  const { kind, subject, order } = finding;
  const signal: Signal = finding.fires
    ? { signal: "fires", order, nowMs, facts: finding.facts }
    : { signal: "well", order, nowMs };
  const surroundings = { channels: [], storm: false, clockMs: nowMs };
  return observe({ clusterId, kind, subject }, known, signal, surroundings).next !== undefined;
}

function signalOf({ clusterId, finding }: Found, nowMs: number, storm: boolean): SweepSignal {
  const { kind, subject, order } = finding;
  const common = {
    source: "sweep",
    received_at: nowMs,
    cluster_id: clusterId,
    kind,
    subject,
    term: order.term,
    at: new Date(order.atMs).toISOString(),
  } as const;
  if (!finding.fires)
    return {
      ...common,
      type: "well",
      ...(storm ? { storm } : {}),
      ...(finding.removed === undefined ? {} : { removed: finding.removed }),
    };
  return { ...common, type: "firing", facts: finding.facts, ...(storm ? { storm } : {}) };
}

/** Of all clusters: what a fuse has ended comes back in all of them. */
function isOneOfMany({ known }: Found, all: readonly Incident[], nowMs: number): boolean {
  if (known === undefined || known.state === "recovered-before-onset") return false;
  const others = all.filter((one) => one !== known).flatMap((one) => neighbourOf(one) ?? []);
  return endsInCompany(known.episode.openedMs, others, nowMs);
}

const openedLately = ({ clusters, nowMs }: Sweep): number =>
  clusters
    .flatMap(({ incidents }) => incidents)
    .filter((one) => one.state !== "recovered-before-onset" && nowMs - one.episode.openedMs < STORM_WINDOW_MS)
    .length;

/** Incidents that have to learn that terms begin anew. */
const eraSignals = (cluster: ClusterView, nowMs: number): readonly SweepSignal[] =>
  cluster.incidents.flatMap((incident) => {
    const { id } = incident;
    const eraMs = newEraMs(cluster, incident);
    if (isBulletin(id.kind) || eraMs === undefined || eraMs <= (incident.eraMs ?? 0)) return [];
    return [
      {
        source: "sweep",
        type: "poll",
        received_at: nowMs,
        cluster_id: id.clusterId,
        kind: id.kind,
        subject: id.subject,
        era_ms: eraMs,
      } as const,
    ];
  });

/** A notification is due, or a digest is out that the incident does not know of. */
function dueSignals(incident: Incident, sweep: Sweep): readonly SweepSignal[] {
  const { id } = incident;
  if (incident.state === "recovered-before-onset" || isBulletin(id.kind)) return [];
  // Of a node that was taken out comes no reminder: who took it out knows.
  if (incident.state === "firing" && isRemoved(incident, sweep.nodes)) return [];
  const news = digestNews(incident, sweep.backend, sweep.policy);
  const poll: Signal = { signal: "poll", ...(news === undefined ? {} : { digest: news }) };
  const { channels } = sweep.policy;
  const { next } = observe(id, incident, poll, { channels, storm: false, clockMs: sweep.nowMs });
  if (next === undefined && !isNotificationDue(incident, sweep)) return [];
  return [
    {
      source: "sweep",
      type: "poll",
      received_at: sweep.nowMs,
      cluster_id: id.clusterId,
      kind: id.kind satisfies IncidentKind,
      subject: id.subject,
      ...(news === undefined ? {} : { digest: news }),
    },
  ];
}

/** Whether a notification of this incident is due to any channel now. */
export const isNotificationDue = (
  incident: Incident,
  { policy, nowMs, clusters }: Pick<Sweep, "policy" | "nowMs" | "clusters">,
): boolean => {
  const { id } = incident;
  const cluster = clusters.find(({ clusterId }) => clusterId === id.clusterId);
  const opened = neighbourOf(incident);
  const hold =
    cluster === undefined || opened === undefined
      ? undefined
      : holdOf(opened, neighbourhoodIn(cluster, id), nowMs);
  return policy.channels.some((channel) => dueNotification(incident, channel, policy, nowMs, hold).send);
};
