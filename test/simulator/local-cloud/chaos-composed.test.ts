/** Each kind of chaos by itself, at a rate that leaves nothing to chance, on the cloud as a whole. */
import { freshAssembly } from "../../../simulator/cli/shared/assembly-cache.ts";
import { ComposedCloud } from "./composed-cloud.ts";
import { death, reading } from "./support/messages.ts";

// A ceiling for what hangs; the first run after a change synthesizes the app.
jest.setTimeout(60_000);

let assemblyDir: string;
let composed: ComposedCloud;
beforeAll(async () => {
  assemblyDir = await freshAssembly(() => undefined);
});
beforeEach(() => {
  composed = new ComposedCloud();
});
afterEach(() => composed.stop());

async function accept(channel: "reading" | "event", payload: string): Promise<void> {
  composed.cloud.accept({
    topic: `rosie/${channel}/kitchen/1`,
    payload: Buffer.from(payload),
    clientId: "kitchen-1",
  });
  await composed.cloud.idle();
}

test("late -> stored within ten minutes, with the time at which the rule took it", async () => {
  await composed.start(assemblyDir, { late: 1 });
  await accept("reading", reading());
  expect(await composed.stored()).toEqual([]);
  composed.clock.pass(600_000);
  await composed.cloud.idle();
  expect(await composed.stored()).toEqual(["2030-06-01T00:00:00.000Z#1"]);
});

test("late, and the cloud is stopped meanwhile -> it never comes", async () => {
  await composed.start(assemblyDir, { late: 1 });
  await accept("event", death());
  await composed.stop();
  const logged = composed.log.length;
  composed.clock.pass(600_000);
  expect(composed.log).toHaveLength(logged);
});

test("twice -> a reading is stored once, a death mailed once", async () => {
  await composed.start(assemblyDir, { duplicate: 1 });
  await accept("reading", reading());
  await accept("event", death());
  expect(await composed.stored()).toHaveLength(1);
  expect(composed.mails).toHaveLength(1);
  expect(composed.decisions(false)).toEqual([expect.stringMatching(/^(?:being|already)-told$/)]);
  expect(composed.cloud.chaos?.struck).toEqual({ duplicate: 2 });
});

test("DynamoDB throttles -> the reading is in the error queue; whoever looks from outside is not struck; made well, it is stored", async () => {
  await composed.start(assemblyDir, { "dynamodb-throttle": 1 });
  await accept("reading", reading());
  expect(await composed.stored()).toEqual([]);
  expect(composed.queued).toMatchObject([
    {
      body: {
        failures: Array(2).fill({ errorMessage: expect.stringMatching(/^The rate of requests exceeds/) }),
      },
    },
  ]);
  composed.cloud.chaos?.end();
  await accept("reading", reading());
  expect(await composed.stored()).toHaveLength(1);
});

test.each([
  ["ses-throttle", /Throttling: Maximum sending rate exceeded\./],
  ["ses-reject", /MessageRejected: Message rejected by chaos\./],
] as const)("%s -> the function's attempts fail by that name, the event is kept", async (kind, expected) => {
  await composed.start(assemblyDir, { [kind]: 1 });
  await accept("event", death());
  await composed.settle();
  expect(composed.texts("attempt-failed")[0]).toMatch(expected);
  expect(composed.mails).toEqual([]);
  expect(composed.queued).toMatchObject([{ queue: expect.stringMatching(/SendClusterMailFailures/) }]);
});
