/** The weekly report: put together once the week is over, and kept as an item, so that each channel gets it once. */
import { isBulletin, type SweepSignal } from "../../../lib/contract/incidents.ts";
import {
  type ClusterWeek,
  type IncidentWeek,
  WEEK_HOURS,
  WEEK_MS,
  WEEKLY_INCIDENTS_MAX,
  type WeeklyReport,
} from "../../../lib/contract/weekly.ts";
import type { ClusterConfig } from "../../core/environment.ts";
import type { Firing, Incident, Resolved } from "../../core/incident.ts";
import type { Config } from "./config.ts";
import { DAY_MS, forecastDays } from "./detect/battery.ts";
import { isNotificationDue, type Sweep } from "./plan.ts";
import type { Readings, StoredReading } from "./ports.ts";
import type { ClusterView } from "./view.ts";

const HOUR_MS = 3_600_000;
/** 1970-01-05 was a Monday. */
const FIRST_MONDAY_MS = 4 * DAY_MS;
/** A report may come from Monday 07:00 UTC on, and is put together within a day from then: later its time is past. */
const FROM_HOUR_MS = 7 * HOUR_MS;

/** A span of time; epoch ms. */
export interface Span {
  readonly fromMs: number;
  readonly untilMs: number;
}

/** The week, Monday to Monday in UTC, whose report is put together now; undefined: none is. */
export function weekToReport(nowMs: number, backend: readonly Incident[]): Span | undefined {
  const untilMs = Math.floor((nowMs - FIRST_MONDAY_MS) / WEEK_MS) * WEEK_MS + FIRST_MONDAY_MS;
  const sinceMs = nowMs - untilMs - FROM_HOUR_MS;
  const week = { fromMs: untilMs - WEEK_MS, untilMs };
  return sinceMs >= 0 && sinceMs < DAY_MS && reportOf(backend, week.fromMs) === undefined ? week : undefined;
}

/** The stored report of the week that began so. */
function reportOf(backend: readonly Incident[], fromMs: number): WeeklyReport | undefined {
  const found = backend.find(({ id }) => id.kind === "weekly" && id.subject === fromMs / 1_000);
  return found !== undefined && isOpened(found) && found.facts.kind === "weekly"
    ? found.facts.report
    : undefined;
}

const isOpened = (incident: Incident): incident is Firing | Resolved =>
  incident.state !== "recovered-before-onset";

/**
 * Terms begin at 1 again where all chips were swapped for new ones: once a lower term alone was read for so long. In a split
 * the higher one is read as well. Ms: four sleeps of 15 minutes.
 */
const NEW_ERA_MS = HOUR_MS;

/** Takes the readings of a cluster's week, oldest first, and keeps sums alone. */
export class WeekTally {
  readonly #fromMs: number;
  readonly #hours = Array.from({ length: WEEK_HOURS }, () => ({ sum: 0, count: 0 }));
  #stored = 0;
  #lowest = Number.POSITIVE_INFINITY;
  #highest = Number.NEGATIVE_INFINITY;
  #failovers = 0;
  #firstMs: number | undefined;
  #last: StoredReading | undefined;
  #termMax = 0;
  /** Since when lower terms alone were read. */
  #lowerSinceMs: number | undefined;

  /** @param fromMs when the week began, epoch ms */
  constructor(fromMs: number) {
    this.#fromMs = fromMs;
  }

  add(reading: StoredReading): void {
    const { measuredMs, temperatureC, node, term } = reading;
    this.#stored += 1;
    this.#firstMs ??= measuredMs;
    this.#lowest = Math.min(this.#lowest, temperatureC);
    this.#highest = Math.max(this.#highest, temperatureC);
    const hour = this.#hours[Math.floor((measuredMs - this.#fromMs) / HOUR_MS)];
    if (hour !== undefined) {
      hour.sum += temperatureC;
      hour.count += 1;
    }
    // Of two that both publish, the older one is none that has taken over. The published protocol has no terms.
    const isNewer = term > this.#termMax || term === 0;
    if (this.#last !== undefined && this.#last.node !== node && isNewer) this.#failovers += 1;
    this.#noteTerm(reading);
    this.#last = reading;
  }

  #noteTerm({ term, measuredMs }: StoredReading): void {
    this.#lowerSinceMs = term < this.#termMax ? (this.#lowerSinceMs ?? measuredMs) : undefined;
    const isNewEra = this.#lowerSinceMs !== undefined && measuredMs - this.#lowerSinceMs >= NEW_ERA_MS;
    if (isNewEra || term > this.#termMax) {
      this.#termMax = term;
      this.#lowerSinceMs = undefined;
    }
  }

  /** @param isFirst the cluster may be younger than the week: readings are due from its first one on */
  result(
    { clusterId, batteries }: Pick<ClusterView, "clusterId" | "batteries">,
    { sleepS }: ClusterConfig,
    batteryEmptyMv: number,
    isFirst: boolean,
  ): ClusterWeek {
    const dueFromMs = isFirst ? (this.#firstMs ?? this.#fromMs) : this.#fromMs;
    const sum = this.#hours.reduce((total, hour) => total + hour.sum, 0);
    const count = this.#hours.reduce((total, hour) => total + hour.count, 0);
    return {
      cluster_id: clusterId,
      due: Math.round((this.#fromMs + WEEK_MS - dueFromMs) / (sleepS * 1_000)),
      stored: this.#stored,
      temperatures_c:
        count === 0 ? null : { lowest: this.#lowest, mean: tenths(sum / count), highest: this.#highest },
      failovers: this.#failovers,
      hourly_c: this.#hours.map((hour) => (hour.count === 0 ? null : tenths(hour.sum / hour.count))),
      batteries: [...batteries].flatMap(([node, samples]) => {
        const last = samples.at(-1);
        return last === undefined
          ? []
          : [{ node, mv: last.mv, days_left: forecastDays(samples, batteryEmptyMv) }];
      }),
    };
  }
}

const tenths = (value: number): number => Math.round(value * 10) / 10;

/** The week's numbers of an incident: what has come since the report before. */
function incidentWeek(
  incident: Firing | Resolved,
  week: Span,
  before: WeeklyReport | undefined,
): IncidentWeek {
  const { id, episode, state, channels } = incident;
  const known = before?.incidents.find(
    ({ cluster_id, kind, subject }) =>
      cluster_id === id.clusterId && kind === id.kind && subject === id.subject,
  );
  const mails_ever = Object.fromEntries(
    Object.entries(channels).map(([channel, { mails = 0 }]) => [channel, mails]),
  );
  const isOld = known === undefined && episode.openedMs < week.fromMs;
  const since = (ever: number, then: number | undefined): number =>
    Math.max(0, isOld ? 0 : ever - (then ?? 0));
  return {
    cluster_id: id.clusterId,
    kind: id.kind,
    subject: id.subject,
    firing: state === "firing",
    episodes_ever: episode.number,
    mails_ever,
    episodes: since(episode.number, known?.episodes_ever),
    mails: Object.fromEntries(
      Object.entries(mails_ever).map(([channel, ever]) => [channel, since(ever, known?.mails_ever[channel])]),
    ),
  };
}

/** The report's signal; none where there is nothing to say, because no reading was ever heard of. */
function newReport(
  week: Span,
  clusters: readonly ClusterWeek[],
  { clusters: views, backend, nowMs }: Pick<Sweep, "clusters" | "backend" | "nowMs">,
): readonly SweepSignal[] {
  const before = reportOf(backend, week.fromMs - WEEK_MS);
  if (before === undefined && clusters.every(({ stored }) => stored === 0)) return [];
  const incidents = [...views.flatMap((view) => view.incidents), ...backend]
    .filter(isOpened)
    .filter(({ id }) => !isBulletin(id.kind))
    .map((incident) => incidentWeek(incident, week, before))
    .slice(0, WEEKLY_INCIDENTS_MAX);
  const report = { from_ms: week.fromMs, until_ms: week.untilMs, clusters: [...clusters], incidents };
  return [{ source: "sweep", type: "weekly", received_at: nowMs, report }];
}

/** What putting a report together takes. */
export interface WeeklyDependencies {
  readonly config: Pick<Config, "clusters" | "weekly" | "batteryEmptyMv">;
  /** Absent: there are no reports. */
  readonly readings?: Readings;
}

/**
 * Reports that are owed, and the new one where it is time: then one Query a cluster, of the week's readings.
 * @throws what `readings` throws: the next sweep tries again
 */
export async function weeklySignals(
  { config, readings }: WeeklyDependencies,
  sweep: Pick<Sweep, "clusters" | "backend" | "policy" | "nowMs">,
): Promise<readonly SweepSignal[]> {
  const owed = owedReports(sweep);
  const week = weekToReport(sweep.nowMs, sweep.backend);
  if (readings === undefined || !config.weekly || week === undefined) return owed;
  const isFirst = reportOf(sweep.backend, week.fromMs - WEEK_MS) === undefined;
  const clusters = await Promise.all(
    [...config.clusters].map(async ([clusterId, cluster]) => {
      const tally = new WeekTally(week.fromMs);
      for await (const page of readings.pages(clusterId, week.fromMs, week.untilMs))
        for (const reading of page) tally.add(reading);
      const batteries = sweep.clusters.find((view) => view.clusterId === clusterId)?.batteries ?? new Map();
      return tally.result({ clusterId, batteries }, cluster, config.batteryEmptyMv, isFirst);
    }),
  );
  return [...owed, ...newReport(week, clusters, sweep)];
}

/** Stored reports that a channel has not been told: after its quiet hours, or after an attempt that was cut off. */
const owedReports = (sweep: Pick<Sweep, "backend" | "policy" | "nowMs">): readonly SweepSignal[] =>
  sweep.backend.flatMap((incident): SweepSignal[] => {
    if (
      !isOpened(incident) ||
      incident.facts.kind !== "weekly" ||
      !isNotificationDue(incident, { ...sweep, clusters: [] })
    )
      return [];
    return [{ source: "sweep", type: "weekly", received_at: sweep.nowMs, report: incident.facts.report }];
  });
