import { cast } from "./cast.ts";
import { binaryOperations, equal, not } from "./operators.ts";
import type { OpenMessage } from "./payload.ts";
import type { Case, Expression } from "./syntax.ts";
import { isObject, member, objectOf, type SqlValue, toText } from "./values.ts";

/** The value of an expression for one message. Never throws: whatever does not fit is Undefined. */
export function evaluate(expression: Expression, message: OpenMessage): SqlValue {
  const read = (operand: Expression) => evaluate(operand, message);
  switch (expression.kind) {
    case "literal":
      return expression.value;
    case "field":
      return memberOf(message.fields, expression.name);
    case "member":
      return memberOf(read(expression.object), expression.name);
    case "array":
      // Undefined "isn't representable in JSON except by omitting the value".
      return expression.items.map(read).filter((item) => item !== undefined);
    case "object":
      return objectOf(expression.entries.map(([key, value]) => [key, read(value)] as const));
    case "not":
      return not(read(expression.operand));
    case "binary":
      return binaryOperations[expression.operator](read(expression.left), read(expression.right));
    case "case":
      return evaluateCase(expression, read);
    case "cast":
      return cast(read(expression.operand), expression.target);
    case "encode":
      return encode(
        expression.operand === "payload" ? message.context.payload : toText(read(expression.operand)),
      );
    case "matches":
      return matches(toText(read(expression.operand)), expression.pattern);
    case "call":
      return expression.callee.call(expression.args.map(read), message);
  }
}

const memberOf = (value: SqlValue, name: string): SqlValue =>
  isObject(value) ? member(value, name) : undefined;

/** "Case statements" (iot-sql-case): the first match wins; Undefined in front is Undefined, even where there is an ELSE. */
function evaluateCase(expression: Case, read: (operand: Expression) => SqlValue): SqlValue {
  const value = read(expression.operand);
  if (value === undefined) return undefined;
  const branch = expression.branches.find(({ when }) => equal(value, read(when)) === true);
  const result = branch?.result ?? expression.otherwise;
  return result === undefined ? undefined : read(result);
}

function encode(content: Uint8Array | string | undefined): string | undefined {
  const bytes = typeof content === "string" ? new TextEncoder().encode(content) : content;
  return bytes === undefined ? undefined : Buffer.from(bytes).toString("base64");
}

const matches = (text: string | undefined, pattern: RegExp): boolean | undefined =>
  text === undefined ? undefined : pattern.test(text);
