/** The message as a rule sees it. */
import { parseJson } from "./json.ts";
import { isObject, type SqlObject } from "./values.ts";

/** What the cloud knows of a message that it gives to a rule. */
export interface MessageContext {
  readonly topic: string;
  readonly payload: Uint8Array;
  /** "`n/a` if the message wasn't sent over MQTT". */
  readonly clientId: string;
  /** Milliseconds since 1970: what `timestamp()` returns. */
  readonly timestampMs: number;
  /** Id of the account that owns the rule. */
  readonly accountId?: string;
  /**
   * The certificate's id of an MQTT client, the user id of an HTTP request; left out where nobody was authenticated.
   */
  readonly principal?: string | undefined;
  /** What `traceid()` returns for a message that came over MQTT. */
  readonly traceId?: string | undefined;
  /** Makes what `newuuid()` returns: a different id at each call. */
  readonly newUuid?: () => string;
}

/** A message whose payload has been parsed, for all expressions of a statement. */
export interface OpenMessage {
  readonly context: MessageContext;
  /** The topic's segments, without the prefix of Basic Ingest. */
  readonly topic: string;
  /** The payload's members; Undefined when it is not a JSON object, and then every field is Undefined. */
  readonly fields: SqlObject | undefined;
}

/** "When Basic Ingest is used, the initial prefix of the topic is not available to the topic() function." */
const BASIC_INGEST_PREFIX = /^\$aws\/rules\/[^/]+\//;

/** Parses a message's payload. @throws RuleEvaluationError when it has a number that is out of the language's range */
export function openMessage(context: MessageContext): OpenMessage {
  const value = parseJson(context.payload);
  return {
    context,
    topic: context.topic.replace(BASIC_INGEST_PREFIX, ""),
    fields: isObject(value) ? value : undefined,
  };
}
