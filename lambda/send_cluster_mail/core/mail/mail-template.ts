/** What each kind of incident has to say; everything else about a mail is the same for all. */
import type { ClusterConfig } from "../../../core/environment.ts";
import { type Clock, span } from "../../../core/instants.ts";
import type { Table } from "./mail-content.ts";

/** What the templates may know besides the facts. Times are epoch ms. */
export interface Setting {
  /** As it is named in a sentence. */
  readonly clusterId: string;
  /** Absent: not in the configuration. */
  readonly cluster: ClusterConfig | undefined;
  readonly nowMs: number;
  readonly sinceMs: number;
  /** Absent while it fires. */
  readonly untilMs?: number;
  /** Names instants in the reader's time zone. */
  readonly time: Clock;
}

type Lines = readonly string[];

/** What is said when it is over. */
export interface Over {
  readonly happened: Lines;
  readonly works: Lines;
  readonly toDo: Lines;
  readonly table?: Table;
}

/** The sentences of one kind of incident. The headline has named the cluster: they need not. */
export interface MailTemplate<F> {
  /** In the subject, after the cluster; begins small, has no full stop. */
  headline(facts: F, setting: Setting): string;
  /** The same, when it is over. */
  overHeadline(facts: F, setting: Setting): string;
  /** Nodes that the facts speak of, to be compared with the configuration. */
  nodes(facts: F): readonly number[];
  /** Whether it can wait until morning, as the runbook's section says it: begins with Yes or No. */
  night(facts: F, setting: Setting): string;
  happened(facts: F, setting: Setting): Lines;
  /** Since when it lasts, epoch ms, where that is not when it was found: all spans of the mail are counted from it. */
  beganMs?(facts: F): number;
  /** The first line says since when. */
  since(facts: F, setting: Setting): Lines;
  stillWorks(facts: F, setting: Setting): Lines;
  toDo(facts: F, setting: Setting): Lines;
  over(facts: F, setting: Setting): Over;
  /** What was known of the cluster when it fired. */
  table?(facts: F, setting: Setting): Table;
}

const MINUTE_MS = 60_000;

/** `2 h 15 min before this mail`, `just before this mail`: as all times of a mail, without seconds. */
export const howLongBefore = (atMs: number, { nowMs }: Pick<Setting, "nowMs">): string =>
  `${nowMs - atMs < MINUTE_MS ? "just" : span(toMinutes(nowMs - atMs))} before this mail`;

const toMinutes = (ms: number): number => Math.floor(ms / MINUTE_MS) * MINUTE_MS;

/** `2026-01-01 12:00 UTC, 2 h 15 min before this mail`. */
export const beforeThisMail = (atMs: number, setting: Setting): string =>
  `${setting.time(atMs)}, ${howLongBefore(atMs, setting)}`;

/** When nothing is left to be done. */
export const NOTHING_TO_DO: Lines = ["Nothing. If it starts again and again, see the runbook."];
