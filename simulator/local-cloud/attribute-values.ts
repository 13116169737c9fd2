/**
 * Converts what a rule selected to the attributes of a DynamoDB item. Numbers travel as text, so that they keep their
 * digits. DynamoDB refuses magnitudes outside 1E-130 to 9.99…E125, and the action then fails with its message.
 * Source: Amazon DynamoDB Developer Guide, "Supported data types".
 */
import type { AttributeValue } from "@aws-sdk/client-dynamodb";
import { decimalText, isDecimal } from "./iot/iot-sql/decimal.ts";
import { isArray, isObject, type SqlObject, type SqlValue } from "./iot/iot-sql/values.ts";

/** An object of IoT SQL as a DynamoDB item, as the `dynamoDBv2` action puts it. */
export const attributeValues = (item: SqlObject): Record<string, AttributeValue> =>
  Object.fromEntries(Object.entries(item).map(([name, value]) => [name, attributeValue(value)]));

function attributeValue(value: SqlValue): AttributeValue {
  if (isDecimal(value)) return { N: decimalText(value) };
  if (isArray(value)) return { L: value.map(attributeValue) };
  if (isObject(value)) return { M: attributeValues(value) };
  if (typeof value === "string") return { S: value };
  return typeof value === "boolean" ? { BOOL: value } : { NULL: true };
}
