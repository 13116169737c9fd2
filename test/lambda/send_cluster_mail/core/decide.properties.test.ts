/** The contract over random streams: two nodes' deaths and recoveries, in any order, repeated, with crashes. */
import fc from "fast-check";
import type { DeliveredEvent } from "../../../../lib/contract/messages.ts";
import { type Call, type Crash, testCloud } from "../support/cloud.ts";
import { death, recovery } from "../support/fixtures.ts";

const QUARTER = 15;

/** A node's life: each entry is an episode with so many reports of its death before its recovery. */
const life = fc.array(fc.integer({ min: 1, max: 4 }), { minLength: 1, maxLength: 4 });

/** The events of a life, in order; `endsDead` leaves the last recovery out. */
function eventsOf(reports: readonly number[], subject: number, endsDead: boolean): DeliveredEvent[] {
  let minute = 0;
  const tick = () => {
    minute += QUARTER;
    return minute;
  };
  const node = 1 - subject;
  const events = reports.flatMap((count) => [
    ...Array.from({ length: count }, () => death({ minute: tick(), subject, node })),
    recovery({ minute: tick(), subject, node }),
  ]);
  return endsDead ? events.slice(0, -1) : events;
}

const repeated = (events: readonly DeliveredEvent[]) =>
  fc
    .array(fc.integer({ min: 1, max: 3 }), { minLength: events.length, maxLength: events.length })
    .map((times) => events.flatMap((event, i) => Array.from({ length: times[i]! }, () => event)));

const scrambled = (events: readonly DeliveredEvent[]) =>
  repeated(events).chain((all) => fc.shuffledSubarray(all, { minLength: all.length, maxLength: all.length }));

const crash: fc.Arbitrary<Crash> = fc.record({
  call: fc.constantFrom<Call>("load", "write", "send", "confirm"),
  when: fc.constantFrom("before" as const, "after" as const),
});

const stream = (order: typeof repeated) =>
  fc
    .tuple(life, fc.boolean())
    .chain(([reports, endsDead]) =>
      fc.tuple(fc.constant({ reports, endsDead }), order(eventsOf(reports, 0, endsDead))),
    );

const count = (subjects: readonly string[], word: string) =>
  subjects.filter((subject) => subject.includes(word)).length;

const HOUR_MS = 3_600_000;

test("in order, each event any number of times -> one FIRING an episode, one RESOLVED a recovery", async () => {
  await fc.assert(
    fc.asyncProperty(stream(repeated), async ([{ reports, endsDead }, events]) => {
      const cloud = testCloud();
      for (const event of events) {
        await cloud.deliver(event);
        cloud.pass(1_000);
      }
      expect(count(cloud.subjects(), "FIRING")).toBe(reports.length);
      expect(count(cloud.subjects(), "RESOLVED")).toBe(reports.length - (endsDead ? 1 : 0));
    }),
  );
});

test("any order, any repetition -> FIRING and RESOLVED alternate, never more FIRING than deaths reported", async () => {
  await fc.assert(
    fc.asyncProperty(stream(scrambled), async ([{ reports }, events]) => {
      const cloud = testCloud();
      for (const event of events) await cloud.deliver(event);
      const kinds = cloud.subjects().map((subject) => subject.split(" ")[1]);
      kinds.forEach((kind, i) => {
        expect(kind).toBe(i % 2 === 0 ? "FIRING" : "RESOLVED");
      });
      expect(count(cloud.subjects(), "FIRING")).toBeLessThanOrEqual(
        reports.reduce((sum, one) => sum + one, 0),
      );
    }),
  );
});

test("any order, then the primary's next wake -> never more FIRING than episodes, and the last word is the truth", async () => {
  const once = fc
    .tuple(fc.integer({ min: 1, max: 5 }), fc.boolean())
    .map(([episodes, endsDead]) => ({
      episodes,
      endsDead,
      events: eventsOf(Array(episodes).fill(1), 0, endsDead),
    }))
    .chain((all) => fc.tuple(fc.constant(all), scrambled(all.events)));
  await fc.assert(
    fc.asyncProperty(once, async ([{ episodes, endsDead, events: all }, events]) => {
      const cloud = testCloud();
      for (const event of events) await cloud.deliver(event);
      // A death is reported at every wake; this heals what a recovery, overtaken by the next death, has closed.
      if (endsDead) await cloud.deliver(death({ minute: QUARTER * (all.length + 1) }));
      expect(count(cloud.subjects(), "FIRING")).toBeLessThanOrEqual(episodes);
      const last = cloud.subjects().at(-1) ?? "RESOLVED: nobody was ever told";
      expect(last).toContain(endsDead ? "FIRING" : "RESOLVED");
    }),
  );
});

test("two subjects at once -> each incident has its own mails and its own thread", async () => {
  await fc.assert(
    fc.asyncProperty(stream(repeated), life, async ([{ reports }, events], otherLife) => {
      const cloud = testCloud();
      const others = eventsOf(otherLife, 1, false);
      const merged = [...events, ...others].sort((x, y) => x.received_at - y.received_at);
      for (const event of merged) await cloud.deliver(event);
      expect(count(cloud.subjects(), "FIRING kitchen: node 0")).toBe(reports.length);
      expect(count(cloud.subjects(), "FIRING kitchen: node 1")).toBe(otherLife.length);
      expect(new Set(cloud.mails.map(({ threadRoot }) => threadRoot)).size).toBe(2);
    }),
  );
});

test("in order, up to two crashes an event -> no mail is missing, and every extra one says possible duplicate", async () => {
  const crashes = fc.array(fc.array(crash, { maxLength: 2 }), { minLength: 60, maxLength: 60 });
  await fc.assert(
    fc.asyncProperty(stream(repeated), crashes, async ([{ reports, endsDead }, events], planned) => {
      const cloud = testCloud();
      for (const [i, event] of events.entries()) {
        cloud.plan(planned[i] ?? []);
        expect(await cloud.deliver(event)).toBe("done");
        cloud.pass(HOUR_MS);
      }
      for (const [word, due] of [
        ["FIRING", reports.length],
        ["RESOLVED", reports.length - (endsDead ? 1 : 0)],
      ] as const) {
        const sent = cloud.mails.filter(({ subject }) => subject.includes(word));
        const marked = sent.filter(({ text }) => text.includes("Possible duplicate"));
        expect(sent.length).toBeGreaterThanOrEqual(due);
        expect(sent.length - marked.length).toBeLessThanOrEqual(due);
      }
    }),
  );
});
