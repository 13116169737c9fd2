/**
 * The alert contract over random streams of events, against the DynamoDB API: late by up to six hours, repeated, in any
 * order, several at once, reported by two nodes, with crashes before and after every external call and sweeps in between.
 */
import fc from "fast-check";
import type { DeliveredEvent } from "../../../lib/contract/messages.ts";
import {
  type LocalDynamo,
  noDynamoDbLocal,
  startDynamoDbLocal,
  startQuickDynamo,
} from "./support/dynamodb.ts";
import { death, environment, NOON_MS, recovery } from "./support/fixtures.ts";
import { CALM, type Chance, MINUTE_MS } from "./support/schedule.ts";
import { type Sent, World } from "./support/world.ts";

const HOUR_MS = 60 * MINUTE_MS;
const START_MS = NOON_MS;
const CLUSTERS = ["attic", "kitchen"] as const;
const NODES = 4;
const ANY_TIME = "any-time";
const QUIET = "quiet-2200-0700-UTC";
const isNight = (epochMs: number) => [22, 23, 0, 1, 2, 3, 4, 5, 6].includes(new Date(epochMs).getUTCHours());

/** A node: out from a quarter of an hour on for so many, again and again. */
interface Life {
  readonly cluster: (typeof CLUSTERS)[number];
  readonly subject: number;
  /** Quarters well, then quarters out. */
  readonly spans: readonly (readonly [number, number])[];
  readonly endsOut: boolean;
}

interface Story {
  readonly lives: readonly Life[];
  readonly chance: Chance;
  readonly sweepMin: number;
  readonly stormLimit: number;
  readonly quiet: boolean;
}

const quarters = fc.integer({ min: 1, max: 6 });
const lives = fc.uniqueArray(
  fc.record({
    cluster: fc.constantFrom(...CLUSTERS),
    subject: fc.integer({ min: 0, max: NODES - 1 }),
    spans: fc.array(fc.tuple(quarters, quarters), { minLength: 1, maxLength: 5 }),
    endsOut: fc.boolean(),
  }),
  { minLength: 1, maxLength: 4, selector: ({ cluster, subject }) => `${cluster}${subject}` },
);

const crash = fc.oneof(
  { weight: 12, arbitrary: fc.constant(undefined) },
  { weight: 1, arbitrary: fc.constant("before" as const) },
  { weight: 1, arbitrary: fc.constant("after" as const) },
);
const delayMin = fc.oneof(
  { weight: 4, arbitrary: fc.constant(0) },
  { weight: 1, arbitrary: fc.integer({ min: 0, max: 30 }) },
  { weight: 1, arbitrary: fc.integer({ min: 0, max: 360 }) },
);
const chance: fc.Arbitrary<Chance> = fc.record({
  crashes: fc.oneof(
    { weight: 1, arbitrary: fc.constant([]) },
    { weight: 3, arbitrary: fc.array(crash, { maxLength: 300, size: "max" }) },
  ),
  turns: fc.array(fc.nat(20), { maxLength: 300, size: "max" }),
  delaysMin: fc.array(delayMin, { maxLength: 200, size: "max" }),
  copies: fc.array(fc.integer({ min: 1, max: 3 }), { maxLength: 40, size: "max" }),
});
const rest = {
  sweepMin: fc.constantFrom(15, 60),
  stormLimit: fc.constantFrom(1, 2, 5),
  quiet: fc.boolean(),
};
const story: fc.Arbitrary<Story> = fc.record({ lives, chance, ...rest });
const inOrder: fc.Arbitrary<Story> = fc.record({
  lives,
  chance: fc.constant(CALM),
  ...rest,
  stormLimit: fc.constant(100),
  quiet: fc.constant(false),
});

/** The events of a life: a death is reported every quarter of an hour, now and then by two nodes, a recovery once. */
function eventsOf({ cluster, subject, spans, endsOut }: Life): DeliveredEvent[] {
  let quarter = 0;
  const reporter = (subject + 1) % NODES;
  const common = { cluster_id: cluster, subject };
  return spans.flatMap(([well, out], i) => {
    quarter += well;
    const reports = Array.from({ length: out }, (_, k) => {
      const minute = (quarter + k) * 15;
      const one = death({ ...common, minute, node: reporter });
      return k % 3 === 0 ? [one, death({ ...common, minute, node: (subject + 2) % NODES })] : [one];
    }).flat();
    quarter += out;
    const last = i === spans.length - 1 && endsOut;
    return last ? reports : [...reports, recovery({ ...common, minute: quarter * 15, node: reporter })];
  });
}

const environmentOf = ({ stormLimit, quiet, sweepMin }: Story) => ({
  ...environment,
  CLUSTERS: JSON.stringify(Object.fromEntries(CLUSTERS.map((id) => [id, { nodes: NODES, sleep_s: 900 }]))),
  ALERTS: JSON.stringify({ sweep_minutes: sweepMin, storm_limit: stormLimit }),
  MAIL_TO: JSON.stringify([
    "awake@example.org",
    ...(quiet
      ? [{ address: "asleep@example.org", quiet: { from: "22:00", to: "07:00", time_zone: "UTC" } }]
      : []),
  ]),
});

/** The longest that anything is put off: a night, then an hour without change. */
const CALM_HOURS = 12;

let tables = 0;

/** The story, then a day without trouble: whoever is out is reported once more, and sweeps find the rest. */
async function played({ client, makeTable }: LocalDynamo, told: Story): Promise<World> {
  const table = `run-${tables++}`;
  await makeTable(table);
  const world = new World(client, table, environmentOf(told), START_MS, told.chance);
  for (const event of told.lives.flatMap(eventsOf).sort((x, y) => x.received_at - y.received_at))
    world.invoke(event, "send", event.received_at);
  let sweepMs = START_MS;
  const sweepTo = async (endMs: number, everyMin = told.sweepMin) => {
    for (; sweepMs <= endMs; sweepMs += everyMin * MINUTE_MS) {
      world.sweep(sweepMs);
      await world.until(sweepMs);
    }
  };
  while (world.lastDueMs > sweepMs) await sweepTo(world.lastDueMs);
  world.calm = true;
  for (const payload of world.lost.splice(0)) world.invoke(payload);
  await world.until(sweepMs);
  // After all that is late: a report while it fires leaves no mark, and a recovery from before it ends the incident until
  // the next report.
  const minute = (sweepMs - START_MS) / MINUTE_MS;
  for (const { cluster, subject, endsOut } of told.lives)
    if (endsOut) world.invoke(death({ cluster_id: cluster, subject, minute, node: (subject + 1) % NODES }));
  await world.until(sweepMs);
  await sweepTo(sweepMs + CALM_HOURS * HOUR_MS, 60);
  return world;
}

const channelsOf = ({ quiet }: Story) => (quiet ? [ANY_TIME, QUIET] : [ANY_TIME]);
const withoutRepeats = (mails: readonly Sent[]) => {
  const seen = new Set<string>();
  return mails.filter((mail) => {
    const name = `${mail.cluster} ${mail.incident} ${mail.episode} ${mail.state} ${mail.channel}`;
    if (mail.state !== "reminder" && seen.has(name)) return false;
    seen.add(name);
    return true;
  });
};
const isAbout = ({ cluster, incident }: Sent, life: Life) =>
  cluster === life.cluster && incident === `node-dead#${life.subject}`;

/** What a channel was told of an incident, repeats and reminders left out, digests put in where they were told. */
async function wordsOf(world: World, life: Life, channel: string): Promise<readonly string[]> {
  const single = withoutRepeats(world.mails)
    .filter((mail) => mail.channel === channel && isAbout(mail, life) && mail.state !== "reminder")
    .flatMap(({ atMs, state, text }) => {
      // The one mail about what was over before it could be told.
      if (text.includes("the only mail about it"))
        return ["firing", "resolved"].map((word) => ({ atMs, word }));
      const flaps = state === "firing" && text.includes("Single mails stop here");
      return [{ atMs, word: flaps ? "flapping" : state }];
    });
  const digests = (await world.items("*")).flatMap(({ facts, channels }) => {
    const told = channels[channel]?.told;
    if (facts.kind !== "digest" || told === undefined) return [];
    const entries = facts.entries.filter(
      (one) => one.cluster_id === life.cluster && one.subject === life.subject,
    );
    return entries.flatMap(({ state, told: before }) =>
      before === true && single.some(({ word, atMs }) => atMs < told.atMs && word !== "resolved")
        ? [{ atMs: told.atMs, word: "resolved" }]
        : state === "firing"
          ? [{ atMs: told.atMs, word: "firing" }]
          : [
              { atMs: told.atMs, word: "firing" },
              { atMs: told.atMs, word: "resolved" },
            ],
    );
  });
  return [...single, ...digests].sort((x, y) => x.atMs - y.atMs).map(({ word }) => word);
}

function expectInTurn(words: readonly string[]): void {
  words.forEach((word, i) => {
    const before = words[i - 1] ?? "resolved";
    if (word === "resolved") expect(before).not.toBe("resolved");
    // After "keeps stopping and coming back" the next word is how that ended, and that may be that it stopped for good.
    else expect(["resolved", "flapping"]).toContain(before);
  });
}

async function expectContract(world: World, told: Story): Promise<void> {
  const items = (await Promise.all(CLUSTERS.map((id) => world.items(id)))).flat();
  for (const channel of channelsOf(told)) {
    for (const life of told.lives) {
      const words = await wordsOf(world, life, channel);
      expectInTurn(words);
      const last = words.at(-1) ?? "resolved";
      expect([life, last]).toEqual([
        life,
        life.endsOut ? expect.stringMatching(/firing|flapping/) : "resolved",
      ]);
      const onsets = life.spans.length;
      expect(words.filter((word) => word !== "resolved").length).toBeLessThanOrEqual(
        onsets + (told.chance === CALM ? 0 : eventsOf(life).length),
      );
    }
    // Nothing is left: every episode was told, or came and went while nothing could be told and is counted.
    for (const { channels, episode } of items) {
      expect(channels[channel]).not.toHaveProperty("awaits");
      expect(channels[channel]).toMatchObject({ through: episode.number });
      expect(channels[channel]).not.toHaveProperty("claim");
    }
  }
  // One unmarked mail of a kind an episode and channel; all others say that they may be repeats.
  const unmarked = world.mails.filter(({ marked, state }) => !marked && state !== "reminder");
  expect(withoutRepeats(unmarked)).toHaveLength(unmarked.length);
  // Whoever is late, twice or at once with others repeats nothing; only a crash does.
  if (told.chance.crashes.length === 0) expect(world.mails.filter(({ marked }) => marked)).toEqual([]);
  // Nobody is woken.
  for (const { channel, atMs } of world.mails) if (channel === QUIET) expect(isNight(atMs)).toBe(false);
  // What it costs.
  for (const { event, requests, mails, outcome, failed } of world.costs) {
    // The claim on a mail that failed is one request more.
    if (failed) continue;
    if (mails > 0) expect(requests).toBeLessThanOrEqual(3 * mails);
    else if (event && (outcome.why === "already-told" || outcome.why === "stale")) expect(requests).toBe(1);
    else expect(requests).toBeLessThanOrEqual(2);
  }
}

/** A run plays about a day, some hundred invocations; HA2M_RUNS for more of them. */
const RUNS = { numRuns: Number(process.env.HA2M_RUNS ?? 8), endOnFailure: true };

const PATIENCE_MS = 15_000 * RUNS.numRuns;

const stores: readonly (readonly [string, () => Promise<LocalDynamo>, string | undefined])[] = [
  ["dynalite", startQuickDynamo, undefined],
  ["AWS's DynamoDB Local", startDynamoDbLocal, noDynamoDbLocal],
];

describe.each(stores)("the alert contract on %s", (_, start, missing) => {
  const named = missing === undefined ? test : test.skip;
  const because = missing === undefined ? "" : ` (skipped: ${missing})`;
  let dynamo: LocalDynamo;
  beforeAll(async () => {
    if (missing === undefined) dynamo = await start();
  }, PATIENCE_MS);
  afterAll(() => dynamo?.close());

  named(
    `whatever happens on the way -> in turn, nothing lost, nobody woken${because}`,
    async () => {
      await fc.assert(
        fc.asyncProperty(story, async (told) => expectContract(await played(dynamo, told), told)),
        RUNS,
      );
    },
    PATIENCE_MS,
  );

  named(
    `in order, without trouble -> one FIRING and one RESOLVED an episode, less what is damped${because}`,
    async () => {
      await fc.assert(
        fc.asyncProperty(inOrder, async (told) => {
          const world = await played(dynamo, told);
          await expectContract(world, told);
          for (const life of told.lives) {
            const words = await wordsOf(world, life, ANY_TIME);
            const damped = words.includes("flapping");
            const fired = words.filter((word) => word !== "resolved").length;
            if (damped) expect(fired).toBeLessThan(life.spans.length + 1);
            else expect(fired).toBe(life.spans.length);
          }
        }),
        RUNS,
      );
    },
    PATIENCE_MS,
  );
});
