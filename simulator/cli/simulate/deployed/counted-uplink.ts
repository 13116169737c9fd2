import { channelPrefix } from "../../../../lib/contract/topics.ts";
import { type Uplink, UplinkError } from "../../../node/uplink.ts";

/** What the nodes of a run sent, and what the endpoint made of it. */
export interface UplinkCounts {
  /** With PUBACK. */
  readings: number;
  events: number;
  /** By error code, with the first message of each. */
  readonly failures: Map<string, { count: number; first: string }>;
}

/** Counts of an uplink that has done nothing yet. */
export const noCounts = (): UplinkCounts => ({ readings: 0, events: 0, failures: new Map() });

/** Counts into `counts` what the uplink does. @param deployment the name of the one that it publishes to */
export function counted(uplink: Uplink, counts: UplinkCounts, deployment?: string): Uplink {
  const events = channelPrefix("event", deployment);
  const noted = async (work: () => Promise<void> | void): Promise<void> => {
    try {
      await work();
    } catch (error) {
      if (error instanceof UplinkError) {
        const failure = counts.failures.get(error.code) ?? { count: 0, first: error.message };
        failure.count += 1;
        counts.failures.set(error.code, failure);
      }
      throw error;
    }
  };
  return {
    connect: () => noted(() => uplink.connect()),
    publish: async (topic, payload) => {
      await noted(() => uplink.publish(topic, payload));
      if (topic.startsWith(events)) counts.events += 1;
      else counts.readings += 1;
    },
    disconnect: () => uplink.disconnect(),
  };
}
