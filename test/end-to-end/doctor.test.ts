/**
 * `npm run doctor` beside `npm run cloud`: healthy, and with one thing after the other wrong; what it prints is typed, and
 * it is healthy again. Commands of the AWS CLI are typed where that is installed, else their request is made.
 */
import { spawnSync } from "node:child_process";
import { X509Certificate } from "node:crypto";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import {
  DisableTopicRuleCommand,
  EnableTopicRuleCommand,
  IoTClient,
  UpdateCertificateCommand,
} from "@aws-sdk/client-iot";
import { IoTDataPlaneClient, PublishCommand } from "@aws-sdk/client-iot-data-plane";
import { SESClient, VerifyEmailIdentityCommand } from "@aws-sdk/client-ses";
import { ConfirmSubscriptionCommand, SNSClient, SubscribeCommand } from "@aws-sdk/client-sns";
import { nodeTopic } from "../../lib/contract/topics.ts";
import type { Finding } from "../../simulator/cli/doctor/finding.ts";
import { certificateId } from "../../simulator/local-cloud/iot/certificate-id.ts";
import { reading } from "../simulator/local-cloud/support/messages.ts";
import { projectFolder, type Running, run, start } from "./support/commands.ts";

const RECIPIENT = "you@example.com";
const PORTS = ["--mqtt-port", "0", "--dynamodb-port", "0", "--ses-port", "0"];
const hasAwsCli = spawnSync("aws", ["--version"]).status === 0;

let folder: string;
let cloud: Running;
let described: string;
let at: {
  readonly control: Readonly<Record<"iot" | "sns" | "sts" | "cloudformation", string>>;
  readonly ses: { readonly endpoint: string };
  readonly sqs: { readonly endpoint: string };
  readonly dynamodb: { readonly endpoint: string };
  readonly iot_data: { readonly endpoint: string };
  readonly outputs: Readonly<Record<string, Readonly<Record<string, string>>>>;
};
beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), "ha2m-doctor-"));
  cloud = start("cloud", ["--json", "--keys", folder, "--unverified", RECIPIENT, ...PORTS]);
  at = JSON.parse(await cloud.until("stdout", /^\}$/m));
  described = join(folder, "endpoints.json");
});
afterAll(async () => {
  cloud.child.kill("SIGINT");
  await cloud.finished;
  rmSync(folder, { recursive: true, force: true });
});

const to = (endpoint: string) => ({
  endpoint,
  region: "us-east-1",
  credentials: { accessKeyId: "owner", secretAccessKey: "local" },
});
const pipeline = () => at.outputs.Ha2mPipeline!;

interface Report {
  readonly healthy: boolean;
  readonly findings: readonly Finding[];
}

async function examined(): Promise<{
  readonly code: number | null;
  readonly report: Report;
  readonly wrong: readonly Finding[];
}> {
  const { code, stdout } = await run("doctor", ["--target", "local", "--cloud", described, "--json"]);
  const report = JSON.parse(stdout) as Report;
  return { code, report, wrong: report.findings.filter(({ state }) => state === "wrong") };
}

/** As a person does it, from the project's folder; `request` where its program is not installed. */
async function type(command: string | undefined, request: () => Promise<unknown>): Promise<void> {
  if (!hasAwsCli) return void (await request());
  const { status, stderr } = spawnSync("bash", ["-c", command ?? "false"], {
    cwd: projectFolder,
    encoding: "utf8",
  });
  expect({ command, status, stderr: stderr.trim() }).toMatchObject({ status: 0 });
}

test("one recipient is not verified -> says which; once what it prints was typed, nothing is wrong", async () => {
  const { code, report, wrong } = await examined();
  expect([code, report.healthy]).toEqual([1, false]);
  expect(wrong).toEqual([
    {
      check: "recipient",
      state: "wrong",
      text: expect.stringMatching(/^you@example\.com is not verified in SES/),
      mend: expect.stringContaining(`aws ses verify-email-identity --email-address ${RECIPIENT} `),
    },
  ]);
  await type(wrong[0]?.mend, () =>
    new SESClient(to(at.ses.endpoint)).send(new VerifyEmailIdentityCommand({ EmailAddress: RECIPIENT })),
  );

  const { code: after, stdout, stderr } = await run("doctor", ["--target", "local", "--cloud", described]);
  expect([after, stderr]).toEqual([0, ""]);
  expect(
    stdout.split("\n").map((line) => line.replace(/20\d\d-\d\d-\d\d( \d\d:\d\d UTC)?/g, "DATE")),
  ).toEqual([
    "✓ credentials  arn:aws:iam::123456789012:root, the owner of the local cloud's account 123456789012",
    "✓ region       us-east-1, that of the local cloud",
    "– bootstrap    not needed locally",
    "✓ stack        Ha2mData 0.1.0, CREATE_COMPLETE since DATE",
    "✓ stack        Ha2mPipeline 0.1.0, CREATE_COMPLETE since DATE",
    "✓ stack        Ha2mDevices 0.1.0, CREATE_COMPLETE since DATE",
    "✓ mail         SES is in its sandbox, up to 200 mails a day: every recipient must be verified",
    "✓ sender       ha2m@example.com is verified",
    "✓ recipient    you@example.com is verified",
    "✓ certificate  kitchen-0: active, attached, until DATE",
    "✓ certificate  kitchen-1: active, attached, until DATE",
    "– alarms       you@example.com counts as confirmed: the local cloud mails nobody",
    "✓ rule         ha2m_readings is enabled",
    "✓ rule         ha2m_late_readings is enabled",
    "✓ rule         ha2m_events is enabled",
    "✓ queue        SendClusterMailFailures is empty",
    "✓ queue        SweepClustersFailures is empty",
    "✓ queue        ReadingsRuleErrors is empty",
    "✓ queue        EventsRuleErrors is empty",
    "– readings     kitchen has none yet",
    "",
    "Nothing is wrong.",
    "",
  ]);
});

test("a rule, a certificate, a subscriber and a queue -> each with what mends it, and well afterwards", async () => {
  const [iot, sns] = [new IoTClient(to(at.control.iot)), new SNSClient(to(at.control.sns))];
  const topic = { TopicArn: pipeline().AlarmTopicArn };
  await publish(reading({ temperature_c: 200 }));
  await cloud.until("stderr", /message-queued|message 1 arrived/);
  await iot.send(new DisableTopicRuleCommand({ ruleName: "ha2m_events" }));
  const id = certificateIdOf("kitchen-0");
  await iot.send(new UpdateCertificateCommand({ certificateId: id, newStatus: "INACTIVE" }));
  await sns.send(new SubscribeCommand({ ...topic, Protocol: "email", Endpoint: "late@example.com" }));

  const { code, wrong } = await examined();
  expect(code).toBe(1);
  expect(wrong.map(({ check, text }) => `${check}: ${text.split(/[:,]? so |: /)[0]}`)).toEqual([
    "certificate: kitchen-0",
    "alarms: late@example.com has not confirmed",
    "rule: ha2m_events is disabled",
    "queue: ReadingsRuleErrors has 1 failed message",
  ]);
  const [certificate, alarms, rule, queue] = wrong;
  await type(certificate?.mend, () =>
    iot.send(new UpdateCertificateCommand({ certificateId: id, newStatus: "ACTIVE" })),
  );
  await type(rule?.mend, () => iot.send(new EnableTopicRuleCommand({ ruleName: "ha2m_events" })));
  await type(alarms?.mend, () =>
    sns.send(new SubscribeCommand({ ...topic, Protocol: "email", Endpoint: "late@example.com" })),
  );
  const asked = await cloud.until("stderr", /(?:confirm-subscription[\s\S]*){2}/);
  await sns.send(new ConfirmSubscriptionCommand({ ...topic, Token: /--token (\w+)/.exec(asked)?.[1] }));
  // As the finding says: looked at, then repeated; this one can never be stored, so it is discarded.
  expect(queue?.mend).toBe(`npm run replay -- --queue ReadingsRuleErrors --cloud ${described}`);
  const words = queue?.mend?.replace(/^npm run replay -- /, "").split(" ") ?? [];
  expect((await run("replay", [...words, "--execute", "--discard"])).code).toBe(0);

  expect(await examined()).toMatchObject({ code: 0, wrong: [] });
});

/** Of the node's certificate, as the local cloud wrote it. */
const certificateIdOf = (thing: string): string =>
  certificateId(new X509Certificate(readFileSync(join(folder, `${thing}.cert.pem`), "utf8")).raw);

async function publish(payload: string): Promise<void> {
  await new IoTDataPlaneClient(to(at.iot_data.endpoint)).send(
    new PublishCommand({ topic: nodeTopic("reading", "kitchen", 0), payload: Buffer.from(payload), qos: 1 }),
  );
}

test("a reading of now, and one of long ago -> the last one's age counts", async () => {
  const readings = async () => {
    const { report } = await examined();
    return report.findings.filter(({ check }) => check === "readings");
  };
  await publish(reading({ measured_at: new Date(Date.now() - 9 * 3_600_000).toISOString() }));
  await cloud.until("stderr", /rule ha2m_readings: [^\n]*rosie\/reading\/kitchen\/0: dynamo/i);
  expect(await readings()).toMatchObject([
    { state: "wrong", text: expect.stringMatching(/^kitchen has been silent for 9 hours/) },
  ]);
});

test("--target aws, with AWS's endpoints led to the local cloud -> the same checks, bootstrap and outputs besides", async () => {
  const outputs = join(folder, "cdk-outputs.json");
  const asked = () =>
    start("doctor", ["--outputs", outputs, "--json"], undefined, {
      AWS_ENDPOINT_URL_STS: at.control.sts,
      AWS_ENDPOINT_URL_CLOUDFORMATION: at.control.cloudformation,
      AWS_ENDPOINT_URL_IOT: at.control.iot,
      AWS_ENDPOINT_URL_SNS: at.control.sns,
      AWS_ENDPOINT_URL_SQS: at.sqs.endpoint,
      AWS_ENDPOINT_URL_SESV2: at.ses.endpoint,
      AWS_ENDPOINT_URL_DYNAMODB: at.dynamodb.endpoint,
      AWS_REGION: "us-east-1",
      AWS_ACCESS_KEY_ID: "owner",
      AWS_SECRET_ACCESS_KEY: "x",
    }).finished;
  const of = (stdout: string, check: string) =>
    (JSON.parse(stdout) as Report).findings.filter((finding) => finding.check === check);

  const without = await asked();
  expect(without.code).toBe(1);
  expect(of(without.stdout, "bootstrap")).toEqual([
    { check: "bootstrap", state: "wrong", text: "not done in us-east-1", mend: "npx cdk bootstrap" },
  ]);
  expect(of(without.stdout, "outputs")).toMatchObject([
    { state: "warning", mend: expect.stringMatching(/--outputs-file/) },
  ]);
  expect(of(without.stdout, "stack").map(({ state }) => state)).toEqual(["good", "good", "good"]);
  expect(of(without.stdout, "alarms").map(({ state }) => state)).toEqual(["good", "good"]);

  writeFileSync(outputs, JSON.stringify(at.outputs));
  expect(of((await asked()).stdout, "outputs")).toMatchObject([{ state: "good" }]);
});

describe("nothing to look at -> one line that says what to do, no stack", () => {
  test("no local cloud, a flag of the other target, an unknown one -> exit 2", async () => {
    for (const [args, says] of [
      [["--target", "local", "--cloud", join(folder, "none.json")], /none\.json cannot be read \(ENOENT\)/],
      [["--target", "local", "--region", "eu-west-1"], /--region does not go with --target local/],
      [["--targt", "local"], /Did you mean --target\?/],
      [["--target", "moon"], /--target takes "local" or "aws"/],
    ] as const) {
      const { code, stdout, stderr } = await run("doctor", args);
      expect([code, stdout, stderr]).toEqual([2, "", expect.stringMatching(says)]);
      expect(stderr).not.toMatch(/^\s+at /m);
    }
  });

  test("no credentials -> everything after it is not checked, exit 1", async () => {
    const { code, stdout, stderr } = await start("doctor", ["--region", "eu-west-1"], undefined, {
      AWS_EC2_METADATA_DISABLED: "true",
      AWS_CONFIG_FILE: join(folder, "none"),
      AWS_SHARED_CREDENTIALS_FILE: join(folder, "none"),
      AWS_ACCESS_KEY_ID: "",
      AWS_SECRET_ACCESS_KEY: "",
      AWS_PROFILE: "",
    }).finished;
    expect([code, stderr]).toEqual([1, ""]);
    const lines = stdout.trim().split("\n");
    expect(lines[0]).toMatch(/^✗ credentials {2}there are none .*: aws configure$/);
    expect(lines.slice(2, -2).every((line) => line.endsWith("not checked: needs credentials"))).toBe(true);
    expect(lines.at(-1)).toBe("1 thing is wrong.");
  });
});

test("--help -> lines that fit a terminal of 80 columns, exit 0", async () => {
  const { code, stdout } = await run("doctor", ["--help"]);
  expect([code, stdout]).toEqual([0, expect.stringMatching(/--target/)]);
  expect(stdout.split("\n").filter((line) => line.length > 79)).toEqual([]);
});
