import { binaryOperations, equal, not } from "./operators.ts";
import type { OpenMessage } from "./payload.ts";
import type { Case, Expression } from "./syntax.ts";
import { isObject, member, objectOf, type SqlValue } from "./values.ts";

/**
 * The value of an expression for one message: whatever does not fit is Undefined.
 * @throws RuleEvaluationError when decode() finds a number that the language cannot hold.
 */
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
