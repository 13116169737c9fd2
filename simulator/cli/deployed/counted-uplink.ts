import { topicShape } from "../../../lib/contract/topics.ts";
import { type Uplink, UplinkError } from "../../node/uplink.ts";

/** What the nodes of a run sent, and what the endpoint made of it. */
export interface UplinkCounts {
  /** With PUBACK. */
  readings: number;
  events: number;
  /** By error code, with the first message of each. */
  readonly failures: Map<string, { count: number; first: string }>;
}

export const noCounts = (): UplinkCounts => ({ readings: 0, events: 0, failures: new Map() });

const EVENTS = topicShape("event", "", "").replace(/\/+$/, "/");

/** Counts into `counts` what the uplink does. */
export function counted(uplink: Uplink, counts: UplinkCounts): Uplink {
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
      if (topic.includes(EVENTS)) counts.events += 1;
      else counts.readings += 1;
    },
    disconnect: () => uplink.disconnect(),
  };
}
