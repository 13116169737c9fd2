/** The alarms that would be deployed, in the cloud as a whole: a mail path that is dead is told of by SNS, a healthy one is not. */

import {
  closeClients,
  openClients,
  readQueue,
  replay,
} from "../../../../simulator/cli/replay/queue-messages.ts";
import { freshAssembly } from "../../../../simulator/cli/shared/assembly-cache.ts";
import { readCdkJson } from "../../../../simulator/cli/shared/cdk-json.ts";
import { OWNER_KEY } from "../../../../simulator/local-cloud/dynamodb-client.ts";
import { AssemblyCopy, ComposedCloud } from "../composed-cloud.ts";
import { START_MS } from "../functions/runner-fixture.ts";
import { death, reading } from "../support/messages.ts";

// Ceilings for what hangs; the first run after a change synthesizes the app.
jest.setTimeout(120_000);

let composed: ComposedCloud;
let copy: AssemblyCopy | undefined;
beforeEach(() => {
  composed = new ComposedCloud();
});
afterEach(async () => {
  await composed.stop();
  copy?.remove();
  copy = undefined;
});

const readingAt = (quarterHours: number): string =>
  reading({ measured_at: new Date(START_MS + quarterHours * 900_000).toISOString(), seq: quarterHours });

/** `ALARM ha2m-…`, as the alarms' topic was told, in order, with whom it told. */
const told = (): string[] =>
  composed.log
    .filter(({ code, fields }) => code === "notice-published" && fields?.subject !== undefined)
    .map(({ text }) => text.replace(/^to (.*): (ALARM|OK): "(.*)" in .*$/, "$2 $3 to $1"));

const minutes = async (count: number): Promise<void> => {
  for (let i = 0; i < count; i++) {
    composed.clock.pass(60_000);
    await composed.cloud.idle();
  }
};

/** Repeats what waits in every queue, as `npm run replay -- --execute` does. */
async function replayAll(): Promise<number> {
  const { queues, dynamodb, sqs, lambda, iotData } = composed.cloud;
  const clients = openClients(
    dynamodb.region,
    { sqs: sqs.endpoint, lambda: lambda.endpoint, iotData: iotData.endpoint },
    { accessKeyId: OWNER_KEY, secretAccessKey: "local" },
  );
  let replayed = 0;
  for (const queue of queues) {
    const { url, failures } = await readQueue(clients, queue, 100);
    for (const failure of failures) {
      await replay(clients, url, failure);
      replayed += 1;
    }
  }
  closeClients(clients);
  await composed.cloud.idle();
  return replayed;
}

test("SES refuses every mail -> no mail, and the alarms' topic tells the first recipient; it takes them again -> the mail, and all is well", async () => {
  await composed.start(await freshAssembly(() => undefined), { "ses-reject": 1 });
  await composed.publish("event", 1, death());
  await composed.settle();
  await minutes(3);
  expect(composed.mails).toEqual([]);
  expect(told()).toEqual([
    "ALARM ha2m-send_cluster_mail-errors to email you@example.com",
    "ALARM ha2m-send_cluster_mail-failures to email you@example.com",
  ]);
  composed.cloud.chaos?.end();
  await minutes(1);
  expect(await replayAll()).toBe(1);
  await minutes(20);
  expect(composed.mails).not.toEqual([]);
  expect(told().slice(2).sort()).toEqual([
    "OK ha2m-send_cluster_mail-errors to email you@example.com",
    "OK ha2m-send_cluster_mail-failures to email you@example.com",
  ]);
});

test("hours of readings, a death told once -> the mail, and no alarm", async () => {
  await composed.start(await freshAssembly(() => undefined));
  for (let quarter = 0; quarter < 20; quarter++) {
    await composed.publish("reading", 1, readingAt(quarter));
    if (quarter === 10) await composed.publish("event", 1, death());
    // Else the clock would run on over what is at work.
    await composed.cloud.idle();
    await composed.pass(1);
  }
  expect(composed.mails).toHaveLength(1);
  expect(composed.texts("alarm-state")).toEqual([]);
  expect(told()).toEqual([]);
});

test("a cluster that falls silent for hours -> no readings; over with the first hour that has some", async () => {
  await composed.start(await freshAssembly(() => undefined));
  await composed.publish("reading", 0, readingAt(0));
  await composed.cloud.idle();
  await composed.pass(3 * 4);
  expect(told()).toEqual(["ALARM ha2m-no-readings to email you@example.com"]);
  await composed.publish("reading", 0, readingAt(12));
  await composed.cloud.idle();
  await composed.pass(2 * 4);
  expect(told().slice(1)).toContain("OK ha2m-no-readings to email you@example.com");
});

test("a cluster that was never heard of -> silence is no alarm", async () => {
  await composed.start(await freshAssembly(() => undefined));
  await composed.pass(4 * 4);
  expect(told()).toEqual([]);
});

test("readings that may not be stored -> their rule's queue rings while they wait there", async () => {
  copy = new AssemblyCopy(await freshAssembly(() => undefined));
  copy.forbid("ReadingsRuleRole", "PutItems");
  await composed.start(copy.dir);
  await composed.publish("reading", 1, readingAt(0));
  await composed.cloud.idle();
  await minutes(30);
  expect(told()).toEqual(["ALARM ha2m-readings-rule-errors to email you@example.com"]);
});

test("a schedule that may not start the sweep -> the sweep is missed after three quarters of an hour", async () => {
  copy = new AssemblyCopy(await freshAssembly(() => undefined));
  copy.forbid("SweepClustersScheduleRole", "Sweep");
  await composed.start(copy.dir);
  await composed.pass(2);
  expect(told()).toEqual([]);
  await composed.pass(2);
  expect(told()).toEqual(["ALARM ha2m-sweep-missing to email you@example.com"]);
});

test("watched in full -> every alarm is read; what nothing here can count is named, and nothing else", async () => {
  const { ha2m } = readCdkJson().context;
  const full = { ha2m: { ...(ha2m as object), watch: "full" } };
  await composed.start(await freshAssembly(() => undefined, full));
  const never = composed.cloud.notEmulated.filter(({ type }) => type.startsWith("AWS::CloudWatch::Alarm"));
  expect(never).toEqual([
    { type: "AWS::CloudWatch::Alarm: on AWS/IoT RuleMessageThrottled", count: 2 },
    { type: "AWS::CloudWatch::Alarm: on AWS/Lambda Throttles", count: 2 },
    { type: "AWS::CloudWatch::Alarm: on AWS/SES Reputation.BounceRate", count: 1 },
    { type: "AWS::CloudWatch::Alarm: on AWS/SES Reputation.ComplaintRate", count: 1 },
  ]);
  await composed.publish("reading", 1, "no JSON");
  await composed.cloud.idle();
  await minutes(2);
  // Of that rule the action, the queue, and that it could not be read.
  expect(told().sort()).toEqual([
    "ALARM ha2m-readings-rule-errors to email you@example.com",
    "ALARM ha2m-readings-rule-failures to email you@example.com",
    "ALARM ha2m-readings-rule-unreadable to email you@example.com",
  ]);
});
