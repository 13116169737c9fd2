/** What must hold of every life: nothing untrue is said, and nothing that lasts is left unsaid. */
import { MINUTE_MS } from "../../send_cluster_mail/support/fixtures.ts";
import { CHAPTER_QUARTERS, type Chapter, type Life, quarterOf, type Turn } from "./lives.ts";

const HOUR_MS = 60 * MINUTE_MS;

/** A sweep sees up to a quarter later what readings said. */
const LATE_QUARTERS = 2;

/** What is broken, a line each; none: all holds. */
export function brokenIn(life: Life, chapters: readonly Chapter[]): readonly string[] {
  return [
    ...life.turns.flatMap((turn) => untrue(life, chapters, turn)),
    ...chapters.flatMap((chapter, index) => untold(life, chapter, index)),
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

function untrue(
  { truths }: Life,
  chapters: readonly Chapter[],
  { atMs, lastHeardMs, incident, state, chapter }: Turn,
): readonly string[] {
  const quarter = quarterOf(atMs);
  const recent = truths.slice(Math.max(0, quarter - LATE_QUARTERS), quarter + 1);
  const now = truths[quarter]!;
  const [kind, subject] = incident.split("#");
  const node = Number(subject);
  const { what } = chapters[chapter]!;
  const where = `${incident} ${state} in quarter ${quarter % CHAPTER_QUARTERS} of ${what} (${chapter})`;
  const isTrue = {
    "node-dead": () => (state === "firing" ? recent.some(({ dead }) => dead[node]) : !now.dead[node]),
    "split-brain": () => (state === "firing" ? recent.some(({ split }) => split) : !now.split),
    "cluster-silent": () => state === "resolved" || atMs - lastHeardMs >= HOUR_MS,
    "battery-low": () => state === "resolved" || what === "low",
    "clock-wrong": () => state === "resolved" || recent.some(({ wrong }) => wrong[node]),
  }[kind!];
  return isTrue?.() === true ? [] : [where];
}

function untold({ turns, truths, readings }: Life, chapter: Chapter, index: number): readonly string[] {
  const { what, quarters } = chapter;
  const own = turns.filter((turn) => turn.chapter === index);
  const fired = (kind: string) =>
    own.some(({ incident, state }) => state === "firing" && incident.startsWith(kind));
  const from = index * CHAPTER_QUARTERS;
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
    if (readings[index]!.wrong[node]! > 3 && !isKnown(turns, `clock-wrong#${node}`, from))
      missing.push(`a wrong clock of node ${node} is not told (${index})`);
  return missing;
}

/** It fires within the chapter, or has since before it. */
function isKnown(turns: readonly Turn[], incident: string, fromQuarter: number): boolean {
  const own = turns.filter((turn) => turn.incident === incident);
  const before = own.filter(({ atMs }) => quarterOf(atMs) < fromQuarter).at(-1);
  const within = own.filter(({ atMs }) => {
    const quarter = quarterOf(atMs) - fromQuarter;
    return quarter >= 0 && quarter < CHAPTER_QUARTERS;
  });
  return before?.state === "firing" || within.some(({ state }) => state === "firing");
}
