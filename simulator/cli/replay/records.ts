/** What a message in an error, failure or dead-letter queue says, and what would put it right. */

import { ClusterEvent, type DeliveredEvent } from "../../../lib/contract/messages.ts";
import { ruleNames } from "../../../lib/contract/names.ts";
import { BASIC_INGEST, type Channel, lateTopic, TOPIC_LEVEL } from "../../../lib/contract/topics.ts";

/** What repeats the step that failed. */
export type Replay =
  | {
      readonly action: "publish";
      readonly topic: string;
      readonly payload: Buffer;
      /** The rule that has to be there, or the message is lost: AWS IoT drops what no rule asks for. @default any */
      readonly rule?: string;
    }
  | { readonly action: "invoke"; readonly functionArn: string; readonly payload: string }
  /** Nothing does; `why` says so to a person. */
  | { readonly action: "none"; readonly why: string };

/** What a message in an error or failure queue says: what failed, why, and how it can be repeated. */
export interface FailureRecord {
  /** `rule ha2m_readings`. */
  readonly source: string;
  /** At least one. */
  readonly errors: readonly string[];
  /** Where the device's message was published to, if the record says so. */
  readonly topic: string | undefined;
  /** The device's own message where the record holds it, else what was asked. */
  readonly payload: string;
  readonly replay: Replay;
}

type Fields = Readonly<Record<string, unknown>>;

/**
 * @param attributes of the message, by name
 * @param sentMs when it came into the queue, epoch ms
 */
export function readRecord(
  body: string,
  attributes: Readonly<Record<string, string>>,
  sentMs: number,
): FailureRecord {
  const record = fieldsOf(body);
  return (
    ofRule(record, sentMs) ??
    ofFunction(record) ??
    ofDeadLetter(body, attributes) ?? {
      source: "unknown",
      errors: ["not a record of a rule, a function or a schedule"],
      topic: undefined,
      payload: body,
      replay: { action: "none", why: "its purpose is unknown" },
    }
  );
}

/** https://docs.aws.amazon.com/iot/latest/developerguide/rule-error-handling.html */
function ofRule(record: Fields, sentMs: number): FailureRecord | undefined {
  const { ruleName, topic, base64OriginalPayload, failures } = record;
  if (typeof topic !== "string" || typeof base64OriginalPayload !== "string") return undefined;
  const payload = Buffer.from(base64OriginalPayload, "base64");
  const errors = asArray(failures).map(
    ({ failedAction, failedResource, errorMessage }) =>
      `${failedAction} on ${failedResource}: ${String(errorMessage)}`,
  );
  return {
    source: `rule ${String(ruleName)}`,
    errors: errors.length === 0 ? ["the record names no error"] : errors,
    topic,
    payload: payload.toString("utf8"),
    replay: eventAgain(record, topic, payload, sentMs) ?? {
      action: "publish",
      payload,
      ...placeOfReturn(String(ruleName), topic),
    },
  };
}

/** A function's name or ARN. */
const FUNCTION = /^[\w:-]+$/;

/**
 * An event that could not be handed to its function: the function is given it as the rule would have, with the time at which
 * that failed for the time of its receipt. Published again it would be received now; its own time is then too far from that to
 * count, and a death of last week would be one of now. Undefined: it is no event, or the record names no function.
 */
function eventAgain(record: Fields, topic: string, payload: Buffer, sentMs: number): Replay | undefined {
  const levels = topic.split("/");
  const failed = asArray(record.failures).find(({ failedAction }) => failedAction === "LambdaAction");
  const functionArn = String(failed?.failedResource ?? "");
  const message = fieldsOf(payload.toString("utf8"));
  const isEvent = levels[TOPIC_LEVEL.cluster - 2] === ("event" satisfies Channel);
  if (!isEvent || !FUNCTION.test(functionArn) || Object.keys(message).length === 0) return undefined;
  const fields = Object.keys(ClusterEvent.shape).filter((field) => field in message);
  const added = {
    cluster_id: levels[TOPIC_LEVEL.cluster - 1] ?? "",
    node: Number(levels[TOPIC_LEVEL.node - 1]),
    received_at: sentMs,
    original_base64: payload.toString("base64"),
  } satisfies Omit<DeliveredEvent, keyof ClusterEvent>;
  const event = { ...Object.fromEntries(fields.map((field) => [field, message[field]])), ...added };
  return { action: "invoke", functionArn, payload: JSON.stringify(event) };
}

/**
 * A reading that failed is late by now: where it was published first it would count as a heartbeat, and end the silence
 * of a cluster that is silent still.
 */
function placeOfReturn(ruleName: string, topic: string): { readonly topic: string; readonly rule?: string } {
  const [, deployment] = /^([a-z0-9]+)_(?:late_)?readings$/.exec(ruleName) ?? [];
  // Of a message by Basic Ingest the record may name the topic in full: `$aws/rules/RULE/topic`.
  const late = lateTopic(topic.startsWith(BASIC_INGEST) ? topic.split("/").slice(3).join("/") : topic);
  if (deployment === undefined || late === undefined) return { topic };
  return { topic: late, rule: ruleNames(deployment).late };
}

/** https://docs.aws.amazon.com/lambda/latest/dg/invocation-async-retain-records.html */
function ofFunction(record: Fields): FailureRecord | undefined {
  const { requestContext, requestPayload, responsePayload } = record;
  const { functionArn, condition, approximateInvokeCount } = asFields(requestContext);
  if (typeof functionArn !== "string" || requestPayload === undefined) return undefined;
  const { errorType, errorMessage } = asFields(responsePayload);
  // Without its version: `$LATEST` is what a function is invoked as when none is named.
  const arn = functionArn.split(":").slice(0, 7).join(":");
  const original = asFields(requestPayload).original_base64;
  return {
    source: `function ${arn.split(":")[6]}`,
    errors: [
      `${errorType ?? "no error type"}: ${errorMessage ?? "no message"} (${condition}, ${approximateInvokeCount} attempts)`,
    ],
    topic: undefined,
    payload:
      typeof original === "string"
        ? Buffer.from(original, "base64").toString("utf8")
        : JSON.stringify(requestPayload),
    replay: { action: "invoke", functionArn: arn, payload: JSON.stringify(requestPayload) },
  };
}

/**
 * Of a schedule or a rule of an event bus: the body is what the target was to get, the attributes say what went wrong.
 * https://docs.aws.amazon.com/scheduler/latest/UserGuide/configuring-schedule-dlq.html
 */
function ofDeadLetter(body: string, attributes: Readonly<Record<string, string>>): FailureRecord | undefined {
  const { TARGET_ARN: target, SCHEDULE_ARN: schedule, RULE_ARN: rule } = attributes;
  if (target === undefined) return undefined;
  const name = (arn: string): string => arn.split("/").at(-1) ?? arn;
  return {
    source: schedule === undefined ? `event rule ${name(rule ?? "unknown")}` : `schedule ${name(schedule)}`,
    errors: [
      `${attributes.ERROR_CODE ?? "no error code"}: ${attributes.ERROR_MESSAGE ?? "no message"} (target ${target})`,
    ],
    topic: undefined,
    payload: body,
    replay: target.startsWith("arn:aws:lambda:")
      ? { action: "invoke", functionArn: target, payload: body }
      : { action: "none", why: "a notice about a mail: the mail itself is sent separately" },
  };
}

function fieldsOf(json: string): Fields {
  try {
    return asFields(JSON.parse(json));
  } catch {
    return {};
  }
}

const asFields = (value: unknown): Fields =>
  typeof value === "object" && value !== null ? (value as Fields) : {};
const asArray = (value: unknown): Fields[] => (Array.isArray(value) ? value.map(asFields) : []);
