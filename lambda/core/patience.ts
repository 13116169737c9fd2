/**
 * How long the FIRING mail about a node that has stopped waits, because the node may come back by itself, as it did lately.
 * What is over by then is one mail instead of two.
 */
import type { Firing, Resolved, Told } from "./incident.ts";

const MINUTE_MS = 60_000;

/** It waits for so long: two hours without power, and a takeover's delay, are over by then. Ms. */
export const PATIENCE_MS = 150 * MINUTE_MS;

/** *Lately*: so long before it stopped again. Ms: 30 days. */
const CAME_BACK_MS = 30 * 24 * 60 * MINUTE_MS;

/**
 * Until when the mail about the latest episode waits, epoch ms; undefined: it does not wait. It waits for those who were told that the node was back the last time,
 * while another node is primary and measures. Where it flaps, other rules hold.
 * @param told what the channel was told last
 */
export function waitsUntilMs(
  { facts, flaps, episode }: Firing | Resolved,
  told: Told | undefined,
): number | undefined {
  if (facts.kind !== "node-dead" || flaps > 0) return undefined;
  if (facts.event.state.primary === null || told?.kind !== "resolved") return undefined;
  return episode.openedMs - told.atMs < CAME_BACK_MS ? episode.openedMs + PATIENCE_MS : undefined;
}
