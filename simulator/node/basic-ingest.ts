import { channelPrefix, ingestedReadingTopic } from "../../lib/contract/topics.ts";
import type { Uplink } from "./uplink.ts";

/**
 * An uplink that publishes readings by Basic Ingest, to their rule itself; events go through the broker as before.
 * @param deployment the deployment's name; undefined: the default one
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
