/** `policy-malformed`: it is no policy document. `policy-unsupported`: AWS accepts it, this evaluator does not. */
export type PolicyErrorCode = "policy-malformed" | "policy-unsupported";

/**
 * A policy that cannot be loaded; never thrown by a decision. The message has the place, what was found, and what to
 * do.
 */
export class PolicyError extends Error {
  override readonly name = "PolicyError";
  readonly code: PolicyErrorCode;
  /** The document and the element: `role sender, policy 0: Statement[1].NotAction`. */
  readonly where: string;

  constructor(code: PolicyErrorCode, where: string, problem: string) {
    super(`${where}: ${problem}`);
    this.code = code;
    this.where = where;
  }
}
