/**
 * Which of two primaries' readings counts. A slot is a sleep time long, and one reading is due in it; two nodes that both
 * take themselves for the primary (the bus is cut between them, or one goes on after it was expelled) publish two.
 *
 * The higher term wins: it is the later claim, made by a node that knew of the other's or could not. Under the same term,
 * as under the published protocol, which has none, the lower node: so the nodes' own map has it. The loser of a slot is
 * overruled there and nowhere else: where the later claimant publishes nothing, an older one's reading is still a true
 * temperature, and better than a gap.
 */
import type { StoredReading } from "../../../lib/contract/stored-reading.ts";
import { DRIFT_SHARE } from "../../protocol/timing.ts";

/** A stored reading, and whether it is the one that counts in its slot. */
export interface Judged {
  readonly reading: StoredReading;
  readonly atMs: number;
  readonly authoritative: boolean;
}

/** Half a slot to either side, and as much more as sleep timers drift (5 %): a slot has no place between two slots. */
const REACH = 0.5 * (1 + DRIFT_SHARE);

/** @returns all of them, in the order of time */
export function judgeReadings(readings: readonly StoredReading[]): Judged[] {
  const timed = readings.map((reading) => ({ reading, atMs: Date.parse(reading.measured_at) }));
  const byAuthority = timed.toSorted(
    (x, y) => y.reading.term - x.reading.term || x.reading.node - y.reading.node || x.atMs - y.atMs,
  );
  const slots = new Slots(Math.max(1, ...new Set(readings.map(({ sleep_s }) => reachMs(sleep_s)))));
  const counts = new Set(byAuthority.filter((candidate) => slots.take(candidate)));
  return timed
    .map((one) => ({ ...one, authoritative: counts.has(one) }))
    .toSorted((x, y) => x.atMs - y.atMs || x.reading.node - y.reading.node);
}

type Timed = Pick<Judged, "reading" | "atMs">;

const reachMs = (sleepS: number): number => REACH * sleepS * 1_000;

/** The readings that count so far, by stretches of time that no reach is longer than. */
class Slots {
  readonly #stretchMs: number;
  readonly #taken = new Map<number, Timed[]>();

  constructor(stretchMs: number) {
    this.#stretchMs = stretchMs;
  }

  /** Whether no other node has a reading in this one's slot; then it has the slot. */
  take(candidate: Timed): boolean {
    const stretch = Math.floor(candidate.atMs / this.#stretchMs);
    const near = [-1, 0, 1].flatMap((step) => this.#taken.get(stretch + step) ?? []);
    if (near.some((other) => rivals(candidate, other))) return false;
    const here = this.#taken.get(stretch);
    if (here === undefined) this.#taken.set(stretch, [candidate]);
    else here.push(candidate);
    return true;
  }
}

const rivals = (one: Timed, other: Timed): boolean =>
  one.reading.node !== other.reading.node &&
  Math.abs(one.atMs - other.atMs) <= reachMs(Math.max(one.reading.sleep_s, other.reading.sleep_s));
