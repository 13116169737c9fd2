/** What each kind of incident has to say; everything else about a mail is the same for all. */
import type { ClusterConfig } from "../../../core/environment.ts";
import { span, utc } from "../../../core/instants.ts";
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
}

type Lines = readonly string[];

/** What is said when it is over. */
export interface Over {
  readonly happened: Lines;
  readonly works: Lines;
  readonly toDo: Lines;
  readonly table?: Table;
}

/** The sentences of one kind of incident. */
export interface MailTemplate<F> {
  /** In the subject, after the cluster; begins small, has no full stop. */
  headline(facts: F, setting: Setting): string;
  /** The same, when it is over. */
  overHeadline(facts: F, setting: Setting): string;
  /** Nodes that the facts speak of, to be compared with the configuration. */
  nodes(facts: F): readonly number[];
  happened(facts: F, setting: Setting): Lines;
  /** The first line says since when; it is in `sinceMs` in every kind. */
  since(facts: F, setting: Setting): Lines;
  stillWorks(facts: F, setting: Setting): Lines;
  toDo(facts: F, setting: Setting): Lines;
  over(facts: F, setting: Setting): Over;
  /** What was known of the cluster when it fired. */
  table?(facts: F, setting: Setting): Table;
}

const MINUTE_MS = 60_000;

/** `2026-01-01 12:00:00 UTC, 2 h 15 min before this mail`. */
export function beforeThisMail(atMs: number, { nowMs }: Setting): string {
  const ago = nowMs - atMs < MINUTE_MS ? "just" : span(nowMs - atMs);
  return `${utc(atMs)}, ${ago} before this mail`;
}

/** When nothing is left to be done. */
export const NOTHING_TO_DO: Lines = ["Nothing. If it starts again and again, see the runbook."];
