import type { Token } from "./lexer.ts";
import { SqlError, type SqlErrorCode } from "./sql-error.ts";

/** Words that cannot name a field or an item. */
const RESERVED = new Set(
  "SELECT FROM WHERE AS AND OR NOT IN CASE WHEN THEN ELSE END NULL TRUE FALSE SET EXISTS".split(" "),
);

/** Whether a word cannot name a field. */
export const isReserved = (token: Token): boolean => RESERVED.has(token.text.toUpperCase());

/** A position in a statement's tokens, and the refusals that name it. */
export class TokenReader {
  /** IN is documented for WHERE only ("Operators", "IN operator"). */
  inWhere = false;
  private readonly tokens: readonly Token[];
  private next = 0;

  constructor(tokens: readonly Token[]) {
    this.tokens = tokens;
  }

  peek(ahead = 0): Token {
    const token = this.tokens[Math.min(this.next + ahead, this.tokens.length - 1)];
    if (token === undefined) throw new Error("a statement has at least its end token");
    return token;
  }

  take(): Token {
    const token = this.peek();
    this.next += 1;
    return token;
  }

  /** Whether the next token is this symbol, or this keyword in any case. */
  sees(text: string, ahead = 0): boolean {
    const token = this.peek(ahead);
    const name = token.kind === "word" ? token.text.toUpperCase() : token.text;
    return (token.kind === "word" || token.kind === "symbol") && name === text;
  }

  takeIf(text: string): boolean {
    const seen = this.sees(text);
    if (seen) this.take();
    return seen;
  }

  /** Takes the next token if it is one of these operators, and returns it. */
  takeOneOf<Text extends string>(texts: readonly Text[]): Text | undefined {
    return texts.find((text) => this.takeIf(text));
  }

  expect(text: string, why: string): void {
    if (!this.takeIf(text)) throw this.refusal("sql-syntax", `expected ${text} ${why}`);
  }

  /** An error at the next token, or at `token`. */
  refusal(code: SqlErrorCode, problem: string, token: Token = this.peek()): SqlError {
    return new SqlError(code, token, token.found, problem);
  }
}
