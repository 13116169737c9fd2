import { channelPrefix, ingestedReadingTopic } from "../../lib/contract/topics.ts";
import type { Uplink } from "./uplink.ts";

/**
 * The uplink of a node that was told to hand its readings to their rule itself; its events go by way of the broker.
 * @param deployment its name; undefined: the one without a name
 */
export function byBasicIngest(uplink: Uplink, deployment?: string): Uplink {
  const readings = channelPrefix("reading", deployment);
  return {
    connect: () => uplink.connect(),
    disconnect: () => uplink.disconnect(),
    publish: (topic, payload) =>
      uplink.publish(topic.startsWith(readings) ? ingestedReadingTopic(topic, deployment) : topic, payload),
  };
}
