import { jsonText, plainJson } from "../../../../../simulator/local-cloud/iot/iot-sql/json.ts";
import type { MessageContext } from "../../../../../simulator/local-cloud/iot/iot-sql/payload.ts";
import { compileRule } from "../../../../../simulator/local-cloud/iot/iot-sql/rule.ts";

/** The version that every test compiles for. */
export const V2 = { sqlVersion: "2016-03-23" };

type About = Partial<Omit<MessageContext, "payload">>;

/** A message with a JSON payload, or with one of raw bytes. */
export const message = (payload: unknown, about: About = {}): MessageContext => ({
  topic: "topic/subtopic",
  clientId: "kitchen-0",
  timestampMs: 1_481_825_251_155,
  ...about,
  payload: payload instanceof Uint8Array ? payload : new TextEncoder().encode(JSON.stringify(payload)),
});

/** What a statement selects from a payload, as a program reads it. */
export function select(
  sql: string,
  payload: unknown,
  about: About = {},
): Record<string, unknown> | undefined {
  const selected = compileRule(sql, V2).evaluate(message(payload, about));
  return selected === undefined ? undefined : (plainJson(selected) as Record<string, unknown>);
}

/** The value of one expression; undefined stands for Undefined. */
export const valueOfSql = (expression: string, payload: unknown = {}, about: About = {}) =>
  select(`SELECT ${expression} AS x FROM 'topic/subtopic'`, payload, about)?.x;

/** What a statement selects from a payload given as JSON text, as JSON text: every digit as it goes out. */
export const selectText = (sql: string, payload: string): string =>
  jsonText(compileRule(sql, V2).evaluate(message(new TextEncoder().encode(payload))));
