/** The queues for what failed: whether they are empty. */
import { GetQueueAttributesCommand } from "@aws-sdk/client-sqs";
import { counted } from "../shared/counted.ts";
import { type Finding, good, unchecked, wrong } from "./finding.ts";
import type { Deployed, Look } from "./look.ts";
import type { Target } from "./target.ts";

const QUEUE_URL = /^https:\/\/sqs\.[a-z0-9-]+\.amazonaws\.com(?:\.cn)?\/\d{12}\/[\w-]+$/;

/** Whether any error or failure queue holds messages. */
export async function examineQueues({ target }: Look, { outputs }: Deployed): Promise<Finding[]> {
  const queues = [...outputs].filter(([, url]) => QUEUE_URL.test(url));
  if (queues.length === 0) return [unchecked("queue", "not checked: no queue is deployed")];
  return Promise.all(
    queues.map(async ([name, url]) => {
      const { Attributes = {} } = await target.clients.sqs.send(
        new GetQueueAttributesCommand({
          QueueUrl: url,
          AttributeNames: ["ApproximateNumberOfMessages", "ApproximateNumberOfMessagesNotVisible"],
        }),
      );
      const { ApproximateNumberOfMessages: visible = 0, ApproximateNumberOfMessagesNotVisible: hidden = 0 } =
        Attributes;
      return judge(target, name, Number(visible), Number(hidden));
    }),
  );
}

/** @param hidden what somebody has in hand just now */
export function judge(target: Target, name: string, visible: number, hidden: number): Finding {
  if (visible + hidden === 0) return good("queue", `${name} is empty`);
  const held = hidden === 0 ? "" : `, ${hidden} of them being processed`;
  return wrong(
    "queue",
    `${name} has ${counted(visible + hidden, "failed message")}${held}: look at them, fix the cause, and repeat them with --execute`,
    target.npm("replay", `--queue ${name}`),
  );
}
