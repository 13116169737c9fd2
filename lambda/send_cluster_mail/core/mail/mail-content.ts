/** A mail as words, before it is text or HTML. */

/** A heading and the lines below it. */
export interface Section {
  readonly title: string;
  readonly lines: readonly string[];
}

/** A table of the mail; cells are plain text. */
export interface Table {
  readonly title: string;
  readonly columns: readonly string[];
  /** As many cells as there are columns. */
  readonly rows: readonly (readonly string[])[];
}

/** What stands in the subject in capitals, and on the badge. */
export type State = "firing" | "reminder" | "resolved" | "digest" | "test";

/** The content of a mail, before it is text or HTML. */
export interface MailContent {
  readonly state: State;
  readonly subject: string;
  readonly headline: string;
  /** What the reader should know about the mail itself, before its content. */
  readonly notices: readonly string[];
  readonly sections: readonly Section[];
  readonly table?: Table;
  readonly runbookUrl: string;
  /** A page with buttons: no more reminders, or none for a while. */
  readonly answerUrl?: string;
  /** Which mails come next. */
  readonly footer: string;
}
