/**
 * Times in the patterns of Joda-Time, for `parse_time()`.
 * Source: AWS IoT Core Developer Guide, "Functions"; Joda-Time's DateTimeFormat.
 *
 * Not emulated, and refused when the rule is loaded: the letters C, x and w (centuries and week years), and `z` in a zone
 * whose abbreviation is not a word in English here (Europe/Berlin).
 */

/** Formats milliseconds since 1970; Undefined beyond the years that JavaScript has. */
export type TimeFormat = (ms: number) => string | undefined;

/** A time as a calendar in the zone shows it; `at` is read by its UTC fields. */
interface Shown {
  readonly at: Date;
  readonly offsetMinutes: number;
  readonly zone: string;
  readonly zoneName: (length: "short" | "long") => string;
}

type Write = (shown: Shown, count: number) => string;

const padded = (value: number, count: number): string =>
  `${value < 0 ? "-" : ""}${String(Math.abs(value)).padStart(count, "0")}`;

const number =
  (read: (shown: Shown) => number): Write =>
  (shown, count) =>
    padded(read(shown), count);

/** "yy": the year of the century. */
const year =
  (read: (at: Date) => number): Write =>
  ({ at }, count) =>
    count === 2 ? padded(Math.abs(read(at)) % 100, 2) : padded(read(at), count);

/** Names in English, whole from four letters on. */
const name = (at: Date, field: "weekday" | "month", count: number): string =>
  at.toLocaleString("en-US", { [field]: count >= 4 ? "long" : "short", timeZone: "UTC" });

const DAY_MS = 86_400_000;
const dayOfYear = ({ at }: Shown): number =>
  Math.floor((at.getTime() - Date.UTC(at.getUTCFullYear(), 0, 1)) / DAY_MS) + 1;

function offset({ offsetMinutes, zone }: Shown, count: number): string {
  if (count >= 3) return zone;
  const minutes = Math.abs(offsetMinutes);
  const [hours, rest] = [padded(Math.floor(minutes / 60), 2), padded(minutes % 60, 2)];
  return `${offsetMinutes < 0 ? "-" : "+"}${hours}${count === 2 ? ":" : ""}${rest}`;
}

const LETTERS: Readonly<Record<string, Write>> = {
  G: ({ at }) => (at.getUTCFullYear() > 0 ? "AD" : "BC"),
  Y: year((at) => (at.getUTCFullYear() > 0 ? at.getUTCFullYear() : 1 - at.getUTCFullYear())),
  y: year((at) => at.getUTCFullYear()),
  M: (shown, count) =>
    count >= 3 ? name(shown.at, "month", count) : padded(shown.at.getUTCMonth() + 1, count),
  d: number(({ at }) => at.getUTCDate()),
  D: number(dayOfYear),
  e: number(({ at }) => at.getUTCDay() || 7),
  E: ({ at }, count) => name(at, "weekday", count),
  a: ({ at }) => (at.getUTCHours() < 12 ? "AM" : "PM"),
  H: number(({ at }) => at.getUTCHours()),
  k: number(({ at }) => at.getUTCHours() || 24),
  K: number(({ at }) => at.getUTCHours() % 12),
  h: number(({ at }) => at.getUTCHours() % 12 || 12),
  m: number(({ at }) => at.getUTCMinutes()),
  s: number(({ at }) => at.getUTCSeconds()),
  S: ({ at }, count) => padded(at.getUTCMilliseconds(), 3).padEnd(count, "0").slice(0, count),
  z: ({ zoneName }, count) => zoneName(count >= 4 ? "long" : "short"),
  Z: offset,
};

/** A run of one letter, a quoted text, or anything else; two quote marks are one. */
const PIECE = /([A-Za-z])\1*|''|'(?:[^']|'')*'|[^A-Za-z']+/g;
const ZONE_WORD = /^(?!GMT[+-])[A-Z]{2,5}$/;

/** The format, or the reason why it is refused. `zone`: a name of the IANA database. */
export function compileTimeFormat(pattern: string, zone: string): TimeFormat | { readonly problem: string } {
  const pieces = pattern.match(PIECE) ?? [];
  if (pieces.join("") !== pattern) return { problem: "a quote mark in the pattern is not closed" };
  const letters = pieces.map((piece) => piece[0] ?? "").filter((letter) => /[A-Za-z]/.test(letter));
  const unknown = letters.find((letter) => !Object.hasOwn(LETTERS, letter));
  if (unknown !== undefined)
    return {
      problem: `the letter ${unknown} is not supported; these are: ${Object.keys(LETTERS).join(" ")}`,
    };
  const clock = zoneClock(zone);
  if (clock === undefined) return { problem: `the time zone ${JSON.stringify(zone)} is not known` };
  const named = [0, 182 * DAY_MS].every((ms) => ZONE_WORD.test(clock(new Date(ms)).zoneName("short")));
  if (letters.includes("z") && !named)
    return { problem: `the abbreviation of ${zone} is not known here; write Z for its offset` };
  return (ms) => {
    const at = new Date(ms);
    if (Number.isNaN(at.getTime())) return undefined;
    const shown = clock(at);
    return pieces.map((piece) => written(piece, shown)).join("");
  };
}

function written(piece: string, shown: Shown): string {
  if (piece === "''") return "'";
  if (piece.startsWith("'")) return piece.slice(1, -1).replaceAll("''", "'");
  return LETTERS[piece[0] ?? ""]?.(shown, piece.length) ?? piece;
}

function zoneClock(zone: string): ((at: Date) => Shown) | undefined {
  const part = (at: Date, timeZoneName: "short" | "long" | "longOffset"): string =>
    new Intl.DateTimeFormat("en-US", { timeZone: zone, timeZoneName })
      .formatToParts(at)
      .find(({ type }) => type === "timeZoneName")?.value ?? zone;
  try {
    part(new Date(0), "short");
  } catch {
    return undefined;
  }
  return (at) => {
    const [, sign, hours = "0", minutes = "0"] = /([+-])(\d+):(\d+)/.exec(part(at, "longOffset")) ?? [];
    const offsetMinutes = (sign === "-" ? -1 : 1) * (Number(hours) * 60 + Number(minutes));
    const shifted = new Date(at.getTime() + offsetMinutes * 60_000);
    return { at: shifted, offsetMinutes, zone, zoneName: (length) => part(at, length) };
  };
}
