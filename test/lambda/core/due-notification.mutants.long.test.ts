/** Each rule of the alert contract's core, planted as a fault: a reader notices. Without a fault, none does. */
import fc from "fast-check";
import type * as channels from "../../../lambda/core/channels.ts";
import type * as due from "../../../lambda/core/due-notification.ts";
import type { Channel, Incident } from "../../../lambda/core/incident.ts";
import type * as noting from "../../../lambda/core/note-digest.ts";
import type * as observing from "../../../lambda/core/observe.ts";
import { planted } from "../planted.ts";
import { EXAMPLES, type Step, steps } from "./mail-steps.ts";

interface Core {
  readonly "lambda/core/channels.ts": typeof channels;
  readonly "lambda/core/due-notification.ts": typeof due;
  readonly "lambda/core/note-digest.ts": typeof noting;
  readonly "lambda/core/observe.ts": typeof observing;
  readonly "lib/contract/time-limits.ts": { readonly CLAIM_LEASE_MS: number };
}
type Mutant = { readonly [File in keyof Core]?: (actual: Core[File]) => Partial<Core[File]> };

/** The incident with every channel changed. */
function withChannels<Of extends Incident>(incident: Of, change: (channel: Channel) => Channel): Of {
  if (incident.state === "recovered-before-onset") return incident;
  const changed = Object.entries(incident.channels).map(([id, one]) => [id, change(one)]);
  return { ...incident, channels: Object.fromEntries(changed) };
}

/** By what goes wrong then: files below the project's root, and what is exported in place of what they export. */
const MUTANTS: Readonly<Record<string, Mutant>> = {
  "a digest overtakes a mail that is owed": { "lambda/core/channels.ts": () => ({ isListable: () => true }) },
  "what was told goes back": {
    "lambda/core/channels.ts": ({ toldOf }) => {
      const back: typeof toldOf = ({ told: _, ...channel }, mail, atMs, to) =>
        toldOf(channel, mail, atMs, to);
      return {
        isBehind: () => false,
        toldOf: back,
        confirmed: (one, atMs) => (one.claim === undefined ? one : back(one, one.claim, atMs, one.claim.to)),
      };
    },
  },
  "the name of a channel that is no more is kept": {
    "lambda/core/channels.ts": ({ ofConfigured }) => ({
      ofConfigured: (incident, all, nowMs) => ({
        ...incident.channels,
        ...ofConfigured(incident, all, nowMs),
      }),
    }),
  },
  "who was added hears of it by a reminder": {
    "lambda/core/due-notification.ts": ({ dueNotification }) => ({
      dueNotification: (incident, ...rest) =>
        dueNotification(
          withChannels(incident, ({ told, ...channel }) => {
            if (told === undefined) return channel;
            const { to: _, ...all } = told;
            return { ...channel, told: all };
          }),
          ...rest,
        ),
    }),
  },
  "who handles it is told that they do": {
    "lambda/core/due-notification.ts": ({ dueNotification }) => ({
      dueNotification: (...[incident, ...rest]: Parameters<typeof dueNotification>) =>
        dueNotification(
          incident.state === "firing" && incident.acknowledgedBy !== undefined
            ? { ...incident, acknowledgedBy: "somebody" }
            : incident,
          ...rest,
        ),
    }),
  },
  "who joins when a digest is out counts as told by it": {
    "lambda/core/note-digest.ts": ({ noteDigest }) => ({
      noteDigest: (known, news, ...rest) =>
        noteDigest(known, news.listed ? { ...news, told_to: undefined } : news, ...rest),
    }),
  },
  "a signal of the sweep opens it however late": {
    "lambda/core/observe.ts": ({ observe }) => ({
      observe: (id, known, signal, surroundings) => {
        if (signal.signal !== "fires") return observe(id, known, signal, surroundings);
        const { opensUntilMs: _, ...timeless } = signal;
        return observe(id, known, timeless, surroundings);
      },
    }),
  },
  "a mail that was cut off is finished with the facts of the next episode": {
    "lambda/core/observe.ts": ({ observe }) => ({
      observe: (...given) => {
        const { next, ...rest } = observe(...given);
        if (next === undefined) return rest;
        const forgotten = withChannels(next, ({ claim, ...channel }) => {
          if (claim === undefined) return channel;
          const { facts: _, ...kept } = claim;
          return { ...channel, claim: kept };
        });
        return { ...rest, next: forgotten };
      },
    }),
  },
  "a claim lapses before the function's time limit": {
    "lib/contract/time-limits.ts": () => ({ CLAIM_LEASE_MS: 20_000 }),
  },
};

/** What a reader notices of each, so that a fault that only throws passes for none. */
const NOTICED: Readonly<Record<keyof typeof MUTANTS, string>> = {
  "a digest overtakes a mail that is owed": "firing of episode 2, twice",
  "what was told goes back": "mails without end",
  "the name of a channel that is no more is kept": "counts too many episodes",
  "who was added hears of it by a reminder": "of which they had not heard",
  "who handles it is told that they do": "by themselves",
  "who joins when a digest is out counts as told by it": "four@example.org: ",
  "a signal of the sweep opens it however late": "a late signal of the sweep has opened it",
  "a mail that was cut off is finished with the facts of the next episode": "has the facts of another",
  "a claim lapses before the function's time limit": "the claim of a living attempt was taken",
};

/** What readers notice with a fault planted; none: as it is shipped. */
function readersOf(mutant: Mutant): (taken: readonly Step[]) => readonly string[] {
  const { brokenBy } = planted(mutant, () => require("./noticed.ts") as typeof import("./noticed.ts"));
  return (taken) =>
    brokenBy(taken, { reminders: 0, flapping: 0, digests: 0, joined: 0, escalated: 0, inHand: 0 });
}

/** @returns what readers notice of the first steps in which they notice anything */
function noticed(mutant: Mutant, numRuns: number): string {
  const broken = readersOf(mutant);
  const { counterexample } = fc.check(
    fc.property(steps, (taken) => broken(taken).length === 0),
    { numRuns, seed: 7, endOnFailure: true, examples: EXAMPLES.map((taken): [Step[]] => [taken]) },
  );
  return counterexample === null ? "" : broken(counterexample[0]).join("\n");
}

test("as it is shipped -> no reader notices anything", () => {
  expect(noticed({}, 500)).toBe("");
}, 60_000);

test.each(Object.entries(MUTANTS))(
  "%s -> a reader notices",
  (name, mutant) => {
    expect(noticed(mutant, 2_000)).toContain(NOTICED[name] ?? "a mutant without a sign");
  },
  60_000,
);
