/** An incident as an item of the clusters table, flat and readable in the console; parsed again when it comes back. */
import type { AttributeValue } from "@aws-sdk/client-dynamodb";
import * as z from "zod/mini";
import { CLUSTERS_KEY, TTL_ATTRIBUTE } from "../../../lib/contract/tables.ts";
import { MailProblem } from "../core/errors.ts";
import type { Incident, Resolved, Telling } from "../core/incident.ts";
import type { IncidentId } from "../core/mail.ts";
import type { Order } from "../core/order.ts";

export type Item = Record<string, AttributeValue>;
type Flat = Readonly<Record<string, string | number | boolean>>;

export const keyOf = ({ clusterId, itemKey }: IncidentId): Item => ({
  [CLUSTERS_KEY.partition]: { S: clusterId },
  [CLUSTERS_KEY.sort]: { S: itemKey },
});

const attribute = (value: string | number | boolean): AttributeValue =>
  typeof value === "string"
    ? { S: value }
    : typeof value === "number"
      ? { N: String(value) }
      : { BOOL: value };

const plain = ({ S, N, BOOL }: AttributeValue): unknown => S ?? (N === undefined ? BOOL : Number(N));

const flatOrder = (name: string, { term, atMs }: Order): Flat => ({
  [`${name}_term`]: term,
  [`${name}_at`]: new Date(atMs).toISOString(),
});

const flatTelling = ({ claimId, claimUntilMs, claims, told, priorUnconfirmed }: Telling): Flat => ({
  claim_id: claimId,
  claim_until_ms: claimUntilMs,
  claims,
  told,
  prior_unconfirmed: priorUnconfirmed,
});

const flatLast = ({ last }: Resolved): Flat =>
  last === undefined
    ? {}
    : {
        ...flatOrder("since", last.episode.since),
        ...flatOrder("until", last.episode.until),
        ...flatTelling(last.telling),
      };

function flatten(incident: Incident): Flat {
  const { state, rev, episodes } = incident;
  if (incident.state === "firing")
    return { state, rev, episodes, ...flatOrder("since", incident.since), ...flatTelling(incident.telling) };
  return {
    state,
    rev,
    episodes,
    ...flatOrder("recovered", incident.recovered),
    ...flatLast(incident),
    [TTL_ATTRIBUTE]: incident.expiresAtS,
  };
}

export const toItem = (id: IncidentId, incident: Incident): Item => ({
  ...keyOf(id),
  ...Object.fromEntries(Object.entries(flatten(incident)).map(([name, value]) => [name, attribute(value)])),
});

const count = z.int().check(z.gte(0));
const instant = z.iso.datetime({ precision: 3 });
const telling = {
  claim_id: z.string(),
  claim_until_ms: z.int(),
  claims: count,
  told: z.boolean(),
  prior_unconfirmed: z.boolean(),
};
const common = { rev: count, episodes: count };
const since = { since_term: count, since_at: instant };
const recovered = { recovered_term: count, recovered_at: instant, [TTL_ATTRIBUTE]: count };

const FiringItem = z.object({ state: z.literal("firing"), ...common, ...since, ...telling });
const ToldItem = z.object({
  state: z.literal("resolved"),
  ...common,
  ...recovered,
  ...since,
  until_term: count,
  until_at: instant,
  ...telling,
});
const TombstoneItem = z.object({
  state: z.literal("resolved"),
  ...common,
  ...recovered,
  claim_id: z.optional(z.undefined()),
});
const IncidentItem = z.union([FiringItem, ToldItem, TombstoneItem]);

const order = (term: number, at: string): Order => ({ term, atMs: Date.parse(at) });

const tellingFrom = (item: z.infer<typeof FiringItem> | z.infer<typeof ToldItem>): Telling => ({
  claimId: item.claim_id,
  claimUntilMs: item.claim_until_ms,
  claims: item.claims,
  told: item.told,
  priorUnconfirmed: item.prior_unconfirmed,
});

/** @throws MailProblem IncidentUnreadable: guessing could silence a mail; the event waits in the failure queue instead. */
export function fromItem(id: IncidentId, item: Item): Incident {
  const parsed = IncidentItem.safeParse(
    Object.fromEntries(Object.entries(item).map(([name, value]) => [name, plain(value)])),
  );
  if (!parsed.success)
    throw new MailProblem(
      "IncidentUnreadable",
      `${id.clusterId} ${id.itemKey} in the clusters table is not an incident`,
      "delete the item and replay the failure queue",
    );
  const { data } = parsed;
  const { rev, episodes } = data;
  if (data.state === "firing") {
    return {
      state: "firing",
      rev,
      episodes,
      since: order(data.since_term, data.since_at),
      telling: tellingFrom(data),
    };
  }
  const resolved: Resolved = {
    state: "resolved",
    rev,
    episodes,
    recovered: order(data.recovered_term, data.recovered_at),
    expiresAtS: data[TTL_ATTRIBUTE],
  };
  if (data.claim_id === undefined) return resolved;
  const episode = {
    since: order(data.since_term, data.since_at),
    until: order(data.until_term, data.until_at),
  };
  return { ...resolved, last: { episode, telling: tellingFrom(data) } };
}
