/** Hours in which somebody wants no mail, as wall-clock times of their own time zone. Decisions go on; mails wait. */

/** `from` later than `to`: over midnight. Minutes of the day, 0 to 1,439. */
export interface QuietHours {
  readonly fromMin: number;
  readonly toMin: number;
  /** IANA name. */
  readonly timeZone: string;
}

/** Formatters take about a millisecond to make, and a sweep asks once an incident. */
const formatters = new Map<string, Intl.DateTimeFormat>();

/** @throws RangeError for a time zone that does not exist. */
function formatterOf(timeZone: string): Intl.DateTimeFormat {
  const known = formatters.get(timeZone);
  if (known !== undefined) return known;
  const made = new Intl.DateTimeFormat("en-GB", {
    timeZone,
    hour: "2-digit",
    minute: "2-digit",
    hourCycle: "h23",
  });
  formatters.set(timeZone, made);
  return made;
}

/** Whether a time zone of this name exists. */
export function isTimeZone(name: string): boolean {
  try {
    formatterOf(name);
    return true;
  } catch {
    return false;
  }
}

function minuteOfDay(epochMs: number, timeZone: string): number {
  const parts = formatterOf(timeZone).formatToParts(epochMs);
  const number = (type: "hour" | "minute") => Number(parts.find((part) => part.type === type)!.value);
  return number("hour") * 60 + number("minute");
}

/** The minute `from` is quiet, the minute `to` is not. The clock of the place decides, through its changes in spring and autumn. */
export function isQuiet({ fromMin, toMin, timeZone }: QuietHours, epochMs: number): boolean {
  const now = minuteOfDay(epochMs, timeZone);
  return fromMin < toMin ? fromMin <= now && now < toMin : fromMin <= now || now < toMin;
}
