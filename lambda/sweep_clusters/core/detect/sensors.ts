/** Two nodes measure at about the same time, as in a takeover or a split, and differ by more than their sensors may. */
import { at, type Detector } from "../finding.ts";
import { type Heartbeat, newestOf, periodMs } from "../view.ts";

/** A DS18B20 is right to ±0.5 °C (datasheet); two that hang apart may add some. */
export const DISAGREE_C = 5;
/** What the place itself may change in the minutes between the two readings: a lamp or the sun on it, a door left open. */
export const DRIFT_C_PER_MINUTE = 0.1;
/** The one may have taken over from the other: two missed looks, and what a wake takes. */
const ABOUT_THE_SAME_TIME_PERIODS = 3;

/** A reading with a temperature. */
type Measured = Heartbeat & { readonly temperatureC: number };

const isMeasured = (one: Heartbeat): one is Measured => one.temperatureC !== undefined;

const apartMs = (x: Measured, y: Measured): number => Math.abs(x.measuredMs - y.measuredMs);

const comparable = (x: Measured, y: Measured): boolean =>
  apartMs(x, y) <= ABOUT_THE_SAME_TIME_PERIODS * Math.max(periodMs(x), periodMs(y));

const differ = (x: Measured, y: Measured): boolean =>
  Math.abs(x.temperatureC - y.temperatureC) > DISAGREE_C + (DRIFT_C_PER_MINUTE * apartMs(x, y)) / 60_000;

/**
 * Believed when two newer readings differ again, with the same node on the warmer side: what fell into one takeover by
 * chance, a freezer that defrosts, does not fall into the next. Well when two agree; until then nobody knows which one was
 * right.
 */
export const sensorsDisagree: Detector = ({ heartbeats }) => {
  const measured = heartbeats.filter(isMeasured);
  const newest = newestOf(measured);
  if (newest === undefined) return [];
  const others = measured.filter((one) => one !== newest && comparable(one, newest));
  if (others.length === 0) return [];
  const about = { kind: "sensor-disagreeing", subject: 0, order: at(newest.receivedMs) } as const;
  const odd = others.filter((one) => differ(one, newest));
  const first = odd[0];
  if (first === undefined) return [{ ...about, fires: false }];
  const nodes = [newest, ...odd].map(({ node, temperatureC, measuredMs }) => ({
    node,
    temperatureC,
    atMs: measuredMs,
  }));
  const [warmer, colder] = newest.temperatureC > first.temperatureC ? [newest, first] : [first, newest];
  const evidence = {
    oldestMs: Math.min(...[newest, ...odd].map(({ receivedMs }) => receivedMs)),
    newestMs: newest.receivedMs,
    says: `${warmer.node} over ${colder.node}`,
  };
  return [{ ...about, fires: true, facts: { kind: "sensor-disagreeing", nodes }, evidence }];
};
