/** Wall clocks of a place, and the hours that they show twice or never. From Node's copy of the tz database. */

const HOUR_MS = 3_600_000;
const DAY_MS = 24 * HOUR_MS;

/** A name of the tz database. */
export class TimeZone {
  readonly name: string;
  readonly #format: Intl.DateTimeFormat;
  /** By the hour: no place has changed its offset within one since 1970, save by a quarter of it. */
  readonly #offsets = new Map<number, number>();

  /** @throws RangeError when there is no such zone. */
  constructor(name: string) {
    this.name = name;
    this.#format = new Intl.DateTimeFormat("en-US", {
      timeZone: name,
      hourCycle: "h23",
      year: "numeric",
      month: "numeric",
      day: "numeric",
      hour: "numeric",
      minute: "numeric",
      second: "numeric",
    });
  }

  /** The instants (epoch ms) at which clocks there show `localMs`: one, none when they go forward, two when back. */
  instants(localMs: number): number[] {
    const around = [this.#offsetMs(localMs - DAY_MS), this.#offsetMs(localMs + DAY_MS)];
    return [...new Set(around.map((offsetMs) => localMs - offsetMs))]
      .filter((ms) => ms + this.#offsetMs(ms) === localMs)
      .sort((x, y) => x - y);
  }

  #offsetMs(ms: number): number {
    const quarter = Math.floor(ms / (HOUR_MS / 4));
    const known = this.#offsets.get(quarter);
    if (known !== undefined) return known;
    const at = quarter * (HOUR_MS / 4);
    const parts = new Map(this.#format.formatToParts(at).map(({ type, value }) => [type, Number(value)]));
    const part = (type: Intl.DateTimeFormatPartTypes) => parts.get(type) ?? 0;
    const shown = Date.UTC(
      part("year"),
      part("month") - 1,
      part("day"),
      part("hour"),
      part("minute"),
      part("second"),
    );
    this.#offsets.set(quarter, shown - at);
    return shown - at;
  }
}

/** One place for each rule by which clocks go back, the usual ones first. */
const PLACES = [
  "Europe/Berlin",
  "Europe/London",
  "Europe/Athens",
  "America/New_York",
  "Australia/Sydney",
  "Australia/Lord_Howe",
  "America/Santiago",
  "America/Asuncion",
  "America/Havana",
  "Atlantic/Azores",
  "Asia/Jerusalem",
  "Asia/Beirut",
  "Africa/Cairo",
];

/** Finds a place whose clocks show a time twice; of this machine's zone and others' it names this machine's. */
export class RepeatedHours {
  readonly #zones: readonly TimeZone[];

  /** @param own this machine's zone */
  constructor(own: string) {
    this.#zones = [own, ...PLACES].map((name) => new TimeZone(name));
  }

  /** The name of its zone; undefined: nowhere. */
  placeOf(localMs: number): string | undefined {
    return this.#zones.find((zone) => zone.instants(localMs).length > 1)?.name;
  }
}
