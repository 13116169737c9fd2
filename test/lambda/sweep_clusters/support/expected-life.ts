/** What must hold of every life: nothing untrue is said, and nothing that lasts is left unsaid. */
import { MINUTE_MS } from "../../send_cluster_mail/support/fixtures.ts";
import { brokenReports } from "./expected-week.ts";
import { CHAPTER_QUARTERS, type Chapter, QUARTER_MS } from "./life-model.ts";
import type { Life, Turn } from "./lives.ts";

const HOUR_MS = 60 * MINUTE_MS;

/** A sweep sees up to a quarter later what readings said. */
const LATE_QUARTERS = 2;

/** What else a life may be due to, where the way to the cloud is long. */
export interface Way {
  /** Events come hours late, and fail for good and are replayed: a death may be told when it is over. */
  readonly isLong: boolean;
}

/** What is broken, a line each; none: all holds. */
export function brokenIn(
  life: Life,
  chapters: readonly Chapter[],
  way: Way = { isLong: false },
): readonly string[] {
  return [
    ...life.turns.flatMap((turn) => untrue(life, chapters, turn, way)),
    ...(way.isLong ? [] : chapters.flatMap((chapter, index) => untold(life, chapter, index))),
    ...(way.isLong ? [] : [...unheardUntold(life), ...brokenReports(life)]),
    ...[...life.firing]
      .filter((incident) => !isUnheard(life, incident))
      .map((incident) => `${incident} still fires at the end`),
  ];
}

/** A standby publishes nothing: whether its clock is right by now nobody knows. */
function isUnheard({ readings }: Life, incident: string): boolean {
  const [kind, node] = incident.split("#");
  return kind === "clock-wrong" && readings.at(-1)?.right[Number(node)] === 0;
}

const quarterOf = ({ startMs }: Life, atMs: number): number => Math.floor((atMs - startMs) / QUARTER_MS);

/** A signal of the sweep may be so late, and still open an incident. */
const SIGNAL_LATE_MS = QUARTER_MS;

/** Nobody was heard for an hour, now or when the sweep looked. */
function wasSilent({ heard }: Life, atMs: number, { isLong }: Way): boolean {
  const times = heard.map(({ received_at }) => received_at).filter((ms) => ms <= atMs);
  const fromMs = isLong ? atMs - SIGNAL_LATE_MS : atMs;
  return times.some((ms, i) => {
    const untilMs = times[i + 1] ?? atMs;
    return untilMs >= fromMs && untilMs - ms >= HOUR_MS;
  });
}

function untrue(
  life: Life,
  chapters: readonly Chapter[],
  { atMs, incident, state }: Turn,
  way: Way,
): readonly string[] {
  const { truths } = life;
  // After the last chapter all is as it was at its end.
  const quarter = Math.min(quarterOf(life, atMs), truths.length - 1);
  const chapter = Math.floor(quarter / CHAPTER_QUARTERS);
  const recent = truths.slice(Math.max(0, quarter - LATE_QUARTERS - (way.isLong ? 1 : 0)), quarter + 1);
  const now = truths[quarter]!;
  const [kind, subject] = incident.split("#");
  const node = Number(subject);
  const { what } = chapters[chapter]!;
  const where = `${incident} ${state} in quarter ${quarter % CHAPTER_QUARTERS} of ${what} (${chapter})`;
  const isTrue = {
    "node-dead": () =>
      way.isLong || (state === "firing" ? recent.some(({ dead }) => dead[node]) : !now.dead[node]),
    "split-brain": () => (state === "firing" ? recent.some(({ split }) => split) : way.isLong || !now.split),
    "cluster-silent": () => state === "resolved" || wasSilent(life, atMs, way),
    "battery-low": () => state === "resolved" || what === "low",
    "clock-wrong": () => state === "resolved" || recent.some(({ wrong }) => wrong[node]),
  }[kind!];
  return isTrue?.() === true ? [] : [where];
}

function untold(life: Life, chapter: Chapter, index: number): readonly string[] {
  const { turns, truths, readings } = life;
  const { what, quarters } = chapter;
  const from = index * CHAPTER_QUARTERS;
  const own = turns.filter(({ atMs }) => Math.floor(quarterOf(life, atMs) / CHAPTER_QUARTERS) === index);
  const fired = (kind: string) =>
    own.some(({ incident, state }) => state === "firing" && incident.startsWith(kind));
  const heardIn = (is: (truth: (typeof truths)[number]) => boolean): number =>
    truths.slice(from, from + CHAPTER_QUARTERS).filter((truth) => truth.online && is(truth)).length;
  const missing: string[] = [];
  // Two to report it, one for the wake that does.
  if ((what === "death" || what === "takeover") && heardIn(({ dead }) => dead[0] || dead[1]) > 4 + 3)
    if (!fired("node-dead")) missing.push(`a death is not told in ${what} (${index})`);
  if (what === "split" && quarters >= 6 && chapter.outage[1] === 0)
    if (!fired("split-brain")) missing.push(`a split is not told (${index})`);
  if (what === "low" && chapter.outage[1] === 0)
    if (!fired("battery-low")) missing.push(`a low pack is not told (${index})`);
  for (const node of [0, 1])
    if (readings[index]!.wrong[node]! > 3 && !isKnown(life, `clock-wrong#${node}`, from))
      missing.push(`a wrong clock of node ${node} is not told (${index})`);
  return missing;
}

/** Two sweeps are so far apart at most: the chapter before may have swept early in each quarter. */
const SWEPT_WITHIN_MS = 35 * MINUTE_MS;

/** Silence is told of within a sweep or two. */
function unheardUntold({ heard, turns, startMs, truths }: Life): readonly string[] {
  const times = heard.map(({ received_at }) => received_at);
  const endMs = startMs + truths.length * QUARTER_MS;
  return times.flatMap((ms, i) => {
    const dueMs = ms + HOUR_MS + SWEPT_WITHIN_MS;
    if ((times[i + 1] ?? endMs) < dueMs) return [];
    const last = turns.findLast(({ incident, atMs }) => incident === "cluster-silent#0" && atMs <= dueMs);
    return last?.state === "firing" ? [] : [`silence since ${new Date(ms).toISOString()} is not told`];
  });
}

/** It fires within the chapter, or has since before it. */
function isKnown(life: Life, incident: string, fromQuarter: number): boolean {
  const own = life.turns.filter((turn) => turn.incident === incident);
  const before = own.filter(({ atMs }) => quarterOf(life, atMs) < fromQuarter).at(-1);
  const within = own.filter(({ atMs }) => {
    const quarter = quarterOf(life, atMs) - fromQuarter;
    return quarter >= 0 && quarter < CHAPTER_QUARTERS;
  });
  return before?.state === "firing" || within.some(({ state }) => state === "firing");
}
