/**
 * What is due against a model: a reader who believes what the last mail said. Whatever happens, whichever attempts crash,
 * the reader hears FIRING and RESOLVED in turn, and in the end believes what is so.
 */
import fc from "fast-check";
import { confirmed } from "../../../lambda/core/channels.ts";
import { claimed } from "../../../lambda/core/claim.ts";
import { type DueNotification, dueNotification } from "../../../lambda/core/due-notification.ts";
import { FLAPS_MAX, type Incident } from "../../../lambda/core/incident.ts";
import { observe, type Signal } from "../../../lambda/core/observe.ts";
import type { Policy } from "../../../lambda/core/policy.ts";
import { NOON_MS } from "../send_cluster_mail/support/fixtures.ts";
import { FACTS } from "../send_cluster_mail/support/mail-contexts.ts";

const MINUTE_MS = 60_000;
const HOUR_MS = 60 * MINUTE_MS;
const id = { clusterId: "kitchen", kind: "node-dead", subject: 0 } as const;
const policy: Policy = {
  channels: [
    {
      id: "one",
      to: ["one@example.org"],
      quiet: { fromMin: 22 * 60, toMin: 7 * 60, timeZone: "Europe/London" },
    },
    { id: "two", to: ["two@example.org"] },
  ],
  remindersMax: 3,
  stormLimit: 5,
  swept: true,
};

type Step =
  | { readonly do: "wait"; readonly minutes: number }
  /** How old the signal is when it arrives. */
  | { readonly do: "onset" | "recovery"; readonly lateMin: number }
  | { readonly do: "attempt"; readonly channel: number; readonly crash: "claimed" | "sent" | undefined }
  | { readonly do: "acknowledge" }
  /** It stops, or comes back, a few minutes after whatever was before. */
  | { readonly do: "turn"; readonly afterMin: number };

const lateMin = fc.oneof(
  { weight: 4, arbitrary: fc.constant(0) },
  { weight: 1, arbitrary: fc.integer({ min: 0, max: 360 }) },
);
const minutes = fc.oneof(
  { weight: 6, arbitrary: fc.integer({ min: 1, max: 30 }) },
  { weight: 1, arbitrary: fc.integer({ min: 60, max: 4_000 }) },
);
/** Tried with every seed: a stop that is reminded of, and one that flaps. */
const DAY: Step = { do: "wait", minutes: 25 * 60 };
const TURN: Step = { do: "turn", afterMin: 1 };
const TOLD: Step[] = [0, 1].map((channel) => ({ do: "attempt", channel, crash: undefined }));
const REMINDED = [TURN, ...TOLD, DAY, ...TOLD, DAY, ...TOLD];
const FLAPPING = Array.from({ length: 2 * FLAPS_MAX + 2 }, () => [TURN, ...TOLD]).flat();
const step: fc.Arbitrary<Step> = fc.oneof(
  fc.record({ do: fc.constant("wait" as const), minutes }),
  fc.record({ do: fc.constantFrom("onset" as const, "recovery" as const), lateMin }),
  fc.record({
    do: fc.constant("attempt" as const),
    channel: fc.nat(1),
    crash: fc.constantFrom("claimed" as const, "sent" as const, undefined, undefined),
  }),
  fc.record({ do: fc.constant("acknowledge" as const) }),
  fc.record({ do: fc.constant("turn" as const), afterMin: fc.integer({ min: 1, max: 30 }) }),
);

/** One incident, two channels, and what each has read. */
class Model {
  nowMs = NOON_MS;
  incident: Incident | undefined;
  readonly read: { channel: string; mail: DueNotification; atMs: number }[] = [];
  #claims = 0;

  take(one: Step): void {
    if (one.do === "wait") this.nowMs += one.minutes * MINUTE_MS;
    else if (one.do === "acknowledge") this.#acknowledge();
    else if (one.do === "turn") {
      this.nowMs += one.afterMin * MINUTE_MS;
      this.#signal(this.incident?.state === "firing" ? "recovery" : "onset", this.nowMs);
    } else if (one.do === "attempt") this.attempt(policy.channels[one.channel]!.id, one.crash);
    else this.#signal(one.do, this.nowMs - one.lateMin * MINUTE_MS);
  }

  /** @returns whether a mail was due */
  attempt(channelId: string, crash?: "claimed" | "sent"): boolean {
    const { incident } = this;
    const channel = policy.channels.find((one) => one.id === channelId)!;
    if (incident === undefined || incident.state === "recovered-before-onset") return false;
    const mail = dueNotification(incident, channel, policy, this.nowMs);
    if (!mail.send) return false;
    const next = claimed(incident, channel, policy.channels, mail, `claim-${this.#claims++}`, this.nowMs);
    this.incident = next;
    if (crash === "claimed") return true;
    this.read.push({ channel: channelId, mail, atMs: this.nowMs });
    if (crash === "sent") return true;
    const told = confirmed(next.channels[channelId]!, this.nowMs);
    this.incident = { ...next, channels: { ...next.channels, [channelId]: told } };
    return true;
  }

  #signal(what: "onset" | "recovery", atMs: number): void {
    const order = { term: 0, atMs };
    const signal: Signal =
      what === "onset"
        ? { signal: "fires", order, nowMs: this.nowMs, facts: FACTS["node-dead"] }
        : { signal: "well", order, nowMs: this.nowMs };
    const { channels } = policy;
    const { next } = observe(id, this.incident, signal, { channels, storm: false, clockMs: this.nowMs });
    this.incident = next ?? this.incident;
  }

  #acknowledge(): void {
    if (this.incident?.state === "firing") this.incident = { ...this.incident, acknowledgedMs: this.nowMs };
  }
}

/** The mails of a channel; what was sent again because its attempt had crashed counts once. */
const heard = ({ read }: Model, channelId: string) =>
  read
    .filter(({ channel, mail }) => channel === channelId && (mail.claims === 0 || mail.kind !== "reminder"))
    .filter(
      ({ mail }, i, all) =>
        !all
          .slice(0, i)
          .some(
            ({ mail: before }) =>
              before.kind === mail.kind &&
              before.about.number === mail.about.number &&
              mail.kind !== "reminder",
          ),
    );

/** However often it changes: FIRING and RESOLVED until it flaps, and the mail that says so, after the last word before. */
const mostWithinAnHour = (mails: ReturnType<typeof heard>): number =>
  Math.max(
    0,
    ...mails.map(({ atMs }) => mails.filter((one) => one.atMs >= atMs && one.atMs < atMs + HOUR_MS).length),
  );

test("any signals, attempts and crashes -> in turn, in the end true, nobody woken, reminders no sooner than due", () => {
  let reminders = 0;
  let flapping = 0;
  fc.assert(
    fc.property(fc.array(step, { maxLength: 60, size: "max" }), (steps) => {
      const model = new Model();
      for (const one of steps) model.take(one);
      // A night and more; attempts until nothing is due.
      for (let hour = 0; hour < 14; hour++) {
        model.nowMs += HOUR_MS;
        for (const { id: channel } of policy.channels) while (model.attempt(channel));
      }
      for (const { id: channel } of policy.channels) {
        const mails = heard(model, channel);
        let believed: "firing" | "resolved" = "resolved";
        let settles = false;
        let lastMs = 0;
        for (const { mail, atMs } of mails) {
          if (mail.kind === "reminder") {
            reminders += 1;
            expect(believed).toBe("firing");
            expect(atMs - lastMs).toBeGreaterThanOrEqual(24 * HOUR_MS);
          } else if (mail.kind === "firing") expect(believed === "resolved" || settles).toBe(true);
          else expect(believed).toBe(mail.only === true ? "resolved" : "firing");
          believed = mail.kind === "resolved" ? "resolved" : "firing";
          settles = mail.flapping;
          flapping += mail.flapping ? 1 : 0;
          lastMs = atMs;
        }
        const { incident } = model;
        const truth = incident?.state === "firing" ? "firing" : "resolved";
        expect(believed).toBe(truth);
        const counted = mails.filter(({ mail }) => mail.kind === "firing" || mail.only === true).length;
        // A reminder that may be out is not sent again: the mail in its place counts what it counted, and says so.
        const missed = mails
          .filter((_, i) => mails[i + 1]?.mail.priorUnconfirmed !== true)
          .reduce((sum, { mail }) => sum + mail.missed, 0);
        if (incident !== undefined && incident.state !== "recovered-before-onset")
          expect(counted + missed).toBeLessThanOrEqual(incident.episode.number);
      }
      for (const { id: channel } of policy.channels)
        expect(mostWithinAnHour(heard(model, channel))).toBeLessThanOrEqual(2 * FLAPS_MAX + 2);
      const woken = model.read.filter(
        ({ channel, atMs }) =>
          channel === "one" && [22, 23, 0, 1, 2, 3, 4, 5, 6].includes(new Date(atMs).getUTCHours()),
      );
      expect(woken).toEqual([]);
    }),
    { numRuns: 1_000, examples: [[REMINDED], [FLAPPING]] },
  );
  // Else the lines above would prove nothing of them.
  expect(reminders).toBeGreaterThan(0);
  expect(flapping).toBeGreaterThan(0);
});
