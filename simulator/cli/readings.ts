/** `npm run readings`: what is stored of a cluster, read back. */
import { READINGS_KEY } from "../../lib/contract/tables.ts";
import { CLUSTER_ID } from "../../lib/contract/topics.ts";
import { writeFile } from "../write-file.ts";
import { type Judged, judgeReadings } from "./readings/authoritative.ts";
import { clock, type Drawing } from "./readings/drawing.ts";
import { type Gap, gapsOf, type Span } from "./readings/gaps.ts";
import { plotOf } from "./readings/plot.ts";
import { queryReadings } from "./readings/query.ts";
import { svgOf } from "./readings/svg.ts";
import { parseFlags, refuseWords, UsageError } from "./shared/arguments.ts";
import { callersPath } from "./shared/callers-path.ts";
import { hanging } from "./shared/hanging-indent.ts";
import { runCommand } from "./shared/run-command.ts";
import { explained, nowAt, PLACE_FLAGS, placeHelp, placeOf } from "./shared/table-target.ts";
import { type Terminal, terminalOf } from "./shared/terminal.ts";
import { readTimestamp } from "./temperatures/timestamp.ts";

const COMMAND = "readings";
const TABLE = { what: "readings", sortKey: READINGS_KEY.sort, output: "ReadingsTable" } as const;
const DAY_MS = 86_400_000;
const GAPS_SHOWN_MAX = 10;

const HELP = `Shows the stored readings of a cluster, one a sleep period, and the gaps.

  npm run readings -- CLUSTER [options]

  --from TIME, --to   UTC times such as 2026-01-31, 2026-01-31T06:15Z, or with
  TIME                seconds (default: the last 24 hours)
  --plot              draws a chart in the terminal (default)
  --svg FILE          writes a chart to a file
  --csv               prints timestamp,temperature_c and more: a log for
                      simulate --temperatures
  --json              prints one JSON object on stdout
  --all               also shows overruled readings: another primary published
                      in the same period under a later claim
${placeHelp(TABLE.what)}  --help

A gap is more than 2.5 sleep times without a reading.

Exit code: 0 readings were found; 1 there are none; 2 the command line was
wrong, or the table could not be reached.
`;

const FLAGS = {
  from: { type: "string" },
  to: { type: "string" },
  plot: { type: "boolean" },
  svg: { type: "string" },
  csv: { type: "boolean" },
  json: { type: "boolean" },
  all: { type: "boolean" },
  ...PLACE_FLAGS,
  help: { type: "boolean", short: "h" },
} as const;
type Values = ReturnType<typeof parseFlags<typeof FLAGS>>["values"];

/** All that there is to tell. */
interface Log extends Drawing {
  readonly cluster: string;
  readonly overruled: number;
  readonly unreadable: number;
}

/** `npm run readings`. @param argv what stands behind `--` @returns the exit code */
export const main = (argv: readonly string[]): Promise<number> =>
  runCommand(async () => {
    const { values, positionals } = parseFlags(COMMAND, argv, FLAGS);
    if (values.help === true || positionals.length === 0) {
      process.stdout.write(HELP);
      return values.help === true ? 0 : 2;
    }
    const log = await read(clusterOf(positionals), askedSpan(values), values);
    if (values.svg !== undefined) writeSvg(callersPath(COMMAND, values.svg), log, values.all === true);
    tell(log, values);
    return log.judged.length > 0 ? 0 : 1;
  });

function clusterOf([cluster = "", ...more]: readonly string[]): string {
  refuseWords(COMMAND, more);
  if (!CLUSTER_ID.test(cluster)) throw new UsageError(`"${cluster}" is not a cluster id, such as kitchen.`);
  return cluster;
}

function askedSpan({ from, to, plot, csv, json }: Values): Partial<Span> {
  if ([plot, csv, json].filter((given) => given === true).length > 1)
    throw new UsageError("--plot, --csv and --json: choose one.");
  const asked = {
    ...(from === undefined ? {} : { fromMs: instantOf("--from", from) }),
    ...(to === undefined ? {} : { toMs: instantOf("--to", to) }),
  };
  // The other end may depend on the clock of the cloud; where both are given, a mistake is said before it is asked.
  return asked.toMs === undefined ? asked : spanOf(asked, asked.toMs);
}

function spanOf(asked: Partial<Span>, nowMs: number): Span {
  const { toMs = nowMs } = asked;
  const { fromMs = toMs - DAY_MS } = asked;
  if (fromMs < toMs) return { fromMs, toMs };
  throw new UsageError(
    `--from ${new Date(fromMs).toISOString()} is not before --to ${new Date(toMs).toISOString()}.`,
  );
}

/** A day, or a time that says its zone: a local time would mean something else on another machine. */
const INSTANT = /^\d{4}-\d{2}-\d{2}(?:T\d{2}:\d{2}(?::\d{2}(?:\.\d{1,3})?)?(?:Z|[+-]\d{2}:\d{2}))?$/;

function instantOf(flag: string, text: string): number {
  const found = INSTANT.test(text) ? readTimestamp(text) : "no-time";
  if (typeof found === "object") return found.kind === "utc" ? found.ms : found.localMs;
  if (found === "no-such-date") throw new UsageError(`${flag}: ${text} is not a calendar time.`);
  throw new UsageError(`${flag} takes a time such as 2026-01-31 or 2026-01-31T06:15Z, not "${text}".`);
}

async function read(cluster: string, asked: Partial<Span>, values: Values): Promise<Log> {
  const place = placeOf(COMMAND, TABLE, values);
  const clockMs = nowAt(place);
  try {
    const span = spanOf(asked, clockMs);
    const { readings, unreadable } = await explained(
      queryReadings(place.client, place.table, cluster, span),
      place,
      "read",
    );
    const judged = judgeReadings(readings);
    const overruled = judged.filter(({ authoritative }) => !authoritative).length;
    // A node's clock, or a simulated one, may be ahead of this machine's.
    const nowMs = Math.max(clockMs, judged.at(-1)?.atMs ?? 0);
    const shown = { fromMs: span.fromMs, toMs: Math.max(span.fromMs + 1, Math.min(span.toMs, nowMs)) };
    return { cluster, span: shown, judged, gaps: gapsOf(judged, span, nowMs), overruled, unreadable };
  } finally {
    place.client.destroy();
  }
}

const shownOf = ({ judged }: Log, all: boolean): readonly Judged[] =>
  judged.filter(({ authoritative }) => all || authoritative);

function writeSvg(file: string, log: Log, all: boolean): void {
  if (log.judged.length === 0) return;
  writeFile({ path: file, data: svgOf(titleOf(log), { ...log, judged: shownOf(log, all) }) }, "--svg");
}

/** For a program on stdout, with what there is to say beside it on stderr; for a person all on stdout. */
function tell(log: Log, values: Values): void {
  const all = values.all === true;
  if (values.json === true) process.stdout.write(`${JSON.stringify(reportOf(log, all), null, 2)}\n`);
  else if (values.csv === true) process.stdout.write(csvOf(shownOf(log, all), all));
  const forProgram = values.json === true || values.csv === true;
  const terminal = terminalOf(forProgram ? process.stderr : process.stdout);
  if (log.judged.length === 0) {
    terminal.write(`no readings: ${titleOf(log)}; choose another time with --from and --to\n`);
    return;
  }
  if (values.json === true) return;
  if (!forProgram) for (const line of plotOf(terminal, log)) terminal.write(`${line}\n`);
  summarize(terminal, log, values);
}

const titleOf = ({ cluster, span }: Log): string =>
  `${cluster}, ${clock(span.fromMs)} to ${clock(span.toMs)} UTC`;

const iso = (ms: number): string => new Date(ms).toISOString();

const reportOf = (log: Log, all: boolean) => ({
  cluster: log.cluster,
  from: iso(log.span.fromMs),
  to: iso(log.span.toMs),
  readings: shownOf(log, all).map(({ reading, authoritative }) =>
    all ? { ...reading, authoritative } : reading,
  ),
  overruled: log.overruled,
  unreadable: log.unreadable,
  gaps: log.gaps.map(({ fromMs, toMs, missed }) => ({ from: iso(fromMs), to: iso(toMs), missed })),
});

const CSV_COLUMNS = ["measured_at", "temperature_c", "node", "term", "seq", "sleep_s", "battery_mv"] as const;

/** No field needs quotes. */
function csvOf(judged: readonly Judged[], all: boolean): string {
  const header = ["timestamp", ...CSV_COLUMNS.slice(1), ...(all ? ["authoritative"] : [])];
  const rows = judged.map(({ reading, authoritative }) =>
    [...CSV_COLUMNS.map((column) => reading[column]), ...(all ? [authoritative] : [])].join(","),
  );
  return `${[header.join(","), ...rows].join("\n")}\n`;
}

function summarize(terminal: Terminal, log: Log, { all, svg }: Values): void {
  const print = (label: string, text: string) =>
    terminal.write(hanging(terminal, `  ${label.padEnd(10)} `, text));
  const counting = shownOf(log, false).map(({ reading }) => reading);
  const celsius = counting.map(({ temperature_c }) => temperature_c);
  const mean = celsius.reduce((sum, value) => sum + value, 0) / celsius.length;
  const range = [Math.min, Math.max].map((pick) => celsius.reduce((x, y) => pick(x, y)).toFixed(1));
  terminal.write(`\n${titleOf(log)}\n`);
  print(
    "readings",
    `${counting.length} by ${nodesText(counting)}; ${range.join(" to ")} °C, ${mean.toFixed(1)} on average`,
  );
  if (log.overruled > 0) {
    print(
      "overruled",
      `${log.overruled}: another primary published in the same period under a later claim${all === true ? "" : "; --all shows them"}`,
    );
    if (all === true)
      for (const { reading } of log.judged.filter(({ authoritative }) => !authoritative))
        print(
          "",
          `${reading.measured_at}  node ${reading.node}, term ${reading.term}  ${reading.temperature_c} °C`,
        );
  }
  if (log.unreadable > 0) print("unreadable", `${log.unreadable} items are not valid readings`);
  log.gaps.slice(0, GAPS_SHOWN_MAX).forEach((gap, i) => {
    print(i === 0 ? "gaps" : "", gapText(gap));
  });
  if (log.gaps.length > GAPS_SHOWN_MAX) print("", `and ${log.gaps.length - GAPS_SHOWN_MAX} more`);
  if (svg !== undefined) print("drawn into", callersPath(COMMAND, svg));
}

const gapText = ({ fromMs, toMs, missed }: Gap): string =>
  `${clock(fromMs)} to ${clock(toMs)}, ${lengthText(toMs - fromMs)}: about ${missed} readings missing`;

function lengthText(ms: number): string {
  const minutes = Math.round(ms / 60_000);
  if (minutes < 120) return `${minutes} min`;
  return minutes < 2_880 ? `${Math.round(minutes / 60)} h` : `${Math.round(minutes / 1_440)} days`;
}

function nodesText(readings: readonly { readonly node: number }[]): string {
  const counts = new Map<number, number>();
  for (const { node } of readings) counts.set(node, (counts.get(node) ?? 0) + 1);
  const nodes = [...counts].sort(([x], [y]) => x - y);
  if (nodes.length === 1) return `node ${nodes[0]![0]}`;
  return nodes.map(([node, count]) => `node ${node} (${count})`).join(", ");
}
