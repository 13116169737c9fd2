/**
 * The part of SNS by which a function publishes to subscribers (Publish), and by which a person lists and adds them
 * (ListSubscriptionsByTopic, Subscribe, ConfirmSubscription).
 *
 * Source: SNS API reference. Every other operation is refused by name. Ignored: attributes of a message or a
 * subscription, subjects.
 */
import type { Subscription, Topics } from "../events/sns-topics.ts";
import { parameter, type QueryFrontOptions, QueryRefusal, startQueryFront } from "./query-front.ts";
import type { Front } from "./server.ts";

/** The topics, and who may call. */
export interface SnsFrontOptions extends Pick<QueryFrontOptions, "refuse" | "onDenied" | "onError"> {
  readonly topics: Topics;
  readonly accountId: string;
}

/** "Publish": text of 1 to 262,144 bytes. */
const MESSAGE_BYTES_MAX = 262_144;

function messageOf(form: URLSearchParams): string {
  const message = parameter(form, "Message");
  const bytes = Buffer.byteLength(message);
  if (bytes > MESSAGE_BYTES_MAX)
    throw new QueryRefusal("InvalidParameter", `Invalid parameter: Message too long: ${bytes} bytes`);
  if (form.has("MessageStructure"))
    throw new QueryRefusal("InvalidParameter", "MessageStructure is not emulated; plain messages are");
  return message;
}

/** The SNS API: `Publish`, and what describes topics and subscriptions. */
export function startSnsFront({ topics, accountId, ...options }: SnsFrontOptions): Promise<Front> {
  const resource = (form: URLSearchParams) => form.get("TopicArn") ?? "*";
  const subscriptionsOf = (form: URLSearchParams): readonly Subscription[] => {
    const found = topics.subscriptions(parameter(form, "TopicArn"));
    if (found !== undefined) return found;
    throw new QueryRefusal("NotFound", "Topic does not exist", 404);
  };
  const arnOf = ({ confirmed, arn }: Subscription, waiting: string) => (confirmed ? arn : waiting);
  return startQueryFront({
    ...options,
    what: "SNS",
    service: "sns",
    namespace: "http://sns.amazonaws.com/doc/2010-03-31/",
    operations: {
      Publish: {
        resource,
        run: (form) => {
          const message = messageOf(form);
          subscriptionsOf(form);
          return { MessageId: topics.publish(resource(form), message) };
        },
      },
      ListSubscriptionsByTopic: {
        resource,
        run: (form) => ({
          Subscriptions: subscriptionsOf(form).map((subscription) => ({
            SubscriptionArn: arnOf(subscription, "PendingConfirmation"),
            Owner: accountId,
            Protocol: subscription.protocol,
            Endpoint: subscription.endpoint,
            TopicArn: resource(form),
          })),
        }),
      },
      Subscribe: {
        resource,
        run: (form) => {
          subscriptionsOf(form);
          const [topic, protocol, endpoint] = ["TopicArn", "Protocol", "Endpoint"].map((name) =>
            parameter(form, name),
          ) as [string, string, string];
          return {
            SubscriptionArn: arnOf(topics.subscribe(topic, protocol, endpoint), "pending confirmation"),
          };
        },
      },
      ConfirmSubscription: {
        resource,
        run: (form) => {
          subscriptionsOf(form);
          const confirmed = topics.confirm(parameter(form, "TopicArn"), parameter(form, "Token"));
          if (confirmed === undefined) throw new QueryRefusal("InvalidParameter", "Invalid parameter: Token");
          return { SubscriptionArn: confirmed.arn };
        },
      },
    },
  });
}
