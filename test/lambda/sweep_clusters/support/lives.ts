/**
 * Lives of a cluster, played against both functions' decisions. Nothing is sent: what counts is when each incident begins and
 * ends, what the weekly report says, and whether that was so.
 */
import { fromItem, toItem } from "../../../../lambda/adapters/incident-item.ts";
import type { Incident } from "../../../../lambda/core/incident.ts";
import { observe } from "../../../../lambda/core/observe.ts";
import { parseInput } from "../../../../lambda/send_cluster_mail/core/input.ts";
import { parseConfig } from "../../../../lambda/sweep_clusters/core/config.ts";
import { heartbeatFrom } from "../../../../lambda/sweep_clusters/core/heartbeat.ts";
import type { StoredReading } from "../../../../lambda/sweep_clusters/core/ports.ts";
import {
  type BatterySample,
  type Heartbeat,
  type Memory,
  NO_MEMORY,
} from "../../../../lambda/sweep_clusters/core/view.ts";
import { makeHandler } from "../../../../lambda/sweep_clusters/handler.ts";
import { BACKEND, isBulletin } from "../../../../lib/contract/incidents.ts";
import { instant } from "../../../../lib/contract/messages.ts";
import { incidentKey } from "../../../../lib/contract/tables.ts";
import type { WeeklyReport } from "../../../../lib/contract/weekly.ts";
import { environment, NOON_MS } from "../../send_cluster_mail/support/fixtures.ts";
import { type Chapter, type Heard, type Lived, type LivedOn, play, QUARTER_MS } from "./life-model.ts";

/** That an incident began or ended. */
export interface Turn {
  readonly atMs: number;
  readonly incident: string;
  readonly state: "firing" | "resolved";
}

/** A week's report, and when it was put together. */
export interface Reported {
  readonly atMs: number;
  readonly report: WeeklyReport;
}

/** What was so, and what the cloud made of it. */
export interface Life extends Lived {
  readonly turns: readonly Turn[];
  readonly firing: ReadonlySet<string>;
  readonly reports: readonly Reported[];
}

/** Both functions' decisions, with a table of items and no mails. */
class Cloud implements LivedOn {
  readonly turns: Turn[] = [];
  readonly reports: Reported[] = [];
  readonly #incidents = new Map<string, Map<string, Incident>>([
    ["kitchen", new Map()],
    [BACKEND, new Map()],
  ]);
  readonly #heartbeats = new Map<number, Heartbeat>();
  readonly #batteries = new Map<number, readonly BatterySample[]>();
  readonly #stored = new Map<string, StoredReading>();
  #memory: Memory = NO_MEMORY;
  #atMs = 0;
  readonly #sweep = makeHandler({
    config: parseConfig({
      ...environment,
      CLUSTERS: '{"kitchen":{"nodes":2,"sleep_s":900}}',
      SEND_FUNCTION: "send",
    }),
    clusters: {
      read: async (clusterId) => ({
        clusterId,
        heartbeats: clusterId === "kitchen" ? [...this.#heartbeats.values()] : [],
        incidents: [...this.#incidents.get(clusterId)!.values()],
        batteries: this.#batteries,
        memory: this.#memory,
        unreadable: [],
      }),
      remember: async (clusterId, memory) => {
        if (clusterId === "kitchen") this.#memory = memory;
      },
      keepSamples: async (_, node, samples) => void this.#batteries.set(node, samples),
    },
    readings: {
      count: async (_, fromMs, untilMs) => this.#within(fromMs, untilMs).length,
      pages: async function* (this: Cloud, _: string, fromMs: number, untilMs: number) {
        yield this.#within(fromMs, untilMs);
      }.bind(this),
    },
    signals: { give: async (signal) => this.take(signal, this.#atMs) },
    log: () => undefined,
  });

  get firing(): ReadonlySet<string> {
    const kitchen = [...this.#incidents.get("kitchen")!];
    return new Set(kitchen.filter(([, { state }]) => state === "firing").map(([key]) => key));
  }

  #within(fromMs: number, untilMs: number): readonly StoredReading[] {
    const stored = [...this.#stored].sort(([x], [y]) => (x < y ? -1 : 1)).map(([, reading]) => reading);
    return stored.filter(({ measuredMs }) => measuredMs >= fromMs && measuredMs < untilMs);
  }

  async begin(): Promise<void> {}

  async sweep(atMs: number): Promise<void> {
    this.#atMs = atMs;
    await this.#sweep({ scheduled_time: new Date(atMs).toISOString() }, { awsRequestId: "sweep" });
  }

  async hear(item: Heard): Promise<void> {
    const { node, term, measured_at, temperature_c: temperatureC } = item;
    if (instant.safeParse(measured_at).success) {
      const measuredMs = Date.parse(measured_at);
      this.#stored.set(`${measured_at}#${node}`, { node, term, measuredMs, temperatureC });
    }
    try {
      const heartbeat = heartbeatFrom(item);
      this.#heartbeats.set(heartbeat.node, heartbeat);
    } catch {
      // As the adapter does with an item that it cannot read.
      this.#heartbeats.delete(node);
    }
  }

  /** An event or a signal of the sweep, through the item that is stored. */
  async take(given: unknown, atMs: number): Promise<void> {
    const { id, signal } = parseInput(given, QUARTER_MS);
    const incidents = this.#incidents.get(id.clusterId)!;
    const key = incidentKey(id).replace("incident#", "");
    const known = incidents.get(key);
    const { next } = observe(id, known, signal, { channels: [], storm: false, clockMs: atMs });
    if (next === undefined) return;
    incidents.set(key, fromItem(id, toItem({ ...next, rev: (known?.rev ?? 0) + 1 })));
    if (signal.signal === "weekly") this.reports.push({ atMs, report: signal.report });
    if (isBulletin(id.kind)) return;
    const state = (one: Incident | undefined) => (one?.state === "firing" ? "firing" : "resolved");
    if (state(next) !== state(known)) this.turns.push({ atMs, incident: key, state: state(next) });
  }
}

/** The life as both functions see it. @param startMs epoch ms */
export async function live(chapters: readonly Chapter[], startMs: number = NOON_MS): Promise<Life> {
  const cloud = new Cloud();
  const lived = await play(chapters, cloud, startMs);
  return { ...lived, turns: cloud.turns, firing: cloud.firing, reports: cloud.reports };
}
