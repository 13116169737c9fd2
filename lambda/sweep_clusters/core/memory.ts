/**
 * What a sweep keeps for the next one, in one item of the cluster: when nobody was heard, and what was seen once and is
 * believed when it is seen again. Written only when it changes, so that a quiet sweep writes nothing.
 */
import type { Finding } from "./finding.ts";
import { type Doubt, type Evidence, type Heartbeat, type Memory, newestOf, periodMs } from "./view.ts";

/** A node that publishes is heard in one of so many stretches between gaps. */
const GAPS_MAX = 8;

/**
 * No reading for so many periods: nobody is heard. More than two, since one publish may fail; and so few that a node which
 * publishes every period is heard, after a shorter gap, before `LONE_PERIODS` have passed.
 */
export const ABSENT_PERIODS = 2.5;

/** The memory with what is heard now. The same object where nothing has changed. */
export function withHearing(memory: Memory, heartbeats: readonly Heartbeat[], nowMs: number): Memory {
  const newest = newestOf(heartbeats);
  if (newest === undefined) return memory;
  const { receivedMs } = newest;
  const { silentSinceMs, ...heard } = memory;
  const next =
    silentSinceMs !== undefined && receivedMs > silentSinceMs
      ? { ...heard, gaps: [...heard.gaps, { fromMs: silentSinceMs, toMs: receivedMs }].slice(-GAPS_MAX) }
      : memory;
  const longestMs = Math.max(...heartbeats.map(periodMs));
  const absent = nowMs - receivedMs > ABSENT_PERIODS * longestMs;
  return absent && next.silentSinceMs === undefined ? { ...next, silentSinceMs: receivedMs } : next;
}

const isOf = (finding: Finding) => (doubt: Doubt) =>
  doubt.kind === finding.kind && doubt.subject === finding.subject;

/** Whether the finding counts: it needs no second look, or was seen before on other evidence that says the same. */
export const isBelieved = (finding: Finding, { doubts }: Memory): boolean =>
  !finding.fires ||
  finding.evidence === undefined ||
  doubts.filter(isOf(finding)).some((doubt) => confirms(doubt, finding.evidence!));

const confirms = ({ says, newestMs }: Doubt, evidence: Evidence): boolean =>
  says === evidence.says && newestMs < evidence.oldestMs;

/** The memory with what was seen for the first time, and without what was seen to be otherwise. */
export function withDoubts(memory: Memory, findings: readonly Finding[]): Memory {
  const kept = memory.doubts.filter(
    (doubt) => !findings.some((finding) => isOf(finding)(doubt) && !stands(doubt, finding)),
  );
  const fresh = findings.flatMap((finding): readonly Doubt[] => {
    const { kind, subject } = finding;
    if (!finding.fires || finding.evidence === undefined || kept.some(isOf(finding))) return [];
    const { says, newestMs } = finding.evidence;
    return [{ kind, subject, says, newestMs }];
  });
  return kept.length === memory.doubts.length && fresh.length === 0
    ? memory
    : { ...memory, doubts: [...kept, ...fresh] };
}

/** What is confirmed stays as it was: a retry of the sweep has to find it so. */
const stands = ({ says }: Doubt, finding: Finding): boolean =>
  finding.fires && finding.evidence?.says === says;
