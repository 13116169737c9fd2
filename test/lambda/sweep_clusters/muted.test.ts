/** What becomes of a cluster's mails while a person is at work on it. Both functions, against the DynamoDB API. */
import { openMutes } from "../../../lambda/adapters/mutes.ts";
import { death, NOON_MS, recovery } from "../send_cluster_mail/support/fixtures.ts";
import { HOUR_MS, QUARTER_MS, useWorlds } from "./support/stories.ts";

const newWorld = useWorlds();

async function newMuted(fromMs: number, untilMs: number) {
  const story = await newWorld();
  const { mails, client, table } = story.world;
  const mutes = openMutes(table, client);
  await mutes.begin("kitchen", { fromMs, untilMs });
  const told = () =>
    mails.map(({ state, incident, atMs }) => `${(atMs - NOON_MS) / HOUR_MS} h ${state} ${incident}`);
  return { ...story, mutes, told };
}

test("dead within the mute and after it -> told at its end, with the mute; what came and went is not told, and counted", async () => {
  const { world, told, deliver, sweepUntil } = await newMuted(NOON_MS, NOON_MS + 3 * HOUR_MS);
  await deliver(death({ minute: 20 }));
  await deliver(death({ minute: 40, subject: 1, node: 0 }));
  await deliver(recovery({ minute: 90, subject: 1, node: 0 }));
  expect(world.log.map(({ why }) => why)).toEqual(["muted", "muted", "already-told"]);
  await sweepUntil(NOON_MS + 5 * HOUR_MS);
  expect(told()).toEqual(["3 h firing node-dead#0"]);
  expect(world.mails[0]!.text).toContain(
    "Mails of kitchen were muted from 2026-01-01 12:00 UTC to 2026-01-01 15:00 UTC; 1 incident came and went meanwhile.",
  );
  await deliver(death({ minute: 400, subject: 1, node: 0 }));
  expect(told()).toHaveLength(2);
});

test("dead before the mute and back within it -> the end is told after it", async () => {
  const { told, deliver, sweepUntil } = await newMuted(NOON_MS + HOUR_MS, NOON_MS + 2 * HOUR_MS);
  await deliver(death({ minute: 5 }));
  await deliver(recovery({ minute: 70 }));
  await sweepUntil(NOON_MS + 3 * HOUR_MS);
  expect(told().slice(1)).toEqual(["2 h resolved node-dead#0"]);
});

test("ended early -> told at the next sweep; another cluster is told at any time", async () => {
  const { world, mutes, told, deliver, sweepUntil } = await newMuted(NOON_MS, NOON_MS + 100 * HOUR_MS);
  await deliver(death({ minute: 5 }));
  await deliver(death({ minute: 6, cluster_id: "shed" }));
  expect(world.mails.map(({ cluster }) => cluster)).toEqual(["shed"]);
  await sweepUntil(NOON_MS + HOUR_MS);
  expect(await mutes.end("kitchen", NOON_MS + HOUR_MS)).toBe("ended");
  await sweepUntil(NOON_MS + 2 * HOUR_MS);
  expect(told().slice(1)).toEqual(["1.25 h firing node-dead#0"]);
});

test("more open within a mute than are told singly -> at its end each is told; a digest does not break the silence", async () => {
  const { world, told, deliver, sweepUntil } = await newMuted(NOON_MS, NOON_MS + 2 * HOUR_MS);
  world.configure({ CLUSTERS: '{"kitchen":{"nodes":8,"sleep_s":900}}' });
  for (let subject = 0; subject < 7; subject++) await deliver(death({ minute: subject, subject, node: 7 }));
  await sweepUntil(NOON_MS + 2 * HOUR_MS - QUARTER_MS);
  expect(told()).toEqual([]);
  await sweepUntil(NOON_MS + 3 * HOUR_MS);
  expect(told()).toHaveLength(7);
});
