/**
 * Basic Ingest: a message whose topic names a rule goes to that rule alone, and not to subscribers.
 *
 * Emulated: `topic()` and the error record have the topic after the rule's name; the limits of a topic count for that
 * part alone; no client can subscribe; a rule that does not exist is logged as RuleNotFound. The rule runs whatever its
 * FROM is: AWS calls that clause optional here, and does not document what happens if it does not match.
 * https://docs.aws.amazon.com/iot/latest/developerguide/iot-basic-ingest.html
 */
import { BASIC_INGEST } from "../../../lib/contract/topics.ts";

/** The parts of a Basic Ingest topic, `$aws/rules/RULE/TOPIC`. */
export interface Ingest {
  readonly rule: string;
  /** As the rule sees it. */
  readonly topic: string;
}

/** The parts of a topic; undefined: it is not one of Basic Ingest. */
export function ingestOf(topic: string): Ingest | undefined {
  if (!topic.startsWith(BASIC_INGEST)) return undefined;
  const [rule = "", ...levels] = topic.slice(BASIC_INGEST.length).split("/");
  return { rule, topic: levels.join("/") };
}
