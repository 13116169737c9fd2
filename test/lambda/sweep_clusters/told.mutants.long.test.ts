/**
 * Rules of what waits, what is kept and what ends without a word, planted as faults: in a short story of both functions the
 * recipients are told something else. Without a fault they are told what each story says.
 */
import type * as items from "../../../lambda/adapters/neighbourhood-items.ts";
import type { Firing, Incident, Told } from "../../../lambda/core/incident.ts";
import type * as neighbourhood from "../../../lambda/core/neighbourhood.ts";
import type * as observing from "../../../lambda/core/observe.ts";
import type * as patience from "../../../lambda/core/patience.ts";
import type * as pending from "../../../lambda/core/pending.ts";
import type * as recipients from "../../../lambda/core/recipients.ts";
import type * as era from "../../../lambda/sweep_clusters/core/detect/era.ts";
import type * as removed from "../../../lambda/sweep_clusters/core/removed.ts";
import { type Modules, planted } from "../planted.ts";
import { death, MINUTE_MS, NOON_MS, recovery, state } from "../send_cluster_mail/support/fixtures.ts";
import { DAY_MS, HOUR_MS, type Story } from "./support/stories.ts";

interface Shipped {
  readonly "lambda/adapters/neighbourhood-items.ts": typeof items;
  readonly "lambda/core/neighbourhood.ts": typeof neighbourhood;
  readonly "lambda/core/observe.ts": typeof observing;
  readonly "lambda/core/patience.ts": typeof patience;
  readonly "lambda/core/pending.ts": typeof pending;
  readonly "lambda/core/recipients.ts": typeof recipients;
  readonly "lambda/sweep_clusters/core/detect/era.ts": typeof era;
  readonly "lambda/sweep_clusters/core/removed.ts": typeof removed;
}

const atMinute = (minute: number): number => NOON_MS + minute * MINUTE_MS;
const DAY_MIN = DAY_MS / MINUTE_MS;
const TWO = "bob@example.org, cy@example.org";

/** It stops, is back after 95 minutes, and six days later the same, for 117. */
async function twice({ deliver, sweepUntil }: Story, primary: number | null = 1) {
  const minute = 6 * DAY_MIN;
  await deliver(death({ term: 3 }));
  await deliver(recovery({ term: 3, minute: 95 }));
  await sweepUntil(atMinute(minute), DAY_MS);
  await deliver(death({ term: 4, minute, state: { ...state, primary } }));
  await sweepUntil(atMinute(minute + 100));
  await deliver(recovery({ term: 4, minute: minute + 117 }));
}

/** Node 1 is heard every quarter of an hour. */
async function heard({ world, sweepUntil }: Story, term: number, fromMin: number, untilMin: number) {
  for (let minute = fromMin; minute <= untilMin; minute += 15) {
    await world.heartbeat("kitchen", 1, atMinute(minute), { term });
    await sweepUntil(atMinute(minute + 1));
  }
}

/** The first word of the new era is a death, reported once, before the sweeps are sure of it. */
async function swapped(story: Story) {
  await story.deliver(death({ term: 41 }));
  await story.deliver(recovery({ term: 41, minute: 15 }));
  await story.world.heartbeat("kitchen", 0, atMinute(25), { term: 41 });
  await heard(story, 2, 30, 60);
  await story.deliver(death({ term: 3, minute: 71 }));
  await heard(story, 3, 75, 180);
}

/** A recovery of a low term is kept; the old terms go on, and only later the chips are swapped. */
async function keptTooLong(story: Story) {
  await story.deliver(death({ term: 41 }));
  await story.deliver(recovery({ term: 2, minute: 45 }));
  await story.deliver(death({ term: 42, minute: 60 }));
  await heard(story, 2, 75, 240);
}

async function clusterTakenOut({ world, deliver, sweepUntil }: Story) {
  const { CLUSTERS } = world.environment;
  world.configure({ CLUSTERS: CLUSTERS!.replace("{", '{"barn":{"nodes":2,"sleep_s":900},') });
  await sweepUntil(atMinute(60), HOUR_MS);
  await deliver(death({ cluster_id: "barn", minute: 70, term: 2 }));
  world.configure({ CLUSTERS: CLUSTERS! });
  await sweepUntil(NOON_MS + 2 * DAY_MS, HOUR_MS);
}

async function acknowledged({ world, answers, deliver, sweepUntil }: Story) {
  world.configure({ MAIL_TO: TWO });
  await deliver(death({ term: 4 }));
  const id = { clusterId: "kitchen", kind: "node-dead", subject: 0 } as const;
  await answers.note(id, undefined, { kind: "acknowledge", by: "cy" }, world.nowMs);
  await sweepUntil(atMinute(60));
}

/** Node 0 was heard a minute before its death is reported. */
async function reportedDead({ world, deliver, sweepUntil }: Story, reading: object) {
  await world.heartbeat("kitchen", 0, atMinute(9), reading);
  await deliver(death({ term: 3, minute: 10 }));
  await sweepUntil(atMinute(20));
}
/** By its own clock it was measured two periods and a third before the report. */
const longAgo = (story: Story) =>
  reportedDead(story, { term: 2, measured_at: new Date(atMinute(-25)).toISOString() });
const asMember = (story: Story) => reportedDead(story, { term: 4 });

const [FIRING, RESOLVED] = ["firing node-dead#0", "resolved node-dead#0"];

interface Mutant {
  readonly modules: Modules<Shipped>;
  readonly story: (story: Story) => Promise<void>;
  /** As it is shipped. */
  readonly told: readonly string[];
  /** With the fault. */
  readonly instead: readonly string[];
}

const ONCE_BACK = { flapping: false, reminders: 0, kind: "resolved" } as const;
/** As if the channel had been told the moment before that it was back. */
const toldBack = ({ episode }: Firing): Told => ({
  ...ONCE_BACK,
  about: episode,
  atMs: episode.openedMs - 1,
});

const WAITING: Readonly<Record<string, Mutant>> = {
  "FIRING never waits": {
    modules: { "lambda/core/patience.ts": () => ({ waitsUntilMs: () => undefined }) },
    story: twice,
    told: [FIRING, RESOLVED, RESOLVED],
    instead: [FIRING, RESOLVED, FIRING, RESOLVED],
  },
  "FIRING waits though nobody measures": {
    modules: {
      "lambda/core/patience.ts": ({ waitsUntilMs }) => ({
        waitsUntilMs: (incident: Firing, told: Told) => {
          const { facts } = incident;
          if (facts.kind !== "node-dead") return undefined;
          const event = { ...facts.event, state: { ...facts.event.state, primary: 1 } };
          return waitsUntilMs({ ...incident, facts: { ...facts, event } }, told);
        },
      }),
    },
    story: (story) => twice(story, null),
    told: [FIRING, RESOLVED, FIRING, RESOLVED],
    instead: [FIRING, RESOLVED, RESOLVED],
  },
  "FIRING waits the first time": {
    modules: {
      "lambda/core/patience.ts": ({ waitsUntilMs }) => ({
        waitsUntilMs: (incident: Firing, told?: Told) => waitsUntilMs(incident, told ?? toldBack(incident)),
      }),
    },
    story: twice,
    told: [FIRING, RESOLVED, RESOLVED],
    instead: [RESOLVED, RESOLVED],
  },
};

type Poll = observing.Signal & { signal: "poll" };

const KEPT: Readonly<Record<string, Mutant>> = {
  "a signal of a lower term is not kept": {
    modules: { "lambda/core/pending.ts": () => ({ mayBegin: () => false }) },
    story: swapped,
    told: [FIRING, RESOLVED, FIRING],
    instead: [FIRING, RESOLVED],
  },
  "what was kept is not looked at again": {
    modules: {
      "lambda/core/observe.ts": ({ observe }) => ({
        observe: (...[id, known, signal, around]: Parameters<typeof observe>) => {
          const { pending: _, ...rest } = known ?? ({} as Incident);
          const isBlind = known !== undefined && signal.signal === "poll";
          return observe(id, isBlind ? (rest as Incident) : known, signal, around);
        },
      }),
    },
    story: swapped,
    told: [FIRING, RESOLVED, FIRING],
    instead: [FIRING, RESOLVED],
  },
  "the era begins after what was kept": {
    modules: {
      "lambda/sweep_clusters/core/detect/era.ts": ({ newEraMs }) => ({
        newEraMs: (...[cluster, incident]: Parameters<typeof newEraMs>) => {
          const eraMs = newEraMs(cluster, incident);
          return eraMs && Math.max(eraMs, (incident.pending?.order.atMs ?? 0) + 1);
        },
      }),
    },
    story: swapped,
    told: [FIRING, RESOLVED, FIRING],
    instead: [FIRING, RESOLVED],
  },
  "what was kept counts in an era that began after it": {
    modules: {
      "lambda/core/observe.ts": ({ observe }) => ({
        observe: (...[id, known, signal, around]: Parameters<typeof observe>) => {
          const { eraMs = 0 } = signal as Poll;
          if (known?.pending === undefined) return observe(id, known, signal, around);
          const { order } = known.pending;
          const moved = { ...known.pending, order: { ...order, atMs: Math.max(order.atMs, eraMs) } };
          return observe(id, { ...known, pending: moved }, signal, around);
        },
      }),
    },
    story: keptTooLong,
    told: [FIRING],
    instead: [FIRING, RESOLVED],
  },
};

const ENDING: Readonly<Record<string, Mutant>> = {
  "what fires of a cluster that was taken out never ends": {
    modules: { "lambda/sweep_clusters/core/removed.ts": () => ({ endsOfRemoved: () => [] }) },
    story: clusterTakenOut,
    told: [FIRING, RESOLVED],
    instead: [FIRING],
  },
  "a cluster that was taken out is forgotten at once": {
    modules: {
      "lambda/sweep_clusters/core/removed.ts": ({ knownClusters }) => ({
        knownClusters: (known: readonly string[], nodes: ReadonlyMap<string, number>) =>
          knownClusters(
            known.filter((one) => nodes.has(one)),
            nodes,
            [],
          ),
      }),
    },
    story: clusterTakenOut,
    told: [FIRING, RESOLVED],
    instead: [FIRING],
  },
};

const DOUBTED: Readonly<Record<string, Mutant>> = {
  "a death is doubted whatever the nodes' own clocks say": {
    modules: {
      "lambda/core/neighbourhood.ts": ({ holdOf }) => ({
        holdOf: (...[episode, { heard: all, ...rest }, nowMs]: Parameters<typeof holdOf>) =>
          holdOf(episode, { ...rest, heard: all.map(({ saidMs: _, ...one }) => one) }, nowMs),
      }),
    },
    story: longAgo,
    told: [FIRING],
    instead: [],
  },
  "a death is doubted whatever the term of what was heard": {
    modules: {
      "lambda/core/neighbourhood.ts": ({ holdOf }) => ({
        holdOf: (...[episode, { heard: all, ...rest }, nowMs]: Parameters<typeof holdOf>) =>
          holdOf(episode, { ...rest, heard: all.map(({ term: _, ...one }) => one) }, nowMs),
      }),
    },
    story: asMember,
    told: [FIRING],
    instead: [],
  },
  "the sender does not read what a heartbeat says of time and term": {
    modules: {
      "lambda/adapters/neighbourhood-items.ts": ({ neighbourhoodOf }) => ({
        neighbourhoodOf: (given: Parameters<typeof neighbourhoodOf>[0]) => {
          const { heard: all, ...rest } = neighbourhoodOf(given);
          return { ...rest, heard: all.map(({ saidMs: _, term: __, ...one }) => one) };
        },
      }),
    },
    story: asMember,
    told: [FIRING],
    instead: [],
  },
};

const IN_HAND: Readonly<Record<string, Mutant>> = {
  "who acknowledges by their name is told that they do": {
    modules: { "lambda/core/recipients.ts": () => ({ namesOf: () => new Map() }) },
    story: acknowledged,
    told: ["firing node-dead#0 to bob+cy", "acknowledged node-dead#0 to bob"],
    instead: ["firing node-dead#0 to bob+cy", "acknowledged node-dead#0 to bob+cy"],
  },
};

const load = () => ({
  ...(require("../send_cluster_mail/support/dynamodb.ts") as typeof import("../send_cluster_mail/support/dynamodb.ts")),
  ...(require("./support/stories.ts") as typeof import("./support/stories.ts")),
});

async function toldWith(modules: Modules<Shipped>, { story, told }: Mutant): Promise<readonly string[]> {
  const { startQuickDynamo, worldIn } = planted(modules, load);
  const dynamo = await startQuickDynamo();
  const own = await worldIn(dynamo, "told");
  await story(own);
  await dynamo.close();
  return told.some((one) => one.includes(" to ")) ? own.toldTo() : own.told();
}

test.each(Object.entries({ ...WAITING, ...KEPT, ...ENDING, ...DOUBTED, ...IN_HAND }))(
  "%s -> recipients are told something else",
  async (_, mutant) => {
    expect(await toldWith({}, mutant)).toEqual(mutant.told);
    expect(await toldWith(mutant.modules, mutant)).toEqual(mutant.instead);
  },
  120_000,
);
