/** One row of a log. */
import { TEMPERATURE_MAX_C, TEMPERATURE_MIN_C } from "../../../lib/contract/messages.ts";
import type { Columns, Unit } from "./columns.ts";
import { type NoTimestamp, readTimestamp, type Timestamp } from "./timestamp.ts";

/** As parted; `line` counts from 1. */
export interface Row {
  readonly cells: readonly string[];
  readonly line: number;
}

/** One row of a log, parsed. */
export interface Reading {
  readonly line: number;
  readonly time: Timestamp;
  /** As it stands in the file. */
  readonly written: string;
  readonly celsius: number;
}

/** What Home Assistant, pandas and data loggers write where there was no reading. */
const NO_READING = /^(|unavailable|unknown|none|null|nan|n\/?a|-+|err(or)?|\?+)$/i;
const VALUE = /^([+-]?\d+(?:[.,]\d+)?)\s*(?:°?\s*([CF]))?$/i;
const SHOWN_MAX = 40;

/** A cell for a message: in quotation marks, and not too long. */
export const cellOf = (text: string): string =>
  JSON.stringify(text.length > SHOWN_MAX ? `${text.slice(0, SHOWN_MAX)}…` : text);

const WHY_NO_TIME: Readonly<Record<NoTimestamp, string>> = {
  "no-time":
    'where a time such as "2026-01-31T06:15:00", "2026-01-31 06:15+01:00" or epoch seconds or milliseconds belongs',
  "no-such-date": ", which is not a calendar time",
  "month-or-day": ", in which month and day are ambiguous: write the year first, as in 2026-01-31",
};

/**
 * @param width columns of the header
 * @param unit of values that do not name theirs
 */
export function readRow(
  { cells, line }: Row,
  width: number,
  { time, temperature }: Columns,
  unit: Unit,
):
  | ({ readonly kind: "reading" } & Reading)
  | { readonly kind: "empty"; readonly word: string }
  | { readonly kind: "problem"; readonly problem: string } {
  const problem = (text: string) => ({ kind: "problem", problem: text }) as const;
  if (Math.max(...time, temperature) >= cells.length || cells.slice(width).some((cell) => cell !== ""))
    return problem(
      `found ${cells.length === 1 ? "1 column" : `${cells.length} columns`}, the header has ${width}${cells.length > width ? "; a decimal comma needs quotes, or semicolons between columns" : ""}`,
    );
  const written = time.map((column) => cells[column]!).join(" ");
  const at = readTimestamp(written);
  if (typeof at === "string") return problem(`found ${cellOf(written)}${spaced(WHY_NO_TIME[at])}`);
  const value = cells[temperature]!;
  if (NO_READING.test(value)) return { kind: "empty", word: value };
  const [, number, own] = VALUE.exec(value) ?? [];
  if (number === undefined)
    return problem(`found ${cellOf(value)} where a temperature such as "21.375" belongs`);
  const inUnit = own === undefined ? unit : (own.toLowerCase() as Unit);
  const degrees = Number(number.replace(",", "."));
  const celsius = inUnit === "f" ? ((degrees - 32) * 5) / 9 : degrees;
  if (celsius >= TEMPERATURE_MIN_C && celsius <= TEMPERATURE_MAX_C)
    return { kind: "reading", line, time: at, written, celsius };
  const hint = inUnit === "c" ? "; --unit f takes values for °F" : "";
  return problem(
    `${number} °${inUnit.toUpperCase()} is outside the DS18B20's range of ${TEMPERATURE_MIN_C} to ${TEMPERATURE_MAX_C} °C${hint}`,
  );
}

const spaced = (why: string): string => (why.startsWith(",") ? why : ` ${why}`);
