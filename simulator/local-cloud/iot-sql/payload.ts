/**
 * The message as a rule sees it.
 * Not emulated: a JSON payload nested deeper than 100 levels, or with a number beyond a double's range, counts as not JSON.
 */
import { isArray, isObject, type SqlObject, type SqlValue } from "./values.ts";

/** What the broker knows of a message when it hands it to a rule. */
export interface MessageContext {
  readonly topic: string;
  readonly payload: Uint8Array;
  readonly clientId: string;
  /** Milliseconds since 1970: what `timestamp()` returns. */
  readonly timestampMs: number;
}

/** A message opened once, for all the expressions of a statement. */
export interface OpenMessage {
  readonly context: MessageContext;
  /** The topic's segments, without the prefix of Basic Ingest. */
  readonly topic: string;
  /** The payload's members; Undefined when it is not a JSON object, and then every field is Undefined. */
  readonly fields: SqlObject | undefined;
}

/** Guards the recursion over a payload that a stranger wrote: 128 KB of `[` is a legal MQTT payload. */
const DEPTH_MAX = 100;

/** "When Basic Ingest is used, the initial prefix of the topic is not available to the topic() function." */
const BASIC_INGEST_PREFIX = /^\$aws\/rules\/[^/]+\//;

export function openMessage(context: MessageContext): OpenMessage {
  const value = parseJson(context.payload);
  return {
    context,
    topic: context.topic.replace(BASIC_INGEST_PREFIX, ""),
    fields: isObject(value) ? value : undefined,
  };
}

function parseJson(payload: Uint8Array): SqlValue {
  try {
    const value: SqlValue = JSON.parse(
      new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(payload),
    );
    return isRepresentable(value, 0) ? value : undefined;
  } catch {
    return undefined; // not UTF-8 or not JSON: the payload is binary, and only encode(*, 'base64') reads it
  }
}

function isRepresentable(value: SqlValue, depth: number): boolean {
  if (depth > DEPTH_MAX) return false;
  if (typeof value === "number") return Number.isFinite(value);
  if (isArray(value)) return value.every((item) => isRepresentable(item, depth + 1));
  return !isObject(value) || Object.values(value).every((item) => isRepresentable(item, depth + 1));
}
