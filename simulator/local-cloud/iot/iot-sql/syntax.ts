/** The tree of a compiled rule statement. */
import type { SqlFunction } from "./functions.ts";
import type { BinaryOperator } from "./operators.ts";
import type { SqlValue } from "./values.ts";

/** An expression of a statement, parsed. */
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
  /** `name` as it was written. */
  | {
      readonly kind: "call";
      readonly name: string;
      readonly callee: SqlFunction;
      readonly args: readonly Expression[];
    };

/** An operator between two expressions. */
export interface Binary {
  readonly kind: "binary";
  readonly operator: BinaryOperator;
  readonly left: Expression;
  readonly right: Expression;
}

/** `CASE operand WHEN … THEN … ELSE … END`. */
export interface Case {
  readonly kind: "case";
  readonly operand: Expression;
  readonly branches: readonly { readonly when: Expression; readonly result: Expression }[];
  readonly otherwise: Expression | undefined;
}

/** One selected item. The value "*" is the whole payload. */
export interface SelectItem {
  /**
   * Its place in the outgoing payload: one name, or several for a dotted alias. Empty for a `*` without a name, whose
   * members are beside the other items.
   */
  readonly path: readonly string[];
  readonly value: Expression | "*";
}

/** `SELECT items FROM topicFilter WHERE where`, parsed. */
export interface Statement {
  readonly items: readonly SelectItem[];
  readonly topicFilter: string;
  readonly where: Expression | undefined;
}
