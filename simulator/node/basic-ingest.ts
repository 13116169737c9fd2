import { basicIngestTopic, READINGS_RULE, topicShape } from "../../lib/contract/topics.ts";
import type { Uplink } from "./uplink.ts";

const READINGS = topicShape("reading", "", "").replace(/\/+$/, "/");

/** The uplink of a node that was told to hand its readings to their rule itself; its events go by way of the broker. */
export const byBasicIngest = (uplink: Uplink): Uplink => ({
  connect: () => uplink.connect(),
  disconnect: () => uplink.disconnect(),
  publish: (topic, payload) =>
    uplink.publish(topic.startsWith(READINGS) ? basicIngestTopic(READINGS_RULE, topic) : topic, payload),
});
