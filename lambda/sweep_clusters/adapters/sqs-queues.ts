/** How many messages wait in the backend's own error and failure queues. */
import { GetQueueAttributesCommand, type SQSClient } from "@aws-sdk/client-sqs";
import type { Queues } from "../core/ports.ts";

/** @param urls by name */
export const openQueues = (urls: ReadonlyMap<string, string>, client: SQSClient): Queues => ({
  count: () =>
    Promise.all(
      [...urls].map(async ([name, QueueUrl]) => {
        const AttributeNames = ["ApproximateNumberOfMessages" as const];
        const { Attributes } = await client.send(new GetQueueAttributesCommand({ QueueUrl, AttributeNames }));
        return { name, messages: Number(Attributes?.ApproximateNumberOfMessages ?? 0) };
      }),
    ),
});
