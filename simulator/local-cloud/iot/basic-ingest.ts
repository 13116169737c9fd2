/**
 * Basic Ingest: a message that names its rule in the topic goes to that rule alone, past the broker.
 *
 * Emulated: `topic()` and the error record see the topic behind the rule's name, the limits of a topic hold for that part
 * alone, nobody can subscribe, a rule that does not exist is logged as RuleNotFound. The rule runs whatever its FROM says:
 * AWS calls that clause optional here, and does not say what becomes of one that does not match.
 * https://docs.aws.amazon.com/iot/latest/developerguide/iot-basic-ingest.html
 */
import { BASIC_INGEST } from "../../../lib/contract/topics.ts";

/** A topic of Basic Ingest, `$aws/rules/RULE/TOPIC`, taken apart. */
export interface Ingest {
  readonly rule: string;
  /** As the rule sees it. */
  readonly topic: string;
}

/** Undefined for a topic that is not one of Basic Ingest. */
export function ingestOf(topic: string): Ingest | undefined {
  if (!topic.startsWith(BASIC_INGEST)) return undefined;
  const [rule = "", ...levels] = topic.slice(BASIC_INGEST.length).split("/");
  return { rule, topic: levels.join("/") };
}
