/** The cluster around an incident, out of the items beside it. What cannot be read is left out: it must keep no mail back. */
import * as z from "zod/mini";
import { Facts, INCIDENT_KINDS } from "../../lib/contract/incidents.ts";
import {
  CLUSTERS_KEY,
  HEARTBEAT_PREFIX,
  INCIDENT_PREFIX,
  KEY_SEPARATOR,
  MUTE_KEY,
} from "../../lib/contract/tables.ts";
import {
  type Heard,
  type Mute,
  type Neighbour,
  type Neighbourhood,
  saidMsIn,
} from "../core/neighbourhood.ts";
import { fromAttributes, type Item } from "./item-values.ts";

const ms = z.int().check(z.gte(0));
const IncidentItem = z.object({
  state: z.enum(["firing", "resolved"]),
  opened_ms: ms,
  closed_ms: z.optional(ms),
  facts: z.catch(z.optional(z.string()), undefined),
  since_term: z.catch(z.optional(ms), undefined),
});
const HeartbeatItem = z.object({
  node: ms,
  received_at: ms,
  sleep_s: ms,
  measured_at: z.catch(z.optional(z.string()), undefined),
  term: z.catch(z.optional(ms), undefined),
});
const MuteItem = z.object({ from_ms: ms, until_ms: ms });

function neighbourFrom(key: string, item: Item): Neighbour | undefined {
  const [, kindText, subject] = key.split(KEY_SEPARATOR);
  const kind = INCIDENT_KINDS.find((one) => one === kindText);
  const { data } = IncidentItem.safeParse(fromAttributes(item));
  if (kind === undefined || data === undefined) return undefined;
  return {
    kind,
    subject: Number(subject),
    openedMs: data.opened_ms,
    ...said(kind === "node-dead" ? reportedMsIn(data.facts) : Number.NaN, data.since_term),
    ...(data.state === "resolved" ? { closedMs: data.closed_ms ?? data.opened_ms } : {}),
  };
}

function heardFrom(item: Item): Heard | undefined {
  const { data } = HeartbeatItem.safeParse(fromAttributes(item));
  if (data === undefined) return undefined;
  const { node, received_at: receivedMs, sleep_s: sleepS, measured_at, term } = data;
  return { node, receivedMs, sleepS, ...said(Date.parse(measured_at ?? ""), term) };
}

/** @param facts of a death, as JSON @returns NaN: they cannot be read */
function reportedMsIn(facts: string | undefined): number {
  try {
    return saidMsIn(Facts.parse(JSON.parse(facts ?? ""))) ?? Number.NaN;
  } catch {
    return Number.NaN;
  }
}

const said = (saidMs: number, term: number | undefined) => ({
  ...(Number.isNaN(saidMs) ? {} : { saidMs }),
  ...(term === undefined ? {} : { term }),
});

/** Undefined: it is no mute. */
export function muteFrom(item: Item): Mute | undefined {
  const { data } = MuteItem.safeParse(fromAttributes(item));
  return data && { fromMs: data.from_ms, untilMs: data.until_ms };
}

/** @param items of one cluster, without the incident's own */
export function neighbourhoodOf(items: readonly Item[]): Neighbourhood {
  const others: Neighbour[] = [];
  const heard: Heard[] = [];
  let mute: Mute | undefined;
  for (const item of items) {
    const key = item[CLUSTERS_KEY.sort]?.S ?? "";
    if (key === MUTE_KEY) mute = muteFrom(item);
    else if (key.startsWith(HEARTBEAT_PREFIX)) heard.push(...some(heardFrom(item)));
    else if (key.startsWith(INCIDENT_PREFIX)) others.push(...some(neighbourFrom(key, item)));
  }
  return { others, heard, ...(mute === undefined ? {} : { mute }) };
}

const some = <T>(value: T | undefined): readonly T[] => (value === undefined ? [] : [value]);
