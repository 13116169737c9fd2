/** The text of a queued message, short enough for a line of the log. */

const LENGTH_MAX = 200;

/** The records that rules and functions of the local cloud put into queues. */
interface QueuedRecord {
  /** A rule's error record: the message of the device. */
  readonly base64OriginalPayload?: unknown;
  /** A function's failed event, with the message of the device where its rule passes it on. */
  readonly requestPayload?: { readonly original_base64?: unknown } | null;
  readonly responsePayload?: { readonly errorType?: unknown } | null;
}

/**
 * The device's own message if the record has it, else the record; at most 200 characters, control characters replaced.
 */
export function queuedText(body: string): string {
  const text = contentOf(body).replace(/\p{C}/gu, "\ufffd");
  return text.length > LENGTH_MAX ? `${text.slice(0, LENGTH_MAX)}…` : text;
}

function contentOf(body: string): string {
  const record = parsed(body);
  if (typeof record.base64OriginalPayload === "string") return fromBase64(record.base64OriginalPayload);
  if (record.requestPayload === undefined) return body;
  const original = record.requestPayload?.original_base64;
  const payload = typeof original === "string" ? fromBase64(original) : JSON.stringify(record.requestPayload);
  return `${record.responsePayload?.errorType ?? "failed"}: ${payload}`;
}

function parsed(body: string): QueuedRecord {
  try {
    const value: unknown = JSON.parse(body);
    return typeof value === "object" && value !== null ? value : {};
  } catch {
    return {};
  }
}

const fromBase64 = (text: string): string => Buffer.from(text, "base64").toString("utf8");
