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
  /** Where each row can be answered, where it can. */
  readonly answers?: readonly (string | undefined)[];
}

/** Temperatures of a span of time, drawn. */
export interface Picture {
  readonly title: string;
  /** `4.1 to 9.8 °C, last 4.6 °C`. */
  readonly caption: string;
  /** The same drawing in block characters, a column an hour or more. */
  readonly sparkline: string;
  /** Behind the sparkline in plain text: what a column is. */
  readonly legend: string;
  /** Below the picture: what its ticks are. */
  readonly ticks: string;
  readonly png: Uint8Array;
}

/** What stands in the subject in capitals, and on the badge. */
export type State = "firing" | "reminder" | "acknowledged" | "resolved" | "digest" | "weekly" | "test";

/** What the runbook's sections ask, and a mail answers first. */
export const NIGHT_TITLE = "Can it wait until morning?";
/** Over the link to the page that takes an answer. */
export const ANSWER_TITLE = "Acknowledge or snooze";

/** The content of a mail, before it is text or HTML. */
export interface MailContent {
  readonly state: State;
  readonly subject: string;
  /** Begins with the cluster's name. */
  readonly headline: string;
  /** Whether it can wait until morning: begins with Yes or No, a digest's with Mostly. Absent where nothing is wrong. */
  readonly night?: string;
  /** What the reader should know about the mail itself, before its content. */
  readonly notices: readonly string[];
  readonly sections: readonly Section[];
  readonly pictures: readonly Picture[];
  readonly table?: Table;
  readonly runbookUrl: string;
  /** A page with buttons: no more reminders, or none for a while. */
  readonly answerUrl?: string;
  /** Which mails come next. */
  readonly footer: string;
}
