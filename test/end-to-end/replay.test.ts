/** `npm run replay` against the composed cloud: what failed, why, and that it comes right once its cause is mended. */
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { freshAssembly } from "../../simulator/cli/shared/assembly-cache.ts";
import { AssemblyCopy, ComposedCloud } from "../simulator/local-cloud/composed-cloud.ts";
import { death, reading } from "../simulator/local-cloud/support/messages.ts";
import { run, start } from "./support/commands.ts";

const tooHot = reading({ temperature_c: 200 });

let folder: string;
let copy: AssemblyCopy;
let composed: ComposedCloud;
beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), "ha2m-replay-"));
  copy = new AssemblyCopy(await freshAssembly(() => undefined));
  composed = new ComposedCloud();
});
afterEach(async () => {
  await composed.stop();
  copy.remove();
  rmSync(folder, { recursive: true, force: true });
});

/** As `npm run cloud -- --json` names the queues, so far as the command reads it. */
function describedBy(name = "cloud.json"): string {
  const { sqs, lambda, iotData, outputs, rules } = composed.cloud;
  const queues = Object.fromEntries(
    Object.values(outputs())
      .flatMap((ofStack) => Object.entries(ofStack))
      .filter(([, value]) => String(value).startsWith("https://sqs.")),
  );
  const file = join(folder, name);
  writeFileSync(file, JSON.stringify({ sqs: { ...sqs, queues }, lambda, iot_data: iotData, rules }));
  return file;
}

const subjects = (): string[] => composed.mails.map(({ subject }) => subject);

/** Of a statement's tables that one. */
const tableArn = (statement: object, table: string): unknown =>
  (statement as { readonly Resource: readonly object[] }).Resource.filter((one) =>
    JSON.stringify(one).includes(table),
  );

interface Shown {
  readonly executed: boolean;
  readonly queues: readonly {
    readonly name: string;
    readonly messages: readonly Readonly<Record<string, unknown>>[];
  }[];
}

async function replayed(...args: readonly string[]): Promise<{ code: number | null; shown: Shown }> {
  const { code, stdout } = await run("replay", ["--cloud", describedBy(), "--json", ...args]);
  return { code, shown: JSON.parse(stdout) as Shown };
}
const messagesIn = ({ queues }: Shown, name: string) =>
  queues.find((queue) => queue.name === name)?.messages ?? [];

/** A function whose requests fail until the file is there. */
const failUntil = (file: string): string => `
  const http = require("node:http");
  const { request } = http;
  http.request = (...asked) => {
    if (require("node:fs").existsSync(${JSON.stringify(file)})) return request(...asked);
    throw new Error("not mended yet");
  };`;

test("a function failed for good -> shown, kept by a dry run; once mended, replayed: the mail is sent, the queue empty", async () => {
  const mended = join(folder, "mended");
  copy.prepend("ha2m-send_cluster_mail", failUntil(mended));
  await composed.start(copy.dir);
  await composed.publish("event", 1, death());
  await composed.settle();
  expect(composed.mails).toEqual([]);

  const dry = await replayed();
  expect(dry).toMatchObject({ code: 0, shown: { executed: false } });
  expect(messagesIn(dry.shown, "SendClusterMailFailures")).toEqual([
    expect.objectContaining({
      source: "function ha2m-send_cluster_mail",
      errors: [expect.stringMatching(/not mended yet.*\(RetriesExhausted, 3 attempts\)$/)],
      payload: death(),
      action: "invoke",
      outcome: "kept",
    }),
  ]);
  await composed.cloud.idle();
  expect(composed.mails).toEqual([]);

  writeFileSync(mended, "");
  const done = await replayed("--execute");
  expect(done.code).toBe(0);
  expect(messagesIn(done.shown, "SendClusterMailFailures")).toMatchObject([{ outcome: "repeated" }]);
  await composed.cloud.idle();
  expect(composed.mails).toMatchObject([
    { subject: "[ha2m] FIRING kitchen: node 0 stopped, node 1 took over" },
  ]);
  expect(composed.cloud.queued()).toEqual({});
});

test("a schedule that could not start its sweep -> replayed: the sweep runs with the time that it was due", async () => {
  copy.forbid("SweepClustersScheduleRole", "Sweep");
  await composed.start(copy.dir);
  composed.clock.pass(0);
  const sweeps = () => composed.log.filter(({ fields }) => fields?.message === "sweep");
  const { code, shown } = await replayed("--execute", "--queue", "SweepClustersFailures");
  expect([code, shown.queues.length]).toEqual([0, 1]);
  expect(messagesIn(shown, "SweepClustersFailures")).toMatchObject([
    { source: "schedule ha2m-sweep_clusters", action: "invoke", outcome: "repeated" },
  ]);
  await composed.cloud.idle();
  expect(sweeps()).toHaveLength(1);
  expect(composed.cloud.queued()).toEqual({});
});

test("a reading that its rule cannot store, ever -> shown in full; replayed, it is back as a new message, once", async () => {
  await composed.start(copy.dir);
  await composed.publish("reading", 0, tooHot);
  await composed.cloud.idle();
  const { code, stdout } = await run("replay", ["--cloud", describedBy(), "--execute"]);
  expect(code).toBe(0);
  expect(stdout).toMatch(
    /^ReadingsRuleErrors: 1 message\n {2}2030-06-01 00:00:00 UTC {2}rule ha2m_readings, rosie\/reading\/kitchen\/0\n/m,
  );
  expect(stdout).toContain(`    payload: ${tooHot}\n    published to rosie/late/kitchen/0 again\n`);
  expect(stdout).toMatch(/^EventsRuleErrors: empty$/m);
  expect(stdout).toMatch(/\n1 message repeated and deleted\.\n$/);
  await composed.cloud.idle();
  expect(composed.cloud.messagesIn).toBe(2);
  expect(Object.values(composed.cloud.queued())).toEqual([1]);

  const discarded = await replayed("--execute", "--discard", "--queue", "ReadingsRuleErrors");
  expect(messagesIn(discarded.shown, "ReadingsRuleErrors")).toMatchObject([{ outcome: "discarded" }]);
  expect(composed.cloud.messagesIn).toBe(2);
  expect(composed.cloud.queued()).toEqual({});
});

test("a silent cluster's old reading is replayed -> stored, and no sign of life: RESOLVED comes with the next live one", async () => {
  // The heartbeat is stored, the reading is not.
  copy.edit("AWS::IAM::Role", ({ Properties }, logicalId) => {
    if (!logicalId.startsWith("ReadingsRuleRole")) return;
    for (const { PolicyDocument } of Properties.Policies)
      PolicyDocument.Statement = PolicyDocument.Statement.map((statement) =>
        statement.Sid === "PutItems"
          ? { ...statement, Resource: tableArn(statement, "Clusters") }
          : statement,
      );
  });
  await composed.start(copy.dir);
  await composed.publish("reading", 0, reading());
  await composed.pass(4);
  const silent = "[ha2m] FIRING kitchen: silent, no reading since 2030-06-01 00:00 UTC";
  expect(subjects()).toContain(silent);
  expect(await composed.stored()).toEqual([]);

  const { code, shown } = await replayed("--execute", "--queue", "ReadingsRuleErrors");
  expect(code).toBe(0);
  expect(messagesIn(shown, "ReadingsRuleErrors")).toMatchObject([{ outcome: "repeated" }]);
  await composed.cloud.idle();
  expect(await composed.stored()).toEqual(["2030-06-01T00:00:00.000Z#0"]);
  await composed.pass(2);
  expect(subjects().filter((subject) => /RESOLVED kitchen/.test(subject))).toEqual([]);

  // Its clock is years behind: what is live is told by where it comes from, not by what it says of itself.
  await composed.publish("reading", 0, reading({ measured_at: "2021-01-01T00:00:00.000Z" }));
  await composed.pass(1);
  expect(subjects()).toContainEqual(expect.stringMatching(/RESOLVED kitchen/));
});

test("a deployment that has no rule for late readings -> the reading stays in its queue, and what to do", async () => {
  await composed.start(copy.dir);
  await composed.publish("reading", 0, tooHot);
  await composed.cloud.idle();
  const file = describedBy();
  const { rules, ...others } = JSON.parse(readFileSync(file, "utf8"));
  writeFileSync(file, JSON.stringify({ ...others, rules: ["ha2m_readings", "ha2m_events"] }));
  expect(rules).toContain("ha2m_late_readings");
  const { code, stdout } = await run("replay", ["--cloud", file, "--execute"]);
  expect(code).toBe(1);
  expect(stdout).toContain(
    "NOT repeated, still in the queue: the rule ha2m_late_readings, which stores late readings, is not there",
  );
  expect(composed.cloud.messagesIn).toBe(1);
  expect(Object.values(composed.cloud.queued())).toEqual([1]);
});

test("--target aws, with the outputs of a deploy and AWS's endpoints led here -> the same", async () => {
  await composed.start(copy.dir);
  await composed.publish("reading", 0, tooHot);
  await composed.cloud.idle();
  const outputs = join(folder, "cdk-outputs.json");
  const { sqs, lambda, iotData } = composed.cloud;
  writeFileSync(outputs, JSON.stringify(composed.cloud.outputs()));
  const { code, stdout } = await start(
    "replay",
    ["--target", "aws", "--outputs", outputs, "--execute", "--json"],
    undefined,
    {
      AWS_ENDPOINT_URL_SQS: sqs.endpoint,
      AWS_ENDPOINT_URL_LAMBDA: lambda.endpoint,
      AWS_ENDPOINT_URL_IOT_DATA_PLANE: iotData.endpoint,
      AWS_ACCESS_KEY_ID: "owner",
      AWS_SECRET_ACCESS_KEY: "x",
    },
  ).finished;
  expect(code).toBe(0);
  expect(messagesIn(JSON.parse(stdout) as Shown, "ReadingsRuleErrors")).toMatchObject([
    { outcome: "repeated" },
  ]);
  expect(composed.cloud.messagesIn).toBe(2);
});

describe("what a person did wrong -> a line that says so, exit 2", () => {
  const wrong = async (...args: readonly string[]) => {
    const { code, stdout, stderr } = await run("replay", args);
    expect([code, stdout]).toEqual([2, ""]);
    expect(stderr).not.toMatch(/^\s+at /m);
    return stderr;
  };

  test("a cloud that has ended, and credentials that may not", async () => {
    await composed.start(copy.dir);
    await composed.publish("reading", 0, tooHot);
    await composed.cloud.idle();
    const cloud = describedBy();
    const outputs = join(folder, "cdk-outputs.json");
    const { sqs, lambda, iotData } = composed.cloud;
    writeFileSync(outputs, JSON.stringify(composed.cloud.outputs()));
    // The key of a role, which may send to a queue and not read it.
    const { code, stderr } = await start("replay", ["--target", "aws", "--outputs", outputs], undefined, {
      AWS_ENDPOINT_URL_SQS: sqs.endpoint,
      AWS_ENDPOINT_URL_LAMBDA: lambda.endpoint,
      AWS_ENDPOINT_URL_IOT_DATA_PLANE: iotData.endpoint,
      AWS_ACCESS_KEY_ID: "AKIALOCAL00000000000",
      AWS_SECRET_ACCESS_KEY: "x",
    }).finished;
    expect(code).toBe(2);
    expect(stderr).toMatch(
      /^the queue \w+ cannot be read: AccessDenied: .*sqs:ReceiveMessage.*It needs sqs:/,
    );
    await composed.stop();
    expect(await wrong("--cloud", cloud)).toMatch(
      /cannot be read: .*ECONNREFUSED.*is npm run cloud running there\?/,
    );
  });
});

test("--help -> printed in lines that fit a terminal of 80 columns, exit 0", async () => {
  const { code, stdout } = await run("replay", ["--help"]);
  expect([code, stdout]).toEqual([0, expect.stringMatching(/--execute/)]);
  expect(stdout.split("\n").filter((line) => line.length > 79)).toEqual([]);
});
