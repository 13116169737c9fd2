/** What is said of each thing that can be found, and the command that mends it. */

import { judge as judgeAlarms } from "../../../../simulator/cli/doctor/alarms.ts";
import { type Attached, judge as judgeCertificate } from "../../../../simulator/cli/doctor/certificates.ts";
import { judge as judgeReadings } from "../../../../simulator/cli/doctor/last-reading.ts";
import { judge as judgeQueue } from "../../../../simulator/cli/doctor/queues.ts";
import { judge as judgeRule } from "../../../../simulator/cli/doctor/rules.ts";
import { awsTarget, closeClients, localTarget } from "../../../../simulator/cli/doctor/target.ts";
import { differences, parseTemplate } from "../../../../simulator/cli/doctor/template.ts";
import { spanOf } from "../../../../simulator/cli/doctor/words.ts";
import { shellWord } from "../../../../simulator/cli/shared/arguments.ts";

const aws = awsTarget("eu-west-1", "");
const url = "http://127.0.0.1:4000";
const local = localTarget(
  "us-east-1",
  { sts: url, cloudformation: url, ses: url, iot: url, sns: url, sqs: url, dynamodb: url, lambda: url },
  "",
);
afterAll(() => {
  closeClients(aws.clients);
  closeClients(local.clients);
});

const NOW = Date.UTC(2026, 10, 30, 12);
const DAY_MS = 86_400_000;

const look = { target: aws, nowMs: NOW };
const node = { thing: "home_kitchen-1", cluster: "kitchen", node: "1" };
const arn = (id: string) => `arn:aws:iot:eu-west-1:123456789012:cert/${id}`;
const attached = (changes: Partial<Attached> = {}): Attached => ({
  arn: arn("c1"),
  status: "ACTIVE",
  notAfterMs: NOW + 400 * DAY_MS,
  policies: ["home-node"],
  ...changes,
});
const judged = (...certificates: readonly Attached[]) =>
  judgeCertificate(look, node, ["home-node"], certificates);

describe("certificates", () => {
  test("active, attached, valid -> well", () => {
    expect(judged(attached())).toEqual({
      check: "certificate",
      state: "good",
      text: "home_kitchen-1: active, attached, until 2028-01-04",
    });
  });

  test.each<[string, Partial<Attached>, string, RegExp, string]>([
    [
      "inactive",
      { status: "INACTIVE" },
      "wrong",
      /INACTIVE/,
      "aws iot update-certificate --certificate-id c1 --new-status ACTIVE --region eu-west-1",
    ],
    ["revoked", { status: "REVOKED" }, "wrong", /REVOKED/, "npm run provision -- kitchen --rotate 1"],
    [
      "expired a second ago",
      { notAfterMs: NOW },
      "wrong",
      /expired on 2026-11-30/,
      "npm run provision -- kitchen --rotate 1",
    ],
    [
      "without the policy",
      { policies: ["other"] },
      "wrong",
      /the policy home-node is not attached/,
      `aws iot attach-policy --policy-name home-node --target ${arn("c1")} --region eu-west-1`,
    ],
    [
      "30 days left",
      { notAfterMs: NOW + 30 * DAY_MS },
      "warning",
      /until 2026-12-30: make another/,
      "npm run provision -- kitchen --rotate 1",
    ],
  ])("%s -> said, with what mends it", (_, changes, state, text, mend) => {
    expect(judged(attached(changes))).toEqual({
      check: "certificate",
      state,
      text: expect.stringMatching(text),
      mend,
    });
  });

  test("one that is retired beside one that is good -> well", () => {
    expect(judged(attached({ status: "INACTIVE" }), attached({ arn: arn("c2") }))).toMatchObject({
      state: "good",
      text: expect.stringMatching(/1 other too$/),
    });
  });

  test("a thing without one, and no thing -> wrong", () => {
    expect(judged()).toMatchObject({
      state: "wrong",
      mend: expect.stringMatching(
        /^npm run provision -- kitchen && npx cdk deploy .* && npm run provision -- kitchen --fetch$/,
      ),
    });
    expect(judgeCertificate(look, node, ["home-node"], undefined)).toMatchObject({
      state: "wrong",
      text: expect.stringContaining("AWS IoT has no thing home_kitchen-1"),
    });
  });
});

describe("who is told of alarms", () => {
  const topic = "arn:aws:sns:eu-west-1:123456789012:t";
  const subscription = (Endpoint: string, SubscriptionArn: string) => ({
    Protocol: "email",
    Endpoint,
    SubscriptionArn,
  });

  test("confirmed, pending, gone -> each by its address", () => {
    const findings = judgeAlarms(
      aws,
      topic,
      ["a@example.org", "o'b@example.org", "c@example.org"],
      [
        subscription("a@example.org", `${topic}:1`),
        subscription("o'b@example.org", "PendingConfirmation"),
        subscription("c@example.org", "Deleted"),
      ],
    );
    expect(findings).toEqual([
      { check: "alarms", state: "good", text: "a@example.org is told, by email" },
      {
        check: "alarms",
        state: "wrong",
        text: expect.stringMatching(/^o'b@example.org has not confirmed/),
        mend: `aws sns subscribe --topic-arn ${topic} --protocol email --notification-endpoint 'o'\\''b@example.org' --region eu-west-1`,
      },
      {
        check: "alarms",
        state: "wrong",
        text: expect.stringMatching(/^c@example.org is no longer subscribed/),
        mend: expect.stringContaining("--notification-endpoint c@example.org"),
      },
    ]);
  });

  test("nobody, and nobody expected -> a warning; locally confirmed -> not a claim", () => {
    expect(judgeAlarms(aws, topic, [], [])).toMatchObject([{ state: "warning" }]);
    expect(judgeAlarms(local, topic, [], [subscription("a@example.org", `${topic}:1`)])).toMatchObject([
      { state: "unchecked", text: expect.stringContaining("the local cloud mails nobody") },
    ]);
  });
});

describe("rules", () => {
  const expected = { name: "home_readings", stack: "HomePipeline" };
  test("enabled -> well; disabled, deleted -> wrong", () => {
    expect(judgeRule(aws, expected, [{ ruleName: "home_readings" }])).toMatchObject({ state: "good" });
    expect(judgeRule(local, expected, [{ ruleName: "home_readings", ruleDisabled: true }])).toMatchObject({
      state: "wrong",
      mend: `AWS_ACCESS_KEY_ID=local AWS_SECRET_ACCESS_KEY=local aws iot enable-topic-rule --rule-name home_readings --region us-east-1 --endpoint-url ${url}`,
    });
    expect(judgeRule(aws, expected, [{ ruleName: "home_events" }])).toMatchObject({
      state: "wrong",
      mend: expect.stringMatching(/^npx cdk destroy HomePipeline && npx cdk deploy/),
    });
  });
});

describe("queues", () => {
  test("empty -> well; with messages, hidden ones among them -> how many, and how they are looked at", () => {
    expect(judgeQueue(aws, "Errors", 0, 0)).toMatchObject({ state: "good" });
    expect(judgeQueue(aws, "Errors", 1, 0)).toMatchObject({
      state: "wrong",
      text: expect.stringMatching(/^Errors has 1 failed message:/),
      mend: "npm run replay -- --queue Errors --target aws",
    });
    expect(judgeQueue(local, "Errors", 2, 3)).toMatchObject({
      text: expect.stringMatching(/has 5 failed messages, 3 of them being processed/),
      mend: "npm run replay -- --queue Errors",
    });
  });
});

describe("readings", () => {
  const last = {
    measured_at: new Date(NOW - 40 * 60_000).toISOString(),
    node: 1,
    temperature_c: -3.5,
    term: 1,
    seq: 4,
    sleep_s: 960,
    battery_mv: 5_000,
  };
  test("as young as 2.5 sleeps, or of the future -> well; older -> silent", () => {
    expect(judgeReadings(aws, "kitchen", last, NOW)).toMatchObject({
      state: "good",
      text: "kitchen: -3.5 °C by node 1 at 2026-11-30 11:20 UTC",
    });
    expect(judgeReadings(aws, "kitchen", last, NOW - DAY_MS)).toMatchObject({ state: "good" });
    expect(judgeReadings(aws, "kitchen", last, NOW + 1)).toMatchObject({
      state: "wrong",
      text: expect.stringMatching(/^kitchen has been silent for 40 minutes/),
      mend: "npm run readings -- kitchen --target aws",
    });
  });
  test("none yet -> not a fault; one that is none -> wrong", () => {
    expect(judgeReadings(local, "kitchen", undefined, NOW)).toEqual({
      check: "readings",
      state: "unchecked",
      text: "kitchen has none yet",
    });
    expect(judgeReadings(aws, "kitchen", "unreadable", NOW)).toMatchObject({ state: "wrong" });
  });
});

describe("templates", () => {
  const template = (Properties: object, more = {}) =>
    parseTemplate(JSON.stringify({ Resources: { Own: { Type: "T", Properties, ...more } }, Outputs: {} }));

  test("metadata, and what CloudFormation makes a question mark of -> no difference", () => {
    expect(
      differences(
        template({ Text: "20 °C" }),
        template({ Text: "20 ?C" }, { Metadata: { "aws:cdk:path": "x" } }),
      ),
    ).toEqual([]);
  });
  test("another value, a resource or output more -> by logical id", () => {
    const more = { Resources: { Own: { Type: "T" }, Other: { Type: "T" } }, Outputs: { New: { Value: 1 } } };
    expect(differences(template({ A: 1 }), more)).toEqual(["Own", "Other", "New"]);
  });
});

test("words -> as a shell takes them, and spans in the unit that fits", () => {
  expect(["me+x@example.com", "a b", "it's"].map(shellWord)).toEqual([
    "me+x@example.com",
    "'a b'",
    "'it'\\''s'",
  ]);
  expect([60_000, 119 * 60_000, 5 * 3_600_000, 3 * DAY_MS].map(spanOf)).toEqual([
    "1 minute",
    "119 minutes",
    "5 hours",
    "3 days",
  ]);
});
