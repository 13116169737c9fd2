import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { closeClients } from "../../../../simulator/cli/replay/queue-messages.ts";
import { chosenQueues, explain, placeOf } from "../../../../simulator/cli/replay/queue-target.ts";

const urlOf = (name: string, region = "eu-west-1") =>
  `https://sqs.${region}.amazonaws.com/123456789012/${name}`;
const OUTPUTS = {
  Ha2mData: { ReadingsTable: "Ha2mData-Readings" },
  Ha2mPipeline: {
    ReadingsRuleErrors: urlOf("p-a1"),
    EventsRuleErrors: urlOf("p-b2"),
    LateReadingsRuleName: "ha2m_late_readings",
    SenderIdentity: "a@b.c",
  },
};
const QUEUES = [
  { name: "ReadingsRuleErrors", url: urlOf("p-a1") },
  { name: "EventsRuleErrors", url: urlOf("p-b2") },
];

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "ha2m-place-"));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

const written = (value: unknown): string => {
  const file = join(folder, "given.json");
  writeFileSync(file, typeof value === "string" ? value : JSON.stringify(value));
  return file;
};

test("a deploy's outputs -> the queues among them, in the region that their URLs name", async () => {
  const { queues, clients, rules, where } = placeOf("replay", { target: "aws", outputs: written(OUTPUTS) });
  expect(queues).toEqual(QUEUES);
  expect(rules).toEqual(["ha2m_late_readings"]);
  expect(await clients.sqs.config.region()).toBe("eu-west-1");
  expect(where).toBe("AWS, eu-west-1");
  closeClients(clients);
});

const ENDPOINTS = {
  lambda: { endpoint: "http://127.0.0.1:2" },
  iot_data: { endpoint: "http://127.0.0.1:3" },
};

test("what a local cloud printed -> its queues, at its endpoint", () => {
  const sqs = { endpoint: "http://127.0.0.1:1", queues: { ReadingsRuleErrors: urlOf("p-a1") } };
  const { queues, clients, where } = placeOf("replay", { cloud: written({ sqs, ...ENDPOINTS }) });
  expect(queues).toEqual([QUEUES[0]]);
  expect(where).toMatch(/^http:\/\/127\.0\.0\.1:1; is npm run cloud running there\?$/);
  closeClients(clients);
});

describe("what is not so -> an error that says what to do", () => {
  const none = "/nowhere/none.json";
  test.each<[string, () => unknown, RegExp]>([
    [
      "no outputs",
      () => placeOf("replay", { target: "aws", outputs: none }),
      /none\.json cannot be read \(ENOENT\): write it with npx cdk deploy/,
    ],
    [
      "outputs without a queue",
      () => placeOf("replay", { target: "aws", outputs: written({ Ha2mData: {} }) }),
      /names no queue/,
    ],
    [
      "outputs that are none",
      () => placeOf("replay", { target: "aws", outputs: written("[]") }),
      /is not what npx cdk deploy/,
    ],
    [
      "no such file of a cloud",
      () => placeOf("replay", { cloud: none }),
      /none\.json cannot be read \(ENOENT\)\.$/,
    ],
    [
      "a file that is no JSON",
      () => placeOf("replay", { cloud: written("{") }),
      /is not what npm run -s cloud -- --json prints/,
    ],
    [
      "a cloud of an earlier version",
      () => placeOf("replay", { cloud: written({ sqs: { queues: {} }, ...ENDPOINTS }) }),
      /is not what npm run/,
    ],
    [
      "a flag of the other target",
      () => placeOf("replay", { target: "aws", cloud: none }),
      /^--cloud does not go with --target aws\.$/,
    ],
    ["a target that is none", () => placeOf("replay", { target: "asw" }), /--target takes "local" or "aws"/],
    [
      "a queue's name with a slip",
      () => chosenQueues(QUEUES, "ReadingRuleErrors"),
      /no queue "ReadingRuleErrors": did you mean ReadingsRuleErrors\?/,
    ],
    [
      "a name of nothing near",
      () => chosenQueues(QUEUES, "x"),
      /there are: ReadingsRuleErrors, EventsRuleErrors/,
    ],
  ])("%s", (_, act, expected) => {
    expect(act).toThrow(
      expect.objectContaining({ name: "UsageError", message: expect.stringMatching(expected) }),
    );
  });
});

test("a queue by the name that SQS has for it -> that one", () => {
  expect(chosenQueues(QUEUES, "p-b2")).toEqual([QUEUES[1]]);
  expect(chosenQueues(QUEUES, undefined)).toEqual(QUEUES);
});

test.each([
  ["CredentialsProviderError", /AWS_PROFILE/],
  ["ExpiredTokenException", /renew them/],
  ["AccessDenied", /sqs:ReceiveMessage, sqs:ChangeMessageVisibility and sqs:DeleteMessage/],
  ["ForbiddenException", /iot:Publish/],
  ["QueueDoesNotExist", /deploy again/],
])("%s -> what to do", (name, expected) => {
  expect(explain(Object.assign(new Error("no"), { name }), "AWS, eu-west-1")).toMatch(expected);
});
