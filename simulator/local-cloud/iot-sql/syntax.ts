/** The tree of a compiled rule statement. */
import type { CastTarget } from "./cast.ts";
import type { SqlFunction } from "./functions.ts";
import type { BinaryOperator } from "./operators.ts";
import type { SqlValue } from "./values.ts";

export type Expression =
  | { readonly kind: "literal"; readonly value: SqlValue }
  /** A member of the payload. */
  | { readonly kind: "field"; readonly name: string }
  | { readonly kind: "member"; readonly object: Expression; readonly name: string }
  | { readonly kind: "array"; readonly items: readonly Expression[] }
  | { readonly kind: "object"; readonly entries: readonly (readonly [string, Expression])[] }
  | { readonly kind: "not"; readonly operand: Expression }
  | Binary
  | Case
  | { readonly kind: "cast"; readonly operand: Expression; readonly target: CastTarget }
  /** `encode(*, 'base64')` when `operand` is "payload". */
  | { readonly kind: "encode"; readonly operand: Expression | "payload" }
  | { readonly kind: "matches"; readonly operand: Expression; readonly pattern: RegExp }
  | { readonly kind: "call"; readonly callee: SqlFunction; readonly args: readonly Expression[] };

export interface Binary {
  readonly kind: "binary";
  readonly operator: BinaryOperator;
  readonly left: Expression;
  readonly right: Expression;
}

export interface Case {
  readonly kind: "case";
  readonly operand: Expression;
  readonly branches: readonly { readonly when: Expression; readonly result: Expression }[];
  readonly otherwise: Expression | undefined;
}

/** `expression AS name`. */
export interface SelectItem {
  readonly name: string;
  readonly value: Expression;
}

export interface Statement {
  /** `SELECT *`: the payload's members come first, and an item of the same name replaces one. */
  readonly everything: boolean;
  readonly items: readonly SelectItem[];
  readonly topicFilter: string;
  readonly where: Expression | undefined;
}
