/** Who is told when the backend itself fails: the subscribers of the alarm topic. */

import { paginateListSubscriptionsByTopic, type Subscription } from "@aws-sdk/client-sns";
import { shellWord } from "../shared/arguments.ts";
import { DEPLOY } from "../shared/stack-outputs.ts";
import { type Finding, good, unchecked, warning, wrong } from "./finding.ts";
import { type Deployed, type Look, literal } from "./look.ts";
import type { Target } from "./target.ts";
import { resourcesOf } from "./template.ts";

const OUTPUT = "AlarmTopicArn";
const PENDING = "PendingConfirmation";

/** Who is told of alarms, and whether each address has confirmed. */
export async function examineAlarms({ target }: Look, deployed: Deployed): Promise<Finding[]> {
  const topic = deployed.outputs.get(OUTPUT);
  if (topic === undefined) return [unchecked("alarms", "not checked: no alarm topic is deployed")];
  const subscriptions: Subscription[] = [];
  for await (const { Subscriptions = [] } of paginateListSubscriptionsByTopic(
    { client: target.clients.sns },
    { TopicArn: topic },
  ))
    subscriptions.push(...Subscriptions);
  return judge(target, topic, expectedAddresses(deployed), subscriptions);
}

/** Whom the deployed template subscribes to the alarm topic. */
function expectedAddresses({ templates }: Deployed): string[] {
  return [...templates.values()].flatMap((template) => {
    const topicOf = (value: unknown) => (value as { readonly Ref?: unknown } | undefined)?.Ref;
    const own = topicOf(template.Outputs?.[OUTPUT]?.Value);
    return resourcesOf(template, "AWS::SNS::Subscription")
      .filter(({ Properties }) => own !== undefined && topicOf(Properties?.TopicArn) === own)
      .map(({ Properties }) => literal(Properties?.Endpoint));
  });
}

/** What the subscriptions of the alarms' topic amount to, one finding each. */
export function judge(
  target: Target,
  topic: string,
  expected: readonly string[],
  subscriptions: readonly Subscription[],
): Finding[] {
  const live = subscriptions.filter(({ SubscriptionArn }) => SubscriptionArn !== "Deleted");
  const known = new Set(live.map(({ Endpoint }) => Endpoint));
  const gone = expected.filter((address) => !known.has(address));
  if (live.length === 0 && gone.length === 0)
    return [
      warning(
        "alarms",
        'nobody is told when the backend itself fails: write "alarms": {"email": ["you@example.com"]} into ha2m of cdk.json, and deploy',
        DEPLOY,
      ),
    ];
  const subscribe = (protocol: string, endpoint: string) =>
    target.aws(
      `sns subscribe --topic-arn ${topic} --protocol ${protocol} --notification-endpoint ${shellWord(endpoint)}`,
    );
  return [
    ...live.map(({ Protocol = "", Endpoint = "", SubscriptionArn }) =>
      SubscriptionArn === PENDING
        ? wrong(
            "alarms",
            `${Endpoint} has not confirmed: open the link in the mail of AWS Notifications, or have it sent again`,
            subscribe(Protocol, Endpoint),
          )
        : target.kind === "local"
          ? unchecked("alarms", `${Endpoint} counts as confirmed: the local cloud mails nobody`)
          : good("alarms", `${Endpoint} is told, by ${Protocol}`),
    ),
    ...gone.map((address) =>
      wrong(
        "alarms",
        `${address} is no longer subscribed: it never confirmed, or unsubscribed`,
        subscribe("email", address),
      ),
    ),
  ];
}
