/**
 * Lives of a cluster of two nodes: deaths, takeovers, splits, chips swapped for new ones, outages within all of these, clocks
 * that are wrong, packs that dip. What the nodes publish goes to whatever plays the cloud.
 */
import { death, MINUTE_MS, NOON_MS, recovery } from "../../send_cluster_mail/support/fixtures.ts";

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
export const QUARTER_MS = 15 * MINUTE_MS;
/** In each quarter. */
const WAKE_MS = [2 * MINUTE_MS, 9 * MINUTE_MS] as const;
const PACK_MV = 5_300;
const LOW_MV = 4_700;

/** What is so in one quarter. */
export interface Truth {
  readonly dead: readonly [boolean, boolean];
  readonly split: boolean;
  readonly online: boolean;
  readonly wrong: readonly [boolean, boolean];
}

/** A reading as the rules store it. */
export interface Heard {
  readonly node: number;
  readonly received_at: number;
  readonly measured_at: string;
  readonly term: number;
  readonly temperature_c: number;
  readonly [field: string]: unknown;
}

/** What plays the cloud. Times are epoch ms, and never go back. */
export interface LivedOn {
  /** A quarter of an hour begins, counted from the life's start. */
  begin(quarter: number, atMs: number): Promise<void>;
  sweep(atMs: number): Promise<void>;
  hear(reading: Heard): Promise<void>;
  /** An event that a node publishes. */
  take(event: Readonly<Record<string, unknown>>, atMs: number): Promise<void>;
}

/** What was so, whatever the cloud made of it. */
export interface Lived {
  readonly startMs: number;
  /** By quarter. */
  readonly truths: readonly Truth[];
  /** Readings in each chapter, by node, with a wrong clock and with a right one. */
  readonly readings: readonly { readonly wrong: readonly number[]; readonly right: readonly number[] }[];
  /** All that were published, in their order. */
  readonly heard: readonly Heard[];
  /** Who took the role over, under which term, and when. */
  readonly failovers: readonly {
    readonly node: number;
    readonly term: number;
    readonly atMs: number;
  }[];
}

const OFFSETS: Partial<Record<Clock, number>> = { "9 min behind": 9, "50 min behind": 50 };

function said(clock: Clock, atMs: number): string {
  const year = /^\d{4}$/.test(clock) ? clock : undefined;
  if (clock === "no time") return "2000-00-00T00:00:00.000Z";
  const text = new Date(atMs - (OFFSETS[clock] ?? 0) * MINUTE_MS).toISOString();
  return year === undefined ? text : `${year}${text.slice(4)}`;
}
const isWrong = (clock: Clock): boolean => clock !== "right" && clock !== "9 min behind";

interface Report {
  readonly by: number;
  readonly type: "node_dead" | "node_admitted";
  readonly subject: number;
}

/** The nodes, as far as the cloud can see them. */
class Nodes {
  primary = 0;
  term = 40;
  /** The other one, which acts as well. */
  second: { readonly node: number; readonly term: number } | undefined;
  readonly dead: [boolean, boolean] = [false, false];
  /** The bus is cut: each holds the other to be dead. */
  cut = false;
  /** Not delivered yet. */
  reports: Report[] = [];
  readonly tookOver: (node: number, term: number) => void;

  constructor(tookOver: (node: number, term: number) => void) {
    this.tookOver = tookOver;
  }

  termOf = (node: number): number | undefined =>
    this.second?.node === node
      ? this.second.term
      : node === this.primary && !this.dead[node]
        ? this.term
        : undefined;

  /** A death that was not delivered before it was over is never reported. */
  report(by: number, type: Report["type"], subject: number): void {
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
      this.tookOver(this.primary, this.term);
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
      this.tookOver(other, this.term + 1);
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

/** The life, with its clouds told of each quarter. @param startMs epoch ms, the beginning of a quarter of an hour */
export async function play(
  chapters: readonly Chapter[],
  cloud: LivedOn,
  startMs: number = NOON_MS,
): Promise<Lived> {
  let quarterMs = startMs;
  const failovers: { node: number; term: number; atMs: number }[] = [];
  const nodes = new Nodes((node, term) => failovers.push({ node, term, atMs: quarterMs }));
  const truths: Truth[] = [];
  const heard: Heard[] = [];
  const readings: { wrong: number[]; right: number[] }[] = [];
  for (const [index, chapter] of chapters.entries()) {
    const counted = { wrong: [0, 0], right: [0, 0] };
    readings.push(counted);
    for (let quarter = 0; quarter < CHAPTER_QUARTERS; quarter++) {
      const number = index * CHAPTER_QUARTERS + quarter;
      quarterMs = startMs + number * QUARTER_MS;
      const [from, quarters] = chapter.outage;
      const online = quarter < from || quarter >= from + quarters;
      const sweepMs = quarterMs + chapter.sweepMin * MINUTE_MS;
      nodes.step(chapter, quarter);
      await cloud.begin(number, quarterMs);
      if (sweepMs <= quarterMs) await cloud.sweep(sweepMs);
      for (const node of [0, 1]) {
        const atMs = quarterMs + WAKE_MS[node]!;
        const term = online ? nodes.termOf(node) : undefined;
        if (term !== undefined) {
          const about = { node, term, atMs, mv: packOf(chapter, quarter), temperatureC: roomAt(quarterMs) };
          heard.push(await publish(cloud, nodes, chapter, about));
          (isWrong(chapter.clocks[node]!) ? counted.wrong : counted.right)[node]! += 1;
        }
        // After this wake, and before the next.
        if (sweepMs > atMs && !(sweepMs > (WAKE_MS[node + 1] ?? Number.POSITIVE_INFINITY) + quarterMs))
          await cloud.sweep(sweepMs);
      }
      const { cut, dead } = nodes;
      const wrong = [isWrong(chapter.clocks[0]), isWrong(chapter.clocks[1])] as const;
      truths.push({ dead: [dead[0] || cut, dead[1] || cut], split: cut, online, wrong });
    }
  }
  return { startMs, truths, readings, heard, failovers };
}

const packOf = ({ what, quarters }: Chapter, quarter: number): number => {
  const isLow =
    what === "dip" ? quarter === quarters : what === "low" && quarter >= 4 && quarter < 6 + quarters;
  return isLow ? LOW_MV : PACK_MV;
};

/** °C: it rises and falls by day, slowly enough for two nodes to agree. */
const roomAt = (atMs: number): number =>
  Math.round(10 * (20 + 2 * Math.sin((atMs / 86_400_000) * 2 * Math.PI))) / 10;

async function publish(
  cloud: LivedOn,
  nodes: Nodes,
  { clocks }: Chapter,
  {
    node,
    term,
    atMs,
    mv,
    temperatureC,
  }: {
    readonly node: number;
    readonly term: number;
    readonly atMs: number;
    readonly mv: number;
    readonly temperatureC: number;
  },
): Promise<Heard> {
  const measured_at = said(clocks[node]!, atMs - 2_000);
  for (const { by, type, subject } of nodes.reports) {
    if (by !== node) continue;
    const event = (type === "node_dead" ? death : recovery)({ node, subject, term });
    await cloud.take({ ...event, at: measured_at, received_at: atMs - 1_000 }, atMs);
  }
  nodes.reports = nodes.reports.filter(({ by }) => by !== node);
  const reading = {
    node,
    received_at: atMs,
    measured_at,
    sleep_s: 900,
    temperature_c: temperatureC,
    battery_mv: mv,
    term,
    unwritable_eeproms: 0,
    suspects: 0,
  };
  await cloud.hear(reading);
  return reading;
}
