/** Who of the recipients handles an incident is told to the others. Both functions, against the DynamoDB API. */
import { openAnswers } from "../../../lambda/adapters/answers.ts";
import type { IncidentId } from "../../../lib/contract/incidents.ts";
import { type LocalDynamo, startDynamo } from "../send_cluster_mail/support/dynamodb.ts";
import { death, environment, MINUTE_MS, NOON_MS, recovery } from "../send_cluster_mail/support/fixtures.ts";
import { CALM } from "../send_cluster_mail/support/schedule.ts";
import { World } from "../send_cluster_mail/support/world.ts";

const HOUR_MS = 60 * MINUTE_MS;
const id: IncidentId = { clusterId: "kitchen", kind: "node-dead", subject: 0 };
const QUIET = { from: "13:00", to: "17:30", time_zone: "UTC" };
const TWO = "bob@example.org, cy@example.org";

let dynamo: LocalDynamo;
beforeAll(async () => {
  dynamo = await startDynamo();
});
afterAll(() => dynamo.close());

let tables = 0;
/** A death at noon, told to all. */
async function firing(MAIL_TO: string) {
  const table = `in-hand-${tables++}`;
  await dynamo.makeTable(table);
  const world = new World(dynamo.client, table, { ...environment, MAIL_TO }, NOON_MS, CALM);
  const answers = openAnswers(table, dynamo.client);
  let sweepMs = NOON_MS;
  const deliver = async (event: { readonly received_at: number }) => {
    world.invoke(event, "send", event.received_at);
    await world.until(event.received_at);
  };
  await deliver(death({ term: 4 }));
  return {
    world,
    deliver,
    told: () =>
      world.mails.map(({ state, to }) => `${state} to ${to.map((one) => one.split("@")[0]).join("+")}`),
    acknowledge: (by?: string) =>
      answers.note(id, undefined, { kind: "acknowledge", ...(by === undefined ? {} : { by }) }, world.nowMs),
    snooze: (hours: number) =>
      answers.note(id, undefined, { kind: "snooze", untilMs: world.nowMs + hours * HOUR_MS }, world.nowMs),
    sweepFor: async (hours: number) => {
      const endMs = sweepMs + hours * HOUR_MS;
      for (; sweepMs <= endMs; sweepMs += 15 * MINUTE_MS) {
        world.sweep(sweepMs);
        await world.until(sweepMs);
      }
    },
  };
}

test("one of two acknowledges -> the other hears who and when, once; the end says it too", async () => {
  const { world, told, deliver, acknowledge, sweepFor } = await firing(TWO);
  await sweepFor(2);
  await acknowledge("bob");
  await sweepFor(50);
  await deliver(recovery({ term: 4, minute: 53 * 60 }));
  expect(told()).toEqual(["firing to bob+cy", "acknowledged to cy", "resolved to bob+cy"]);
  const [, news, over] = world.mails;
  expect(news?.subject).toBe("[ha2m] ACKNOWLEDGED kitchen: bob handles it: node 0 stopped, node 1 took over");
  expect(news?.text).toContain("bob acknowledged it at 2026-01-01 14:00 UTC");
  expect(news!.atMs - NOON_MS).toBeLessThanOrEqual(2.25 * HOUR_MS);
  expect(over?.text).toContain("bob acknowledged it at 2026-01-01 14:00 UTC");
});

test.each([
  ["nobody says who they are", TWO, undefined],
  ["one person gets all mails", "bob@example.org", "bob"],
])("%s -> no mail of its own, and no reminders", async (_, to, by) => {
  const { told, acknowledge, sweepFor } = await firing(to);
  await acknowledge(by);
  await sweepFor(60);
  expect(told()).toHaveLength(1);
});

test("somebody acknowledges who gets no mails -> all hear of it, each in the waking hours", async () => {
  const { world, told, acknowledge, sweepFor } = await firing(
    JSON.stringify(["bob@example.org", { address: "ann@example.org", quiet: QUIET }]),
  );
  await sweepFor(3);
  await acknowledge("the neighbour");
  await sweepFor(5);
  expect(told()).toEqual(["firing to bob", "firing to ann", "acknowledged to bob", "acknowledged to ann"]);
  expect(world.mails.at(-1)?.atMs).toBe(NOON_MS + 5.5 * HOUR_MS);
  expect(world.mails.at(-1)?.text).toContain("Your quiet hours have held this mail back");
});

test("acknowledged, snoozed, reminded, and acknowledged by the other -> each answer is told to the others once", async () => {
  const { told, acknowledge, snooze, sweepFor } = await firing(TWO);
  await acknowledge("bob");
  await sweepFor(1);
  await snooze(20);
  await sweepFor(26);
  await acknowledge("cy@example.org");
  await sweepFor(80);
  expect(told()).toEqual([
    "firing to bob+cy",
    "acknowledged to cy",
    "reminder to bob+cy",
    "acknowledged to bob",
  ]);
});

test("an attempt is cut off after any of its calls -> the others hear, and a copy is marked", async () => {
  let copied = 0;
  for (let calls = 3; calls < 13; calls++) {
    const { world, told, acknowledge, sweepFor } = await firing(TWO);
    await acknowledge("cy");
    world.crashNext([...Array(calls).fill(undefined), "after"]);
    await sweepFor(0.5);
    const copies = world.mails.filter(({ state }) => state === "acknowledged");
    expect(new Set(told().slice(1))).toEqual(new Set(["acknowledged to bob"]));
    expect(copies.filter(({ marked }) => !marked).length).toBeLessThanOrEqual(1);
    copied += copies.length - 1;
  }
  // SES has taken the mail, and the attempt did not live to write that down.
  expect(copied).toBe(1);
});

test("it is over before the others have heard -> RESOLVED alone, which says who had it", async () => {
  const { world, told, deliver, acknowledge, sweepFor } = await firing(TWO);
  await acknowledge("bob");
  await deliver(recovery({ term: 4, minute: 9 }));
  await sweepFor(2);
  expect(told()).toEqual(["firing to bob+cy", "resolved to bob+cy"]);
  expect(world.mails[1]?.text).toContain("bob acknowledged it");
});
