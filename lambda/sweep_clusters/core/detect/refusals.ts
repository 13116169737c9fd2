/** When a recipient whom SES refused is refused no more: a mail has been sent to its channel since. */
import type { Incident } from "../../../core/incident.ts";
import { REFUSAL_TERM } from "../../../core/observe.ts";
import type { Policy } from "../../../core/policy.ts";
import type { Finding } from "../finding.ts";

/**
 * Each refusal is noted at the very time by which its mail is confirmed. A mail that was told later than the last refusal
 * was therefore refused to nobody of its channel.
 */
export function refusalsOver(
  backend: readonly Incident[],
  incidents: readonly Incident[],
  { channels }: Policy,
  nowMs: number,
): readonly Finding[] {
  return backend.flatMap((refusal) => {
    if (refusal.state !== "firing" || refusal.facts.kind !== "mail-refused") return [];
    const { address } = refusal.facts;
    const channel = channels.find(({ to }) => to.includes(address));
    // Who is not told any more is not refused either.
    const overMs = channel === undefined ? nowMs : lastToldMs([...incidents, ...backend], channel.id);
    if (overMs <= (refusal.renewed ?? refusal.since).atMs) return [];
    const { subject } = refusal.id;
    return [
      { kind: "mail-refused", subject, fires: false, order: { term: REFUSAL_TERM, atMs: overMs } } as const,
    ];
  });
}

const lastToldMs = (incidents: readonly Incident[], channelId: string): number =>
  Math.max(
    0,
    ...incidents.map((one) =>
      one.state === "recovered-before-onset" ? 0 : (one.channels[channelId]?.told?.atMs ?? 0),
    ),
  );
