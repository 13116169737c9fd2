/**
 * Says why a rule or function will not accept a message: advice of the local cloud's own, which AWS does not give. It
 * does not change what happens to the message.
 */
import { explainIssues } from "../../../lib/contract/explain.ts";
import { ClusterEvent, Reading } from "../../../lib/contract/messages.ts";
import { type Channel, lateTopic, NODES_MAX, TOPIC_LEVEL } from "../../../lib/contract/topics.ts";

const SCHEMAS: Readonly<Record<Channel, typeof Reading | typeof ClusterEvent>> = {
  reading: Reading,
  event: ClusterEvent,
};

/**
 * Which fields are outside the contract and what belongs there; undefined for a message within it, or of another topic.
 */
export function outsideContract(topic: string, payload: Uint8Array): string | undefined {
  const levels = topic.split("/");
  // The first level is the deployment's name, which the rule's FROM has checked.
  const channel = lateTopic(topic) === topic ? "reading" : levels[1];
  if (!(channel === "reading" || channel === "event")) return undefined;
  const node = levels[TOPIC_LEVEL.node - 1] ?? "";
  if (!/^\d$/.test(node) || Number(node) >= NODES_MAX)
    return `the topic's last level: expected a node from 0 to ${NODES_MAX - 1}`;
  let message: unknown;
  try {
    message = JSON.parse(Buffer.from(payload).toString("utf8"));
  } catch {
    return `the ${channel} is not JSON`;
  }
  const parsed = SCHEMAS[channel].safeParse(message, { reportInput: true });
  // Rules select the fields that they know, so that an unknown one is never the reason of a failure.
  const issues = parsed.success ? [] : parsed.error.issues.filter(({ code }) => code !== "unrecognized_keys");
  return issues.length === 0 ? undefined : explainIssues(issues, channel);
}
