/**
 * `--temperatures FILE`: a log as data loggers, spreadsheets and Home Assistant write it, as CSV with a header. Columns are
 * parted by commas, semicolons or tabs; times are ISO 8601 with or without an offset, or epoch seconds or milliseconds.
 *
 * Not read: logs without a header, dates of which nobody can tell month and day, thousands separators.
 */
import { CsvError, parse } from "csv-parse/sync";
import { type TemperatureLog, temperatureLog } from "../../hardware/temperature-log.ts";
import { type Columns, ColumnsError, findColumns, named, type Unit, unitOf } from "./columns.ts";
import { decodeText, NoTextError } from "./decode.ts";
import { cellOf, type Reading, type Row, readRow } from "./row.ts";
import { inOrder, OrderError, type Ordered } from "./row-order.ts";
import type { TimeZone } from "./time-zone.ts";

/** How a temperature log is to be read, where it does not say so itself. */
export interface LogOptions {
  /** The temperature's column. @default the one that is called so */
  readonly column?: string | undefined;
  /** Of its values. @default as the column's name says, else °C */
  readonly unit?: Unit | undefined;
  /** Of times without an offset. @default UTC */
  readonly zone?: TimeZone | undefined;
  /** This machine's zone: named first where clocks went back there. */
  readonly ownZone: string;
}

/** A temperature log, and what was noticed on the way. */
export interface ReadLog {
  readonly log: TemperatureLog;
  /** What was not taken as it stood, for the summary. */
  readonly notes: readonly string[];
}

/** A file that cannot be used: each line of the message names file and line, what was found and what belongs there. */
export class TemperatureCsvError extends Error {
  override readonly name = "TemperatureCsvError";
}

/** "sep=;" in the first line is how Excel is told. */
const SEPARATOR_LINE = /^\uFEFF?sep=(.)\r?\n/i;
const DELIMITERS = ["\t", ";", ","];
/** So many rows tell the delimiter. */
const SAMPLE_ROWS = 5;
const PROBLEMS_SHOWN_MAX = 20;

/**
 * @param fileName for messages
 * @throws TemperatureCsvError with all rows that are wrong
 */
export function readTemperatureLog(bytes: Uint8Array, fileName: string, options: LogOptions): ReadLog {
  const fail = (line: number, problem: string): never => {
    throw new TemperatureCsvError(`${fileName}:${line}: ${problem}`);
  };
  try {
    const { text, encoding } = decodeText(bytes);
    const separator = SEPARATOR_LINE.exec(text);
    const body = separator === null ? text : text.slice(separator[0].length);
    const lines = parseLines(body, separator?.[1] ?? delimiterOf(body), separator === null ? 0 : 1);
    const [header, ...rows] = lines;
    if (header === undefined)
      return fail(
        1,
        'the file is empty; its first line names the columns, such as "timestamp,temperature_c"',
      );
    if (header.cells.length === 1)
      fail(
        header.line,
        `one column, ${named(header.cells)}: a log has the header "timestamp,temperature_c", separated by a comma, a semicolon or a tab`,
      );
    if (rows.length === 0)
      fail(
        header.line + 1,
        'no row after the header; add at least one, such as "2026-01-31T06:15:00,21.375"',
      );
    const columns = findColumns(header.cells, rows[0]!.cells, options.column);
    const unit = options.unit ?? unitOf(header.cells[columns.temperature]!) ?? "c";
    const { readings, empty, problems } = readRows(rows, header, columns, unit);
    if (problems.length > 0) throw new TemperatureCsvError(problemsText(problems, fileName));
    if (readings.length === 0) fail(header.line + 1, `no row holds a temperature: ${emptyText(empty)}`);
    const ordered = inOrder(readings, options);
    return {
      log: logOf(ordered),
      notes: [
        ...(encoding === "UTF-8" ? [] : [`read as ${encoding}`]),
        ...(empty.size === 0 ? [] : [emptyText(empty)]),
        ...ordered.notes,
      ],
    };
  } catch (error) {
    if (error instanceof CsvError) return fail(Number(error.lines ?? 1), error.message);
    if (error instanceof OrderError) return fail(error.line, error.message);
    if (error instanceof ColumnsError || error instanceof NoTextError) return fail(1, error.message);
    throw error;
  }
}

/**
 * The rows of a file, without its empty lines. Each has the number of its line, from 1 on, as editors count.
 * @param linesBefore lines of the file before `text`
 * @param most rows to read at most; undefined: all
 */
function parseLines(text: string, delimiter: string, linesBefore: number, most?: number): Row[] {
  const rows: Row[] = [];
  parse(text, {
    bom: true,
    delimiter,
    relax_column_count: true,
    skip_empty_lines: true,
    trim: true,
    ...(most === undefined ? {} : { to: most }),
    on_record: (cells: string[], { lines }) => {
      if (cells.some((cell) => cell !== "")) rows.push({ cells, line: lines + linesBefore });
      return undefined;
    },
  });
  return rows;
}

/** By which header and first rows fall into equally many columns; else by which the header falls into most. */
function delimiterOf(text: string): string {
  const counts = DELIMITERS.map((delimiter) => ({ delimiter, columns: columnCounts(text, delimiter) }));
  const even = counts.find(({ columns }) => columns[0]! > 1 && columns.every((n) => n === columns[0]));
  if (even !== undefined) return even.delimiter;
  return counts.reduce((best, each) => ((each.columns[0] ?? 0) > (best.columns[0] ?? 0) ? each : best))
    .delimiter;
}

function columnCounts(text: string, delimiter: string): number[] {
  try {
    return parseLines(text, delimiter, 0, SAMPLE_ROWS).map(({ cells }) => cells.length);
  } catch {
    return [];
  }
}

interface ReadRows {
  readonly readings: readonly Reading[];
  /** How many rows had which word in place of a temperature. */
  readonly empty: ReadonlyMap<string, number>;
  readonly problems: readonly { readonly line: number; readonly problem: string }[];
}

function readRows(rows: readonly Row[], header: Row, columns: Columns, unit: Unit): ReadRows {
  const readings: Reading[] = [];
  const empty = new Map<string, number>();
  const problems: { line: number; problem: string }[] = [];
  for (const row of rows) {
    const found = readRow(row, header.cells.length, columns, unit);
    if (found.kind === "problem") problems.push({ line: row.line, problem: found.problem });
    else if (found.kind === "reading") readings.push(found);
    else empty.set(found.word, (empty.get(found.word) ?? 0) + 1);
  }
  return { readings, empty, problems };
}

function problemsText(problems: ReadRows["problems"], fileName: string): string {
  const shown = problems.slice(0, PROBLEMS_SHOWN_MAX);
  const more = problems.length - shown.length;
  return [
    ...shown.map(({ line, problem }) => `${fileName}:${line}: ${problem}`),
    ...(more === 0 ? [] : [`and ${more} more ${more === 1 ? "row" : "rows"} of ${fileName}`]),
  ].join("\n");
}

function emptyText(empty: ReadRows["empty"]): string {
  const count = [...empty.values()].reduce((sum, n) => sum + n, 0);
  const words = [...empty.keys()].map((word) => (word === "" ? "nothing" : cellOf(word)));
  return `${count} ${count === 1 ? "row" : "rows"} with ${words.join(", ")} in place of a temperature`;
}

const logOf = ({ rows }: Ordered): TemperatureLog =>
  temperatureLog(
    Float64Array.from(rows, ({ ms }) => ms),
    Float64Array.from(rows, ({ celsius }) => celsius),
  );
