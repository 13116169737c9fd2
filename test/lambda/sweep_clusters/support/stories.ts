/** Worlds in which both functions run, each with a table of its own, for tests that tell what comes of it. */
import { openAnswers } from "../../../../lambda/adapters/answers.ts";
import { type LocalDynamo, startQuickDynamo } from "../../send_cluster_mail/support/dynamodb.ts";
import { environment, MINUTE_MS, NOON_MS } from "../../send_cluster_mail/support/fixtures.ts";
import { CALM, type Chance } from "../../send_cluster_mail/support/schedule.ts";
import { World } from "../../send_cluster_mail/support/world.ts";

export const QUARTER_MS = 15 * MINUTE_MS;
export const HOUR_MS = 60 * MINUTE_MS;
export const DAY_MS = 24 * HOUR_MS;

/** A world in a table of its own, which begins at noon, and what a test does in it. */
export async function worldIn(
  dynamo: LocalDynamo,
  table: string,
  changes: Readonly<Record<string, string>> = {},
  chance: Chance = CALM,
) {
  await dynamo.makeTable(table);
  const world = new World(dynamo.client, table, { ...environment, ...changes }, NOON_MS, chance);
  let sweepMs = NOON_MS;
  /** Sweeps, as the schedule does, and lets what comes of it happen. */
  const sweepUntil = async (endMs: number, everyMs = QUARTER_MS) => {
    for (; sweepMs <= endMs; sweepMs += everyMs) {
      world.sweep(sweepMs);
      await world.until(sweepMs);
    }
  };
  const deliver = async (event: { readonly received_at: number }) => {
    world.invoke(event, "send", event.received_at);
    await world.until(event.received_at);
  };
  const told = () => world.mails.map(({ state, incident }) => `${state} ${incident}`);
  /** With the names of those who were told. */
  const toldTo = () =>
    world.mails.map(
      ({ state, incident, to }) => `${state} ${incident} to ${to.map((one) => one.split("@")[0]).join("+")}`,
    );
  const answers = openAnswers(table, dynamo.client);
  return { world, sweepUntil, deliver, told, toldTo, answers };
}

/** Starts a database for this file's tests; the function makes a world in it. */
export function useWorlds() {
  let dynamo: LocalDynamo;
  beforeAll(async () => {
    dynamo = await startQuickDynamo();
  });
  afterAll(() => dynamo.close());

  let tables = 0;
  return (changes: Readonly<Record<string, string>> = {}, chance: Chance = CALM) =>
    worldIn(dynamo, `world-${tables++}`, changes, chance);
}

/** A world, and what a test does in it. */
export type Story = Awaited<ReturnType<typeof worldIn>>;
