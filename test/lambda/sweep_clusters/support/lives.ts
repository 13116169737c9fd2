/**
 * Lives of a cluster of two nodes, played against what the cloud makes of them: deaths, takeovers, splits, chips swapped for
 * new ones, outages within all of these, clocks that are wrong, packs that dip. Nothing is sent: what counts is when each
 * incident begins and ends, and whether that was so.
 */
import { fromItem, toItem } from "../../../../lambda/adapters/incident-item.ts";
import type { Incident } from "../../../../lambda/core/incident.ts";
import { observe } from "../../../../lambda/core/observe.ts";
import { parseInput } from "../../../../lambda/send_cluster_mail/core/input.ts";
import { parseConfig } from "../../../../lambda/sweep_clusters/core/config.ts";
import { heartbeatFrom } from "../../../../lambda/sweep_clusters/core/heartbeat.ts";
import {
  type BatterySample,
  type Heartbeat,
  type Memory,
  NO_MEMORY,
} from "../../../../lambda/sweep_clusters/core/view.ts";
import { makeHandler } from "../../../../lambda/sweep_clusters/handler.ts";
import { incidentKey } from "../../../../lib/contract/tables.ts";
import {
  death,
  environment,
  MINUTE_MS,
  NOON_MS,
  recovery,
} from "../../send_cluster_mail/support/fixtures.ts";

export const CLOCKS = [
  "right",
  "9 min behind",
  "50 min behind",
  "1900",
  "1970",
  "2000",
  "2056",
  "no time",
] as const;
export type Clock = (typeof CLOCKS)[number];

/** Ten hours: what happens, for how many quarters, with an outage inside or none, on whose clocks. */
export interface Chapter {
  readonly what: "calm" | "death" | "takeover" | "split" | "swap" | "dip" | "low";
  readonly quarters: number;
  /** From this quarter on, for so many; 0: none. */
  readonly outage: readonly [from: number, quarters: number];
  readonly clocks: readonly [Clock, Clock];
  /** Before both wakes, between them, or after both. */
  readonly sweepMin: 0 | 5 | 12;
}

export const CHAPTER_QUARTERS = 40;
const QUARTER_MS = 15 * MINUTE_MS;
/** In each quarter. */
const WAKE_MS = [2 * MINUTE_MS, 9 * MINUTE_MS] as const;
const PACK_MV = 5_300;
const LOW_MV = 4_700;

/** That an incident began or ended. */
export interface Turn {
  readonly atMs: number;
  /** Of the newest reading before it, epoch ms. */
  readonly lastHeardMs: number;
  readonly chapter: number;
  readonly incident: string;
  readonly state: "firing" | "resolved";
}

/** What is so in one quarter. */
export interface Truth {
  readonly dead: readonly [boolean, boolean];
  readonly split: boolean;
  readonly online: boolean;
  readonly wrong: readonly [boolean, boolean];
}

export interface Life {
  readonly turns: readonly Turn[];
  /** By quarter. */
  readonly truths: readonly Truth[];
  /** Readings in each chapter, by node, with a wrong clock and with a right one. */
  readonly readings: readonly { readonly wrong: readonly number[]; readonly right: readonly number[] }[];
  readonly firing: ReadonlySet<string>;
}

const OFFSETS: Partial<Record<Clock, number>> = { "9 min behind": 9, "50 min behind": 50 };

function said(clock: Clock, atMs: number): string {
  const year = /^\d{4}$/.test(clock) ? clock : undefined;
  if (clock === "no time") return "2000-00-00T00:00:00.000Z";
  const text = new Date(atMs - (OFFSETS[clock] ?? 0) * MINUTE_MS).toISOString();
  return year === undefined ? text : `${year}${text.slice(4)}`;
}
const isWrong = (clock: Clock): boolean => clock !== "right" && clock !== "9 min behind";

/** The nodes, as far as the cloud can see them. */
class Nodes {
  primary = 0;
  term = 40;
  /** The other one, which acts as well. */
  second: { readonly node: number; readonly term: number } | undefined;
  readonly dead: [boolean, boolean] = [false, false];
  /** The bus is cut: each holds the other to be dead. */
  cut = false;
  /** Not delivered yet: by reporter. */
  reports: { readonly by: number; readonly type: "node_dead" | "node_admitted"; readonly subject: number }[] =
    [];

  termOf = (node: number): number | undefined =>
    this.second?.node === node
      ? this.second.term
      : node === this.primary && !this.dead[node]
        ? this.term
        : undefined;

  /** A death that was not delivered before it was over is never reported. */
  report(by: number, type: "node_dead" | "node_admitted", subject: number): void {
    const undelivered = this.reports.some((one) => one.type === "node_dead" && one.subject === subject);
    if (type === "node_admitted" && undelivered)
      this.reports = this.reports.filter((one) => one.subject !== subject);
    else this.reports.push({ by, type, subject });
  }

  /** What happens at the beginning of a quarter of a chapter. */
  step({ what, quarters }: Chapter, quarter: number): void {
    if (what === "death") this.#death(quarters, quarter);
    if (what === "takeover") this.#takeover(quarters, quarter);
    if (what === "split") this.#split(quarters, quarter);
    if (what === "swap" && quarter === 1) {
      this.term = 1;
      if (quarters % 2 === 1) this.primary = 1 - this.primary;
    }
  }

  #death(quarters: number, quarter: number): void {
    const other = 1 - this.primary;
    if (quarter === 0) this.dead[other] = true;
    if (quarter === 2) this.report(this.primary, "node_dead", other);
    if (quarter === 2 + quarters) this.dead[other] = false;
    if (quarter === 4 + quarters) this.report(this.primary, "node_admitted", other);
  }

  #takeover(quarters: number, quarter: number): void {
    if (quarter === 0) this.dead[this.primary] = true;
    if (quarter === 3) {
      this.primary = 1 - this.primary;
      this.term += 1;
      this.report(this.primary, "node_dead", 1 - this.primary);
    }
    if (quarter === 3 + quarters) this.dead[1 - this.primary] = false;
    if (quarter === 5 + quarters) this.report(this.primary, "node_admitted", 1 - this.primary);
  }

  #split(quarters: number, quarter: number): void {
    const other = 1 - this.primary;
    if (quarter === 0) this.cut = true;
    if (quarter === 2) this.report(this.primary, "node_dead", other);
    if (quarter === 3) {
      this.second = { node: other, term: this.term + 1 };
      this.report(other, "node_dead", this.primary);
    }
    if (quarter === 3 + quarters && this.second !== undefined) {
      this.cut = false;
      // The newer term stays. That it was told dead itself, nobody takes back.
      this.reports = this.reports.filter(({ by }) => by !== this.primary);
      this.primary = this.second.node;
      this.term = this.second.term;
      this.second = undefined;
    }
    if (quarter === 5 + quarters) this.report(this.primary, "node_admitted", 1 - this.primary);
  }
}

/** Both functions' decisions, with a table of items and no mails. */
class Cloud {
  readonly turns: Turn[] = [];
  readonly incidents = new Map<string, Incident>();
  readonly #heartbeats = new Map<number, Heartbeat>();
  readonly #batteries = new Map<number, readonly BatterySample[]>();
  #memory: Memory = NO_MEMORY;
  chapter = 0;
  #atMs = 0;
  #lastHeardMs = NOON_MS;
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
        incidents: clusterId === "kitchen" ? [...this.incidents.values()] : [],
        batteries: this.#batteries,
        memory: this.#memory,
        unreadable: [],
      }),
      remember: async (_, memory) => {
        this.#memory = memory;
      },
      keepSamples: async (_, node, samples) => void this.#batteries.set(node, samples),
    },
    signals: { give: async (signal) => this.take(signal, this.#atMs) },
    log: () => undefined,
  });

  async sweep(atMs: number): Promise<void> {
    this.#atMs = atMs;
    await this.#sweep({ scheduled_time: new Date(atMs).toISOString() }, { awsRequestId: "sweep" });
  }

  hear(item: Readonly<Record<string, unknown>>): void {
    this.#lastHeardMs = Number(item.received_at);
    try {
      const heartbeat = heartbeatFrom(item);
      this.#heartbeats.set(heartbeat.node, heartbeat);
    } catch {
      // As the adapter does with an item that it cannot read.
      this.#heartbeats.delete(Number(item.node));
    }
  }

  /** An event or a signal of the sweep, through the item that is stored. */
  take(given: unknown, atMs: number): void {
    const { id, signal } = parseInput(given, QUARTER_MS);
    const key = incidentKey(id).replace("incident#", "");
    const known = this.incidents.get(key);
    const { next } = observe(id, known, signal, { channels: [], storm: false, clockMs: atMs });
    if (next === undefined) return;
    this.incidents.set(key, fromItem(id, toItem({ ...next, rev: (known?.rev ?? 0) + 1 })));
    const state = (one: Incident | undefined) => (one?.state === "firing" ? "firing" : "resolved");
    if (state(next) !== state(known))
      this.turns.push({
        atMs,
        lastHeardMs: this.#lastHeardMs,
        chapter: this.chapter,
        incident: key,
        state: state(next),
      });
  }
}

export async function live(chapters: readonly Chapter[]): Promise<Life> {
  const [nodes, cloud] = [new Nodes(), new Cloud()];
  const truths: Truth[] = [];
  const readings: { wrong: number[]; right: number[] }[] = [];
  for (const [index, chapter] of chapters.entries()) {
    cloud.chapter = index;
    const counted = { wrong: [0, 0], right: [0, 0] };
    readings.push(counted);
    for (let quarter = 0; quarter < CHAPTER_QUARTERS; quarter++) {
      const quarterMs = NOON_MS + (index * CHAPTER_QUARTERS + quarter) * QUARTER_MS;
      const [from, quarters] = chapter.outage;
      const online = quarter < from || quarter >= from + quarters;
      const sweepMs = quarterMs + chapter.sweepMin * MINUTE_MS;
      nodes.step(chapter, quarter);
      if (sweepMs <= quarterMs) await cloud.sweep(sweepMs);
      for (const node of [0, 1]) {
        const atMs = quarterMs + WAKE_MS[node]!;
        const term = online ? nodes.termOf(node) : undefined;
        if (term !== undefined) {
          publish(cloud, nodes, chapter, { node, term, atMs, mv: packOf(chapter, quarter) });
          (isWrong(chapter.clocks[node]!) ? counted.wrong : counted.right)[node]! += 1;
        }
        // After this wake, and before the next.
        if (sweepMs > atMs && !(sweepMs > (WAKE_MS[node + 1] ?? Number.POSITIVE_INFINITY) + quarterMs))
          await cloud.sweep(sweepMs);
      }
      const { cut, dead } = nodes;
      const wrong = [isWrong(chapter.clocks[0]), isWrong(chapter.clocks[1])] as const;
      truths.push({
        dead: [dead[0] || cut, dead[1] || cut],
        split: cut,
        online,
        wrong,
      });
    }
  }
  const firing = [...cloud.incidents].filter(([, { state }]) => state === "firing").map(([key]) => key);
  return { turns: cloud.turns, truths, readings, firing: new Set(firing) };
}

const packOf = ({ what, quarters }: Chapter, quarter: number): number => {
  const isLow =
    what === "dip" ? quarter === quarters : what === "low" && quarter >= 4 && quarter < 6 + quarters;
  return isLow ? LOW_MV : PACK_MV;
};

function publish(
  cloud: Cloud,
  nodes: Nodes,
  { clocks }: Chapter,
  {
    node,
    term,
    atMs,
    mv,
  }: { readonly node: number; readonly term: number; readonly atMs: number; readonly mv: number },
): void {
  const measured_at = said(clocks[node]!, atMs - 2_000);
  for (const { by, type, subject } of nodes.reports) {
    if (by !== node) continue;
    const event = (type === "node_dead" ? death : recovery)({ node, subject, term });
    cloud.take({ ...event, at: measured_at, received_at: atMs - 1_000 }, atMs);
  }
  nodes.reports = nodes.reports.filter(({ by }) => by !== node);
  cloud.hear({
    node,
    received_at: atMs,
    measured_at,
    sleep_s: 900,
    temperature_c: 20,
    battery_mv: mv,
    term,
    unwritable_eeproms: 0,
    suspects: 0,
  });
}

/** The quarter of an instant. */
export const quarterOf = (atMs: number): number => Math.floor((atMs - NOON_MS) / QUARTER_MS);
