/** Builds the parts of the report from what the run came to. */
import { between, inSeconds } from "../../engine/time.ts";
import { rowAt, type TemperatureLog } from "../../hardware/temperature-log.ts";
import {
  brokenBy,
  type Expectation,
  expectationText,
  isDuration,
  listed,
  type Metric,
  mailText,
  type RunResult,
} from "../../scenario/expectations.ts";
import type { Failover } from "../../scenario/score.ts";
import type { Report, SentMail, TemperatureReport } from "./summary.ts";

const iso = (epochMs: number): string => new Date(epochMs).toISOString();

/** Milliseconds are as fine as anybody can time a process. */
export const toMillis = (seconds: number): number => Math.round(seconds * 1_000) / 1_000;

/** @param besides mails that chaos brought and that no expectation is about: said where mails are. */
export const judge = (
  expectations: readonly Expectation[],
  result: RunResult,
  besides: readonly SentMail[] = [],
): Report["expectations"] =>
  expectations.map((expectation) => {
    const found = brokenBy(expectation, result);
    const more = isAboutMails(expectation) ? besidesText(besides) : "";
    return {
      text: `${expectationText(expectation)}${more}`,
      held: found === undefined,
      found: found ?? null,
    };
  });

const isAboutMails = (expectation: Expectation): boolean =>
  expectation.kind === "mails" || (expectation.kind === "metric" && expectation.metric.endsWith(" mails"));

function besidesText(mails: readonly SentMail[]): string {
  if (mails.length === 0) return "";
  const texts = mails.map(
    (mail) => `${mailText(mail)}${mail.possible_duplicate ? " (possible duplicate)" : ""}`,
  );
  return `; also sent, because of the chaos: ${listed(texts)}`;
}

/**
 * What an expectation is about: not what chaos brings besides. A mail may come again where it says so; and a backend that
 * fails is mailed as one, and so is a cluster as silent whose readings it could not store.
 */
export function mailsOfTheStory(
  mails: readonly SentMail[],
  expectations: readonly Expectation[],
): readonly SentMail[] {
  const named = expectations.flatMap((one) =>
    one.kind === "mails" ? one.list.map(({ mail }) => mail.slice(mail.indexOf(" ") + 1)) : [],
  );
  const last = new Map<string, string>();
  return mails.filter(({ incident, kind, possible_duplicate }) => {
    const repeated = possible_duplicate === true && last.get(incident) === kind;
    last.set(incident, kind);
    return !repeated && (named.length === 0 || named.includes(incident));
  });
}

/** The takeovers of a run as `--json` prints them. */
export const failoverReport = (failovers: readonly Failover[], epochMs: number): Report["failovers"] =>
  failovers.map(({ at, from, to, term, outageS }) => ({
    at: iso(epochMs + at / 1_000),
    from,
    to,
    term,
    outage_s: outageS === null ? null : Math.round(outageS),
  }));

/** The takeovers of a run as expectations look at them. */
export const observedFailovers = (failovers: readonly Failover[]): RunResult["failovers"] =>
  failovers.map(({ at, from, to, since }) => ({ from, to, afterS: inSeconds(between(since, at)) }));

/** Names as JSON has them, with the unit last where there is one. */
export const metricsReport = (metrics: Readonly<Record<Metric, number>>): Report["metrics"] =>
  Object.fromEntries(
    (Object.keys(metrics) as Metric[]).map((metric) => [
      `${metric.replaceAll(" ", "_")}${isDuration(metric) ? "_s" : ""}`,
      isDuration(metric) ? toMillis(metrics[metric]) : metrics[metric],
    ]),
  );

/** How much of the log a run of that length came to, the gaps in it, and whether it outlived the log. */
export function temperatureReport(
  {
    file,
    log,
    notes,
  }: { readonly file: string; readonly log: TemperatureLog; readonly notes: readonly string[] },
  simulatedS: number,
): TemperatureReport {
  const endMs = log.startMs + simulatedS * 1_000;
  return {
    file,
    rows: log.rows,
    rows_played: rowAt(log, endMs) + 1,
    from: iso(log.startMs),
    to: iso(log.endMs),
    gaps: log.gaps
      .filter(({ fromMs }) => fromMs < endMs)
      .map(({ fromMs, toMs }) => ({ from: iso(fromMs), to: iso(toMs) })),
    held_from: endMs > log.endMs ? iso(log.endMs) : null,
    notes,
  };
}
