import { compileRule } from "../../../../simulator/local-cloud/iot-sql/rule.ts";

/** The version that every test compiles for. */
export const V2 = { sqlVersion: "2016-03-23" };

interface Message {
  readonly topic?: string;
  readonly clientId?: string;
  readonly timestampMs?: number;
}

/** A message with a JSON payload, or with one of raw bytes. */
export const message = (payload: unknown, about: Message = {}) => ({
  topic: about.topic ?? "topic/subtopic",
  clientId: about.clientId ?? "kitchen-0",
  timestampMs: about.timestampMs ?? 1_481_825_251_155,
  payload: payload instanceof Uint8Array ? payload : new TextEncoder().encode(JSON.stringify(payload)),
});

/** What a statement selects from a payload. */
export const select = (sql: string, payload: unknown, about: Message = {}) =>
  compileRule(sql, V2).evaluate(message(payload, about));

/** The value of one expression; undefined stands for Undefined. */
export const valueOfSql = (expression: string, payload: unknown = {}, about: Message = {}) =>
  select(`SELECT ${expression} AS x FROM 'topic/subtopic'`, payload, about)?.x;
