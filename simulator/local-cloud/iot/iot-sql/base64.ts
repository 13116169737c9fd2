/**
 * `encode(value, 'base64')` and `decode(value, 'base64')`.
 * Source: AWS IoT Core Developer Guide, "Functions". Not emulated: decode() of Protobuf messages.
 */
import { toText } from "./conversions.ts";
import { parseJson } from "./json.ts";
import { isArray, isObject, type SqlValue } from "./values.ts";

const BASE64 = /^[A-Za-z0-9+/]*={0,2}$/;

/** "The result of the evaluation is converted to a string before it is encoded." */
export function encodeBase64(value: SqlValue): string | undefined {
  const text = toText(value);
  return text === undefined ? undefined : Buffer.from(text).toString("base64");
}

/**
 * "If the decoded string is a JSON document, an addressable object is returned. Otherwise, the decoded string"; NULL where
 * it cannot be decoded. A document is an object or an array here: the page does not say what becomes of a bare number.
 * @throws RuleEvaluationError when the document holds a number that the language cannot.
 */
export function decodeBase64(value: SqlValue): SqlValue {
  if (typeof value !== "string") return undefined;
  if (value.length % 4 !== 0 || !BASE64.test(value)) return null;
  const bytes = Buffer.from(value, "base64");
  const document = parseJson(bytes);
  return isObject(document) || isArray(document) ? document : textOf(bytes);
}

function textOf(bytes: Uint8Array): string | null {
  try {
    return new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(bytes);
  } catch {
    return null;
  }
}
