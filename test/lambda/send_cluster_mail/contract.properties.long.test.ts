/**
 * The alert contract over random stories, against the DynamoDB API: lives of a cluster with outages inside its incidents and
 * clocks that are wrong, events late by up to six hours, repeated, in any order, several at once, crashes before and after
 * every external call, an SES that is slow or down, recipients, clusters and `readings_days` edited, mutes, answers, digests and
 * weekly reports.
 */
import fc from "fast-check";
import {
  type LocalDynamo,
  noDynamoDbLocal,
  startDynamoDbLocal,
  startQuickDynamo,
} from "./support/dynamodb.ts";
import { brokenStory } from "./support/expected-mails.ts";
import { type Story, stories, storiesWithoutTrouble } from "./support/told-stories.ts";
import { toldStory } from "./support/told-world.ts";

/** A story plays two days, some hundred invocations; HA2M_STORIES for more of them. */
const RUNS = { numRuns: Number(process.env.HA2M_STORIES ?? 12), endOnFailure: true };

/** A ceiling for what hangs. */
const PATIENCE_MS = 60_000 + 20_000 * RUNS.numRuns;

/** Tables of stories that are over fill the memory. */
const RENEWED_AFTER = 50;

const stores: readonly (readonly [string, () => Promise<LocalDynamo>, string | undefined])[] = [
  ["dynalite", startQuickDynamo, undefined],
  ["AWS's DynamoDB Local", startDynamoDbLocal, noDynamoDbLocal],
];

describe.each(stores)("the alert contract on %s", (_, start, missing) => {
  const named = missing === undefined ? test : test.skip;
  const because = missing === undefined ? "" : ` (skipped: ${missing})`;
  let dynamo: LocalDynamo;
  const seen = { stories: 0, mails: 0, digests: 0, reports: 0, copies: 0 };
  beforeAll(async () => {
    if (missing === undefined) dynamo = await start();
  }, PATIENCE_MS);
  afterAll(async () => {
    await dynamo?.close();
    if (process.env.HA2M_STORIES !== undefined) process.stdout.write(`${JSON.stringify(seen)}\n`);
  });

  const holds = async (story: Story) => {
    if (seen.stories % RENEWED_AFTER === RENEWED_AFTER - 1) {
      await dynamo.close();
      dynamo = await start();
    }
    const told = await toldStory(dynamo, story);
    expect(await brokenStory(told, story)).toEqual([]);
    const count = (state: string) => told.world.mails.filter((mail) => mail.state === state).length;
    seen.stories += 1;
    seen.mails += told.world.mails.length;
    seen.digests += count("digest");
    seen.reports += count("weekly");
    seen.copies += told.world.mails.filter(({ marked }) => marked).length;
  };

  named(
    `whatever happens on the way -> in turn, nothing lost, nobody woken${because}`,
    () => fc.assert(fc.asyncProperty(stories, holds), RUNS),
    PATIENCE_MS,
  );

  named(
    `nothing fails, though SES is slow -> what is told is so, what lasts is told in time, and nothing twice${because}`,
    () => fc.assert(fc.asyncProperty(storiesWithoutTrouble, holds), RUNS),
    PATIENCE_MS,
  );
});
