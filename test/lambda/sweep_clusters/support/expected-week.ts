/** What must hold of the weekly reports of a life: each is there once, in its time, and its numbers are so. */
import { instant } from "../../../../lib/contract/messages.ts";
import { WEEK_MS } from "../../../../lib/contract/weekly.ts";
import type { Life, Reported } from "./lives.ts";

const HOUR_MS = 3_600_000;
/** Mondays, 00:00 UTC: this was one. */
const MONDAY_MS = Date.parse("2026-01-05T00:00:00.000Z");
const SLEEP_MS = 900_000;

interface Measured {
  readonly node: number;
  readonly term: number;
  readonly atMs: number;
  readonly temperatureC: number;
}

/** The readings of a week as the table has them, oldest first. */
const storedIn = ({ heard }: Life, fromMs: number): readonly Measured[] =>
  heard
    .filter(({ measured_at }) => instant.safeParse(measured_at).success)
    .map(({ node, term, measured_at, temperature_c: temperatureC }) => ({
      node,
      term,
      atMs: Date.parse(measured_at),
      temperatureC,
    }))
    .filter(({ atMs }) => atMs >= fromMs && atMs < fromMs + WEEK_MS)
    .sort((x, y) => x.atMs - y.atMs || x.node - y.node);

/** The Mondays whose report is due within the life, epoch ms. */
function mondaysOf({ startMs, truths }: Life): readonly number[] {
  const endMs = startMs + truths.length * SLEEP_MS;
  const first = MONDAY_MS + Math.ceil((startMs - 7 * HOUR_MS - MONDAY_MS) / WEEK_MS) * WEEK_MS;
  const count = Math.max(0, Math.floor((endMs - 8 * HOUR_MS - first) / WEEK_MS) + 1);
  return Array.from({ length: count }, (_, week) => first + week * WEEK_MS);
}

const near = (x: number, y: number): boolean => Math.abs(x - y) < 0.051;

/** @returns what is wrong, a line each */
export function brokenReports(life: Life): readonly string[] {
  const { reports } = life;
  const broken: string[] = [];
  const wanted = mondaysOf(life);
  let before: Reported | undefined;
  for (const mondayMs of wanted) {
    const fromMs = mondayMs - WEEK_MS;
    const own = reports.filter(({ report }) => report.from_ms === fromMs);
    const stored = storedIn(life, fromMs);
    const isDue = before !== undefined || stored.length > 0;
    const name = new Date(fromMs).toISOString().slice(0, 10);
    if (own.length !== (isDue ? 1 : 0)) broken.push(`${own.length} reports of the week of ${name}`);
    const [one] = own;
    if (one === undefined) continue;
    if (one.atMs < mondayMs + 7 * HOUR_MS || one.atMs >= mondayMs + 8 * HOUR_MS)
      broken.push(`the report of ${name} at ${new Date(one.atMs).toISOString()}`);
    broken.push(...wrongIn(life, one, stored, before).map((what) => `report of ${name}: ${what}`));
    before = one;
  }
  return reports.length > wanted.length ? [...broken, "a report too many"] : broken;
}

function wrongIn(
  life: Life,
  { atMs, report }: Reported,
  stored: readonly Measured[],
  before: Reported | undefined,
): readonly string[] {
  const kitchen = report.clusters.find(({ cluster_id }) => cluster_id === "kitchen");
  if (kitchen === undefined) return ["no kitchen"];
  const broken: string[] = [];
  const expect = (what: string, found: unknown, wanted: unknown) => {
    if (found !== wanted) broken.push(`${what} ${String(found)}, but ${String(wanted)}`);
  };
  expect("stored", kitchen.stored, stored.length);
  const sinceMs = before === undefined ? (stored[0]?.atMs ?? report.from_ms) : report.from_ms;
  expect("due", kitchen.due, Math.round((report.until_ms - sinceMs) / SLEEP_MS));
  const all = stored.map(({ temperatureC }) => temperatureC);
  const { lowest, mean, highest } = kitchen.temperatures_c ?? {};
  expect("lowest", lowest, all.length === 0 ? undefined : Math.min(...all));
  expect("highest", highest, all.length === 0 ? undefined : Math.max(...all));
  const average = all.reduce((sum, one) => sum + one, 0) / all.length;
  if (mean !== undefined && !near(mean, average)) broken.push(`mean ${mean}, but ${average}`);
  const failovers = failoversIn(life, stored);
  if (failovers !== undefined) expect("failovers", kitchen.failovers, failovers);
  const incidents = new Set(life.turns.map(({ incident }) => incident));
  for (const incident of incidents) {
    const own = life.turns.filter((turn) => turn.incident === incident && turn.atMs <= atMs);
    const counted = own.filter(
      (turn) => turn.state === "firing" && turn.atMs > (before?.atMs ?? Number.NEGATIVE_INFINITY),
    ).length;
    const found = report.incidents.find(
      ({ cluster_id, kind, subject }) => cluster_id === "kitchen" && `${kind}#${subject}` === incident,
    );
    expect(`episodes of ${incident}`, found?.episodes ?? 0, counted);
    expect(`${incident} fires`, found?.firing ?? false, own.at(-1)?.state === "firing");
  }
  return broken;
}

/** Undefined: a clock that is wrong has put its readings elsewhere, and the table does not show who acted when. */
function failoversIn({ truths, failovers }: Life, stored: readonly Measured[]): number | undefined {
  if (truths.some(({ wrong }) => wrong[0] || wrong[1])) return undefined;
  const first = stored[0];
  return failovers.filter(({ node, term, atMs }) => {
    const shown = stored.find((one) => one.node === node && one.term === term && one.atMs >= atMs - 600_000);
    return shown !== undefined && first !== undefined && first.atMs < shown.atMs;
  }).length;
}
