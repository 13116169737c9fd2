/**
 * Rules of the alert contract that need both functions, the table or the mail itself, planted as faults: a story shows each.
 * Without a fault the same stories show nothing.
 */
import type * as channels from "../../../lambda/core/channels.ts";
import type * as mime from "../../../lambda/send_cluster_mail/adapters/mime.ts";
import type * as limits from "../../../lambda/send_cluster_mail/adapters/time-limits.ts";
import type * as digests from "../../../lambda/send_cluster_mail/core/mail/digest.ts";
import type * as removed from "../../../lambda/sweep_clusters/core/removed.ts";
import type * as notices from "../../../lambda/tell_subscribers/core/notice.ts";
import { type Modules as ModulesOf, planted } from "../planted.ts";
import type { Chapter } from "../sweep_clusters/support/life-model.ts";
import { NOON_MS } from "./support/fixtures.ts";
import { CALM as UNTROUBLED } from "./support/schedule.ts";
import type { Story } from "./support/told-stories.ts";

interface Shipped {
  readonly "lambda/core/channels.ts": typeof channels;
  readonly "lambda/send_cluster_mail/adapters/mime.ts": typeof mime;
  readonly "lambda/send_cluster_mail/adapters/time-limits.ts": typeof limits;
  readonly "lambda/send_cluster_mail/core/mail/digest.ts": typeof digests;
  readonly "lambda/sweep_clusters/core/removed.ts": typeof removed;
  readonly "lambda/tell_subscribers/core/notice.ts": typeof notices;
  readonly "lib/contract/quiet-hours.ts": { readonly QUIET_MAX_MIN: number };
}
type Modules = ModulesOf<Shipped>;

const QUIET: Chapter = { what: "calm", quarters: 4, outage: [0, 0], clocks: ["right", "right"], sweepMin: 5 };
const DEATH: Chapter = { ...QUIET, what: "death", quarters: 8 };
const OUTAGE: Chapter = { ...QUIET, outage: [6, 12] };

const storyOf = (chapters: readonly Chapter[], changes: Partial<Story> = {}): Story => ({
  tale: { chapters, startMs: NOON_MS, isLong: false },
  attic: [],
  acts: [],
  chance: UNTROUBLED,
  stormLimit: 5,
  ...changes,
});
const outFrom = (subject: number, well: number, endsOut = false) =>
  ({ subject, spans: [[well, 6]], endsOut }) as const;

interface Mutant {
  readonly modules: Modules;
  readonly story: Story;
  /** What the story shows, so that a fault that only throws passes for none. */
  readonly sign: string;
}

/** By what goes wrong then. */
const MUTANTS: Readonly<Record<string, Mutant>> = {
  "what was taken out of the configuration is reminded of": {
    modules: { "lambda/sweep_clusters/core/removed.ts": () => ({ isRemoved: () => false }) },
    story: storyOf([QUIET, QUIET, QUIET], {
      attic: [outFrom(3, 1, true)],
      acts: [{ quarter: 10, act: { do: "clusters", version: 1 } }],
    }),
    sign: "a reminder of what is in the configuration no more",
  },
  "who changes channels hears it again": {
    modules: {
      "lambda/core/channels.ts": ({ channelOf }) => {
        const ofName: typeof channelOf = (incident, own, all) =>
          incident.channels[own.id] ?? channelOf(incident, own, all);
        return { channelOf: ofName };
      },
    },
    story: storyOf([QUIET], {
      attic: [outFrom(0, 2, true)],
      acts: [{ quarter: 6, act: { do: "recipients", version: 3 } }],
    }),
    sign: "twice, and not marked",
  },
  "SES's client gives up after 3 s": {
    modules: {
      "lambda/send_cluster_mail/adapters/time-limits.ts": ({ SES_LIMITS }) => ({
        SES_LIMITS: { ...SES_LIMITS, requestMs: 3_000 },
      }),
    },
    story: storyOf([DEATH], { chance: { ...UNTROUBLED, sesMs: Array<number>(20).fill(8_000) } }),
    sign: "a copy: ",
  },
  "subscribers hear of an invocation's first mail alone": {
    modules: {
      "lambda/tell_subscribers/core/notice.ts": ({ parseNotices }) => ({
        parseNotices: (event: unknown) => parseNotices(event).slice(0, 1),
      }),
    },
    story: storyOf([DEATH]),
    sign: "1 lines for 2 mails",
  },
  "bodies end their lines with LF": {
    modules: {
      "lambda/send_cluster_mail/adapters/mime.ts": ({ toMime }) => ({
        toMime: async (mail: Parameters<typeof toMime>[0]) =>
          Buffer.from((await toMime(mail)).toString("latin1").replaceAll("\r\n", "\n"), "latin1"),
      }),
    },
    story: storyOf([DEATH]),
    sign: "a line that does not end with CRLF",
  },
  "a digest has no links to answer": {
    modules: {
      "lambda/send_cluster_mail/core/mail/digest.ts": ({ composeDigest }) => ({
        composeDigest: (...[context, config]: Parameters<typeof composeDigest>) =>
          composeDigest(context, config),
      }),
    },
    story: storyOf([QUIET], {
      attic: [0, 1, 2, 3].map((subject) => outFrom(subject, 1 + subject)),
      stormLimit: 1,
    }),
    sign: "0 links for ",
  },
};

const load = () => ({
  ...(require("./support/dynamodb.ts") as typeof import("./support/dynamodb.ts")),
  ...(require("./support/told-world.ts") as typeof import("./support/told-world.ts")),
  ...(require("./support/expected-mails.ts") as typeof import("./support/expected-mails.ts")),
});

async function shown(modules: Modules, stories: readonly Story[]): Promise<readonly string[]> {
  const { startQuickDynamo, toldStory, brokenStory } = planted(modules, load);
  const dynamo = await startQuickDynamo();
  const broken: string[] = [];
  for (const story of stories) broken.push(...(await brokenStory(await toldStory(dynamo, story), story)));
  await dynamo.close();
  return broken;
}

test("as it is shipped -> no story shows anything", async () => {
  const stories = Object.values(MUTANTS).map(({ story }) => story);
  expect(await shown({}, stories)).toEqual([]);
}, 120_000);

test.each(Object.entries(MUTANTS))(
  "%s -> its story shows it",
  async (_, { modules, story, sign }) => {
    expect((await shown(modules, [story])).join("\n")).toContain(sign);
  },
  120_000,
);

test("heartbeats are kept for less than silence takes, as the synthesis refuses -> silence is not told", async () => {
  const acts = [{ quarter: 0, act: { do: "readings-days", days: 0.03 } }] as const;
  expect(await shown({}, [storyOf([OUTAGE])])).toEqual([]);
  expect((await shown({}, [storyOf([OUTAGE], { acts })])).join("\n")).toMatch(/silence since .* is not told/);
}, 120_000);

const ALL_DAY = JSON.stringify([
  { address: "asleep@example.org", quiet: { from: "12:10", to: "12:00", time_zone: "UTC" } },
]);
const channelsOf = (modules: Modules, MAIL_TO: string) =>
  planted(
    modules,
    () =>
      require("../../../lambda/core/environment.ts") as typeof import("../../../lambda/core/environment.ts"),
  ).parseChannels({ MAIL_TO });

test("quiet hours of 23 h 50 min -> refused; taken, where the limit is a day", () => {
  expect(() => channelsOf({}, ALL_DAY)).toThrow("expected 16 hours at most");
  const limitless = { "lib/contract/quiet-hours.ts": () => ({ QUIET_MAX_MIN: 1_440 }) };
  expect(channelsOf(limitless, ALL_DAY)).toHaveLength(1);
});
