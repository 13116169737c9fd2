/** One set of laws, every store of incidents. */
import { GetItemCommand, PutItemCommand } from "@aws-sdk/client-dynamodb";
import { fromItem, keyOf, toItem } from "../../../../lambda/adapters/incident-item.ts";
import type {
  Claim,
  Episode,
  Firing,
  Incident,
  Resolved,
  Tombstone,
} from "../../../../lambda/core/incident.ts";
import { ALONE } from "../../../../lambda/core/neighbourhood.ts";
import { openIncidents } from "../../../../lambda/send_cluster_mail/adapters/dynamo-incidents.ts";
import type { Incidents } from "../../../../lambda/send_cluster_mail/core/ports.ts";
import type { IncidentId } from "../../../../lib/contract/incidents.ts";
import { type LocalDynamo, startDynamo, TABLE } from "../support/dynamodb.ts";
import { NOON_MS } from "../support/fixtures.ts";
import { FACTS, weekly } from "../support/mail-contexts.ts";
import { memoryIncidents } from "../support/memory-incidents.ts";

const CHANNEL = "quiet-2200-0700-Europe/London";
const episode: Episode = { number: 2, thread: 1, sinceMs: NOON_MS, openedMs: NOON_MS + 5_000 };
const claim: Claim = {
  id: "mine",
  untilMs: NOON_MS + 30_000,
  claims: 1,
  kind: "firing",
  about: episode,
  flapping: false,
  reminders: 0,
  priorUnconfirmed: false,
  facts: FACTS["node-dead"],
};

let serial = 0;
const newId = (): IncidentId => ({ clusterId: `kitchen-${serial++}`, kind: "node-dead", subject: 0 });

const firing = (id: IncidentId): Firing => ({
  state: "firing",
  id,
  rev: 1,
  episode,
  since: { term: 3, atMs: NOON_MS },
  recovered: { term: 2, atMs: NOON_MS - 1 },
  renewed: { term: 3, atMs: NOON_MS + 30_000 },
  changedMs: NOON_MS + 5_000,
  flaps: 1,
  facts: FACTS["node-dead"],
  acknowledgedMs: NOON_MS + 1,
  acknowledgedBy: "ann",
  snoozedUntilMs: NOON_MS + 2,
  channels: { [CHANNEL]: { through: 1, claim, awaits: 1_767_268_800 } },
});
const opened = (id: IncidentId): Firing => {
  const { recovered, renewed, acknowledgedMs, acknowledgedBy, snoozedUntilMs, ...least } = firing(id);
  return { ...least, channels: {} };
};
const withoutRenewed = ({ renewed: _, ...kept }: Firing) => kept;
const resolved = (id: IncidentId): Resolved => ({
  ...withoutRenewed(firing(id)),
  state: "resolved",
  episode: { ...episode, untilMs: NOON_MS + 60_000, closedMs: NOON_MS + 65_000 },
  recovered: { term: 3, atMs: NOON_MS + 60_000 },
  until: { term: 3, atMs: NOON_MS + 60_000 },
  recovery: FACTS["node-dead"],
  channels: {
    [CHANNEL]: {
      through: 2,
      told: { kind: "firing", about: episode, flapping: true, reminders: 2, atMs: NOON_MS },
    },
  },
  expiresAtS: 1_800_000_000,
});
const tombstone = (id: IncidentId): Tombstone => ({
  state: "recovered-before-onset",
  id,
  rev: 1,
  recovered: { term: 3, atMs: NOON_MS },
  expiresAtS: 1_800_000_000,
});

let dynamo: LocalDynamo;
beforeAll(async () => {
  dynamo = await startDynamo();
});
afterAll(() => dynamo.close());

const knownOf = async (store: Incidents, id: IncidentId) => (await store.load(id)).known;

test("a recovery before any onset -> stored under the word that deployed tables already hold", () => {
  expect(toItem(tombstone(newId()))).toMatchObject({ state: { S: "unheard" } });
});

test("an item with one bin for all of its channels, as it was stored before -> those still untold wait for it", () => {
  const id = newId();
  const channels = { told: { through: 2 }, untold: { through: 1 } };
  const item = { ...toItem({ ...firing(id), channels }), digest_bin: { N: "1767268800" } };
  expect(fromItem(id, item)).toMatchObject({
    channels: { told: { through: 2 }, untold: { through: 1, awaits: 1_767_268_800 } },
  });
});

const STORES: [string, () => Incidents][] = [
  ["in memory", memoryIncidents],
  ["DynamoDB API", () => openIncidents(TABLE, dynamo.client)],
];

/** Whatever is written comes back as it was. */
const KEPT: readonly [string, (id: IncidentId) => Incident][] = [
  ["firing", firing],
  ["firing, nothing else", opened],
  ["resolved", resolved],
  [
    "firing, one of its recipients handles it, and the others hear of that",
    (id) => {
      const { channels, ...known } = firing(id);
      const own = channels[CHANNEL]!;
      const claim = { ...own.claim!, kind: "acknowledged" as const, acknowledgedMs: NOON_MS + 1 };
      return { ...known, channels: { [CHANNEL]: { ...own, answerToldMs: NOON_MS, claim } } };
    },
  ],
  ["a recovery before any onset", tombstone],
  ["resolved, in a new era of terms", (id) => ({ ...resolved(id), eraMs: NOON_MS + 61_000 })],
  ["a recovery before any onset, in a new era", (id) => ({ ...tombstone(id), eraMs: NOON_MS + 1 })],
  [
    "resolved, its node taken out; told, and being told",
    (id) => {
      const known = resolved(id);
      const about = { ...known.episode, removed: true as const };
      const channels = { [CHANNEL]: { through: 2, told: { ...known.channels[CHANNEL]!.told!, about } } };
      return { ...known, episode: about, channels };
    },
  ],
  [
    "resolved, with a death that may be of a new era",
    (id) => ({
      ...resolved(id),
      pending: {
        signal: "fires",
        order: { term: 1, atMs: NOON_MS + 90_001 },
        nowMs: NOON_MS + 91_000,
        facts: FACTS["node-dead"],
      },
    }),
  ],
  [
    "a recovery before any onset, with another that may be of a new era",
    (id) => ({
      ...tombstone(id),
      pending: {
        signal: "well",
        order: { term: 2, atMs: NOON_MS + 7 },
        nowMs: NOON_MS + 8,
        facts: FACTS["node-dead"],
      },
    }),
  ],
  [
    "firing since 1900, as an earlier version believed a node's clock",
    (id) => ({
      ...opened(id),
      since: { term: 0, atMs: Date.parse("1900-01-01T00:00:00.000Z") },
      episode: { ...episode, sinceMs: Date.parse("1900-01-01T00:00:00.000Z") },
    }),
  ],
];

describe.each(STORES)("incident store: %s, incidents", (_, open) => {
  test("never written -> undefined", async () => {
    expect(await open().load(newId())).toEqual({ known: undefined, neighbourhood: ALONE });
  });

  test.each(KEPT)("%s written -> read back as it was", async (_state, make) => {
    const [store, id] = [open(), newId()];
    expect(await store.write(undefined, make(id))).toBe("written");
    expect(await knownOf(store, id)).toEqual(make(id));
  });

  test("a digest -> read back as it was, by its bin", async () => {
    const [store, id] = [open(), { clusterId: "*", kind: "digest", subject: 1_767_268_800 } as const];
    const digest: Firing = {
      ...opened(id),
      facts: { kind: "digest", entries: [] },
      expiresAtS: 1_800_000_000,
    };
    await store.write(undefined, digest);
    expect(await knownOf(store, id)).toEqual(digest);
    expect(await knownOf(store, { ...id, subject: id.subject + 900 })).toBeUndefined();
  });

  test("others of the cluster -> when each was opened, and nothing of other clusters", async () => {
    const [store, id] = [open(), newId()];
    await store.write(undefined, firing(id));
    await store.write(undefined, firing(newId()));
    await store.write(undefined, firing({ ...id, subject: 1 }));
    await store.write(undefined, tombstone({ ...id, subject: 2 }));
    expect(await store.load(id)).toEqual({
      known: firing(id),
      neighbourhood: {
        others: [
          {
            kind: "node-dead",
            subject: 1,
            openedMs: episode.openedMs,
            saidMs: expect.any(Number),
            term: firing(id).since.term,
          },
        ],
        heard: [],
      },
    });
  });

  test("unknown when read, written meanwhile -> the second write changes nothing", async () => {
    const [store, id] = [open(), newId()];
    await store.write(undefined, firing(id));
    expect(await store.write(undefined, tombstone(id))).toBe("changed-meanwhile");
    expect(await knownOf(store, id)).toEqual(firing(id));
  });

  test("changed since it was read -> the write changes nothing; unchanged -> it is replaced whole", async () => {
    const [store, id] = [open(), newId()];
    await store.write(undefined, firing(id));
    expect(await store.write({ ...firing(id), rev: 7 }, resolved(id))).toBe("changed-meanwhile");
    expect(await store.write(firing(id), tombstone(id))).toBe("written");
    expect(await knownOf(store, id)).toEqual(tombstone(id));
  });
});

describe.each(STORES)("incident store: %s, claims", (_, open) => {
  test("my claim confirmed, once or twice -> told, and the incident as it is then", async () => {
    const [store, id] = [open(), newId()];
    await store.write(undefined, firing(id));
    const told = {
      through: 2,
      told: { kind: "firing", about: episode, flapping: false, reminders: 0, atMs: NOON_MS + 9 },
      mails: 1,
      awaits: 1_767_268_800,
    };
    const expected = { ...firing(id), rev: 2, channels: { [CHANNEL]: told } };
    expect(await store.confirm(id, CHANNEL, "mine", NOON_MS + 9)).toEqual(expected);
    expect(await store.confirm(id, CHANNEL, "mine", NOON_MS + 9)).toEqual({ ...expected, rev: 3 });
    expect(await knownOf(store, id)).toEqual({ ...expected, rev: 3 });
  });

  test("a weekly report -> as it was written, and no part of its neighbours", async () => {
    const store = open();
    const { id, report } = weekly();
    const kept: Firing = { ...opened(id), facts: { kind: "weekly", report }, expiresAtS: 2_000_000_000 };
    await store.write(undefined, kept);
    expect(await knownOf(store, id)).toEqual(kept);
    const { neighbourhood } = await store.load({ clusterId: "*", kind: "backend-failing", subject: 0 });
    expect(neighbourhood).toEqual(ALONE);
  });

  test("recovered while the mail was on its way -> told, and resolved", async () => {
    const [store, id] = [open(), newId()];
    await store.write(undefined, firing(id));
    const recovered = { ...resolved(id), channels: firing(id).channels };
    await store.write(firing(id), recovered);
    expect(await store.confirm(id, CHANNEL, "mine", NOON_MS)).toMatchObject({
      state: "resolved",
      channels: { [CHANNEL]: { told: { kind: "firing" } } },
    });
  });

  test("another's claim, another channel, no claim at all, nothing -> claim-lost, and nothing appears", async () => {
    const [store, id, empty, buried] = [open(), newId(), newId(), newId()];
    await store.write(undefined, firing(id));
    expect(await store.confirm(id, CHANNEL, "another's", NOON_MS)).toBe("claim-lost");
    expect(await store.confirm(id, "any-time", "mine", NOON_MS)).toBe("claim-lost");
    expect(await knownOf(store, id)).toEqual(firing(id));
    expect(await store.confirm(empty, CHANNEL, "mine", NOON_MS)).toBe("claim-lost");
    expect(await knownOf(store, empty)).toBeUndefined();
    await store.write(undefined, tombstone(buried));
    expect(await store.confirm(buried, CHANNEL, "mine", NOON_MS)).toBe("claim-lost");
  });
});

describe("an item that is not an incident", () => {
  const put = async (id: IncidentId) => {
    const Item = { ...toItem(firing(id)), state: { S: "smouldering" } };
    await dynamo.client.send(new PutItemCommand({ TableName: TABLE, Item }));
  };

  test("asked for -> refused by name, never guessed", async () => {
    const id = newId();
    await put(id);
    await expect(openIncidents(TABLE, dynamo.client).load(id)).rejects.toMatchObject({
      name: "IncidentUnreadable",
      code: "MAIL-003",
    });
  });

  test("beside the one that is asked for -> does not keep it from being told", async () => {
    const id = newId();
    await put(id);
    const { known } = await openIncidents(TABLE, dynamo.client).load({ ...id, subject: 1 });
    expect(known).toBeUndefined();
  });
});

test("no such table -> the SDK's error, not an answer", async () => {
  const store = openIncidents("nowhere", dynamo.client);
  await expect(store.write(undefined, firing(newId()))).rejects.toMatchObject({
    name: "ResourceNotFoundException",
  });
});

test("the TTL attribute is on resolved items alone", async () => {
  const id = newId();
  await openIncidents(TABLE, dynamo.client).write(undefined, firing(id));
  const { Item } = await dynamo.client.send(new GetItemCommand({ TableName: TABLE, Key: keyOf(id) }));
  expect(Item).not.toHaveProperty("expires_at_s");
  expect(toItem(resolved(id))).toMatchObject({ ...keyOf(id), expires_at_s: { N: "1800000000" } });
});
