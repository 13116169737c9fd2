/** The topic that people subscribe to. */
import { PublishCommand, type SNSClient } from "@aws-sdk/client-sns";

/** Whoever gets a text of each mail. */
export interface Subscribers {
  /** One plain line to each of them. */
  tell(line: string): Promise<void>;
}

/** Three attempts of 2 s fit into the function's timeout of 10 s. A line that comes twice does no harm. */
export const SNS_LIMITS = { attempts: 3, requestMs: 2_000 } as const;

/** The subscribers of an SNS topic. */
export const openSubscribers = (topicArn: string, client: SNSClient): Subscribers => ({
  tell: async (line) => void (await client.send(new PublishCommand({ TopicArn: topicArn, Message: line }))),
});
