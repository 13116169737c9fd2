/** Two nodes measure at about the same time, as in a takeover or a split, and differ by more than their sensors may. */
import { at, type Detector } from "../finding.ts";
import { type Heartbeat, newestOf, periodMs } from "../view.ts";

/** A DS18B20 is right to ±0.5 °C (datasheet); two that hang apart, and the minutes between them, may add some. */
export const DISAGREE_C = 5;
/** The one may have taken over from the other: two missed looks, and what a wake takes. */
const ABOUT_THE_SAME_TIME_PERIODS = 3;

const comparable = (x: Heartbeat, y: Heartbeat): boolean =>
  Math.abs(x.measuredMs - y.measuredMs) <= ABOUT_THE_SAME_TIME_PERIODS * Math.max(periodMs(x), periodMs(y));

/** Well when two have measured again at about the same time, and agree; until then nobody knows which one was right. */
export const sensorsDisagree: Detector = ({ heartbeats }) => {
  const newest = newestOf(heartbeats);
  if (newest === undefined) return [];
  const others = heartbeats.filter((one) => one !== newest && comparable(one, newest));
  if (others.length === 0) return [];
  const about = { kind: "sensor-disagreeing", subject: 0, order: at(newest.receivedMs) } as const;
  const odd = others.filter((one) => Math.abs(one.temperatureC - newest.temperatureC) > DISAGREE_C);
  if (odd.length === 0) return [{ ...about, fires: false }];
  const nodes = [newest, ...odd].map(({ node, temperatureC, measuredMs }) => ({
    node,
    temperatureC,
    atMs: measuredMs,
  }));
  return [{ ...about, fires: true, facts: { kind: "sensor-disagreeing", nodes } }];
};
