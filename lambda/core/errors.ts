/**
 * What can stop an invocation. The name reaches Lambda's `errorType`, the code the catalogue; Lambda delivers the event
 * again after a minute, and after the last try puts it on the function's failure queue, from where it can be replayed.
 */
const CODES = {
  ConfigInvalid: "MAIL-001",
  EventUnreadable: "MAIL-002",
  IncidentUnreadable: "MAIL-003",
  ClaimContended: "MAIL-005",
  HeaderUnsafe: "MAIL-006",
  RecipientsRefused: "MAIL-007",
} as const;

/** Name of what can stop an invocation, as in Lambda's `errorType`. */
export type ProblemName = keyof typeof CODES;

/** Code, fact, next step, in one line. */
export class MailProblem extends Error {
  readonly code: string;

  constructor(name: ProblemName, fact: string, nextStep: string) {
    super(`${CODES[name]} ${fact}; ${nextStep}`);
    this.name = name;
    this.code = CODES[name];
  }
}
