/** Which columns of a log hold the time and the temperature. */
import { nearest } from "../../../lib/nearest.ts";
import { readTimestamp } from "./timestamp.ts";

/** Indices of columns; a date and a time of day may stand in two. */
export interface Columns {
  readonly time: readonly number[];
  readonly temperature: number;
}

/** Degrees Celsius or Fahrenheit, as a log's column has them. */
export type Unit = "c" | "f";

/** No columns can be told; the message says what was found and what to do. */
export class ColumnsError extends Error {
  override readonly name = "ColumnsError";
}

/** Beginnings of a name, as data loggers, databases and Home Assistant write them; of several the first. */
const TIME_NAMES = [
  /^timestamp/,
  /^date ?time/,
  /^(measured|recorded|created|last (changed|updated|reported)) ?(at)?$/,
  /^(time|date|ts|zeitstempel|zeitpunkt|zeit|datum|horodatage|fecha|epoch|unix ?time)\b/,
];
const DATE_NAMES = /^(date|datum|fecha|day)$/;
const CLOCK_NAMES = /^(time|uhrzeit|zeit|hora|heure)$/;
const TEMPERATURE_NAMES = [/^temperature c$/, /temp|celsius|fahrenheit|°/, /^(state|value|messwert|wert)$/];

const plain = (name: string): string =>
  name
    .toLowerCase()
    .replace(/[^\p{L}\p{N}°]+/gu, " ")
    .trim();

/** The header's names in quotes, for messages. */
export const named = (header: readonly string[]): string => header.map((name) => `"${name}"`).join(", ");

/**
 * @param example the first row of values: a column of times may be told by them
 * @param wanted the temperature's, as the caller names it
 * @throws ColumnsError
 */
export function findColumns(
  header: readonly string[],
  example: readonly string[],
  wanted: string | undefined,
): Columns {
  if (header.some((name) => typeof readTimestamp(name) === "object"))
    throw new ColumnsError(
      'the first line is a row already: put one before it that names the columns, such as "timestamp,temperature_c"',
    );
  const names = header.map(plain);
  const time = timeColumns(names, example);
  if (time.length === 0)
    throw new ColumnsError(
      `none of the columns ${named(header)} holds times: call the column of the times "timestamp" in the first line`,
    );
  return { time, temperature: temperatureColumn(header, names, time, wanted) };
}

function timeColumns(names: readonly string[], example: readonly string[]): number[] {
  const [date, clock] = [DATE_NAMES, CLOCK_NAMES].map((known) => names.findIndex((name) => known.test(name)));
  if (date! >= 0 && clock! >= 0) return [date!, clock!];
  for (const known of TIME_NAMES) {
    const found = names.findIndex((name) => known.test(name));
    if (found >= 0) return [found];
  }
  const byValue = example.findIndex((value) => typeof readTimestamp(value) === "object");
  return byValue < 0 ? [] : [byValue];
}

function temperatureColumn(
  header: readonly string[],
  names: readonly string[],
  time: readonly number[],
  wanted: string | undefined,
): number {
  const others = names.map((_, i) => i).filter((i) => !time.includes(i));
  if (wanted !== undefined) {
    const exact = others.find((i) => header[i] === wanted) ?? others.find((i) => names[i] === plain(wanted));
    if (exact !== undefined) return exact;
    const near = nearest(wanted, header);
    throw new ColumnsError(
      `--column: there is no column "${wanted}"; ${near === undefined ? `the columns are ${named(header)}` : `did you mean "${near}"?`}`,
    );
  }
  if (others.length === 1) return others[0]!;
  for (const known of TEMPERATURE_NAMES) {
    const found = others.filter((i) => known.test(names[i]!));
    if (found.length === 1) return found[0]!;
    if (found.length > 1)
      throw new ColumnsError(
        `the columns ${named(found.map((i) => header[i]!))} may all be the temperature: choose one with --column NAME`,
      );
  }
  throw new ColumnsError(
    `none of the columns ${named(header)} is called temperature: choose one with --column NAME`,
  );
}

/** As a column's name says; undefined: it says nothing. */
export function unitOf(name: string): Unit | undefined {
  const text = plain(name);
  if (/fahrenheit|°f\b|(^| )f$/.test(text)) return "f";
  return /celsius|°c\b|(^| )c$/.test(text) ? "c" : undefined;
}
