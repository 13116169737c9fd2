/** Nobody publishes: found from the sleep that each node has declared. */
import { SILENCE_PERIODS } from "../../../../lib/contract/messages.ts";
import { at, type Detector } from "../finding.ts";
import { newestOf, periodMs } from "../view.ts";

/** Resolved by the next reading. A cluster that was never heard of is no incident. */
export const silence: Detector = ({ heartbeats }, nowMs) => {
  const newest = newestOf(heartbeats);
  if (newest === undefined) return [];
  const dueMs = Math.max(...heartbeats.map((one) => one.receivedMs + SILENCE_PERIODS * periodMs(one)));
  const about = { kind: "cluster-silent", subject: 0 } as const;
  if (nowMs < dueMs) return [{ ...about, fires: false, order: at(newest.receivedMs) }];
  return [
    {
      ...about,
      fires: true,
      order: at(dueMs),
      facts: {
        kind: "cluster-silent",
        dueMs,
        heartbeats: heartbeats.map(({ node, receivedMs, sleepS, temperatureC, batteryMv, term }) => ({
          node,
          receivedAtMs: receivedMs,
          sleepS,
          ...(temperatureC === undefined ? {} : { temperatureC }),
          batteryMv,
          term,
        })),
      },
    },
  ];
};
