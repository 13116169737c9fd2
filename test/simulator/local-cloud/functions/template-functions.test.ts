import { rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import type { CloudLogEntry } from "../../../../simulator/local-cloud/cloud-log.ts";
import type { InvocationRecord } from "../../../../simulator/local-cloud/functions/function-runner.ts";
import {
  type Functions,
  loadFunctions,
} from "../../../../simulator/local-cloud/functions/template-functions.ts";
import { loadAssembly } from "../../../../simulator/local-cloud/template/assembly.ts";
import { ACCOUNT, writeAssembly } from "../template/assembly-fixture.ts";
import { ManualClock } from "./runner-fixture.ts";

const FUNCTION_ARN = "arn:aws:lambda:eu-central-1:123456789012:function:S-F";
const RULE_ARN = "arn:aws:iot:eu-central-1:123456789012:rule/r";
const QUEUE_ARN = "arn:aws:sqs:eu-central-1:123456789012:S-Failures";
const BUS_ARN = "arn:aws:events:eu-central-1:123456789012:event-bus/b";
const ROLE_ARN = "arn:aws:iam::123456789012:role/S-Role";

const arnOf = (logicalId: string) => ({ "Fn::GetAtt": [logicalId, "Arn"] });
const FUNCTION = {
  Code: { S3Bucket: "b", S3Key: "code.zip" },
  Handler: "index.handler",
  Role: arnOf("Role"),
  Runtime: "nodejs24.x",
  Timeout: 5,
  Environment: { Variables: { QUEUE: { Ref: "Failures" } } },
};
const PERMISSION = {
  Action: "lambda:InvokeFunction",
  FunctionName: arnOf("F"),
  Principal: "iot.amazonaws.com",
  SourceArn: RULE_ARN,
};
const CONFIG = {
  FunctionName: { Ref: "F" },
  Qualifier: "$LATEST",
  MaximumRetryAttempts: 0,
  DestinationConfig: { OnFailure: { Destination: arnOf("Failures") } },
};

const ends: (() => Promise<void> | void)[] = [];
afterEach(async () => {
  for (const end of ends.splice(0).reverse()) await end();
});

interface Changes {
  readonly function?: Record<string, unknown>;
  readonly permission?: Record<string, unknown>;
  readonly config?: Record<string, unknown>;
}

function load(source: string, changes: Changes = {}) {
  const dir = writeAssembly(
    {
      S: {
        Resources: {
          Role: { Type: "AWS::IAM::Role" },
          Failures: { Type: "AWS::SQS::Queue" },
          F: { Type: "AWS::Lambda::Function", Properties: { ...FUNCTION, ...changes.function } },
          P: { Type: "AWS::Lambda::Permission", Properties: { ...PERMISSION, ...changes.permission } },
          C: { Type: "AWS::Lambda::EventInvokeConfig", Properties: { ...CONFIG, ...changes.config } },
        },
      },
    },
    { "code.zip": "asset.code" },
  );
  ends.push(() => rmSync(dir, { recursive: true, force: true }));
  writeFileSync(join(dir, "asset.code", "index.js"), source);
  const log: CloudLogEntry[] = [];
  const delivered: { readonly to: string; readonly roleArn: string; readonly record: InvocationRecord }[] =
    [];
  const functions: Functions = loadFunctions(loadAssembly(dir, ACCOUNT), {
    clock: new ManualClock(),
    log: (entry) => log.push(entry),
    accessKeyId: (roleArn) => `key of ${roleArn}`,
    endpoints: { DYNAMODB: "http://127.0.0.1:1" },
    region: ACCOUNT.region,
    deliver: (to, roleArn, record) => void delivered.push({ to, roleArn, record }),
  });
  ends.push(() => functions.stop());
  return { functions, log, delivered, dir };
}

const PRINT_ENVIRONMENT = "exports.handler = async () => console.log(JSON.stringify({ ...process.env }));";

test("a function of the template -> its bundle runs with its variables, its role's key and the local endpoints", async () => {
  const { functions, log, dir } = load(PRINT_ENVIRONMENT);
  await functions.warm();
  functions.invokeByRule("iot", FUNCTION_ARN, RULE_ARN, {});
  await functions.idle();
  expect(log).toHaveLength(1);
  expect(log[0]?.fields).toEqual({
    QUEUE: "https://sqs.eu-central-1.amazonaws.com/123456789012/S-Failures",
    AWS_ENDPOINT_URL_DYNAMODB: "http://127.0.0.1:1",
    AWS_ACCESS_KEY_ID: `key of ${ROLE_ARN}`,
    AWS_SECRET_ACCESS_KEY: "local",
    AWS_REGION: "eu-central-1",
    AWS_DEFAULT_REGION: "eu-central-1",
    AWS_EXECUTION_ENV: "AWS_Lambda_nodejs24.x",
    AWS_LAMBDA_FUNCTION_NAME: "S-F",
    AWS_LAMBDA_FUNCTION_MEMORY_SIZE: "128",
    AWS_LAMBDA_FUNCTION_VERSION: "$LATEST",
    AWS_SDK_JS_NODE_VERSION_SUPPORT_WARNING_DISABLED: "true",
    // Not this machine's home: the SDK would read ~/.aws/config there.
    HOME: join(dir, "asset.code"),
    LAMBDA_TASK_ROOT: join(dir, "asset.code"),
    TZ: ":UTC",
  });
});

test("it fails for good, by the template's own count -> the record goes to its destination with its role's rights", async () => {
  const { functions, delivered } = load(`exports.handler = async () => { throw new Error("x"); };`);
  functions.invokeByRule("iot", FUNCTION_ARN, RULE_ARN, { a: 1 });
  await functions.idle();
  expect(delivered).toMatchObject([
    {
      to: QUEUE_ARN,
      roleArn: ROLE_ARN,
      record: { requestPayload: { a: 1 }, requestContext: { approximateInvokeCount: 1 } },
    },
  ]);
});

test("it succeeds and has a destination for that -> the record of it goes there with its role's rights", async () => {
  const { functions, delivered } = load("exports.handler = async ({ a }) => ({ send: true, a });", {
    config: { DestinationConfig: { OnSuccess: { Destination: BUS_ARN } } },
  });
  functions.invokeAsync(FUNCTION_ARN, { a: 1 });
  await functions.idle();
  expect(delivered).toMatchObject([
    {
      to: BUS_ARN,
      roleArn: ROLE_ARN,
      record: { requestPayload: { a: 1 }, responsePayload: { send: true, a: 1 } },
    },
  ]);
});

describe("who may invoke it", () => {
  test("a rule that no permission names -> refused, and nothing runs", async () => {
    const { functions, log } = load(PRINT_ENVIRONMENT);
    expect(() => functions.invokeByRule("iot", FUNCTION_ARN, `${RULE_ARN}2`, {})).toThrow(
      `AccessDeniedException: no AWS::Lambda::Permission lets ${RULE_ARN}2 invoke ${FUNCTION_ARN}`,
    );
    await functions.idle();
    expect(log).toEqual([]);
  });

  const useless: [string, Record<string, unknown>][] = [
    ["another service", { Principal: "events.amazonaws.com" }],
    ["another action", { Action: "lambda:GetFunction" }],
    ["another function", { FunctionName: "arn:aws:lambda:eu-central-1:123456789012:function:other" }],
  ];
  test.each(useless)("a permission for %s -> refused", (_, permission) => {
    const { functions } = load(PRINT_ENVIRONMENT, { permission });
    expect(() => functions.invokeByRule("iot", FUNCTION_ARN, RULE_ARN, {})).toThrow(/^AccessDeniedException/);
  });

  test("a rule of another service under the same ARN -> refused", () => {
    const { functions } = load(PRINT_ENVIRONMENT);
    expect(() => functions.invokeByRule("events", FUNCTION_ARN, RULE_ARN, {})).toThrow(
      /^AccessDeniedException/,
    );
  });

  test("a function that the template does not have -> an error that names it", () => {
    const { functions } = load(PRINT_ENVIRONMENT);
    expect(() => functions.invokeByRule("iot", `${FUNCTION_ARN}2`, RULE_ARN, {})).toThrow(
      `no function ${FUNCTION_ARN}2`,
    );
  });
});

describe("what is not emulated -> refused by name when the template is read", () => {
  const cases: [string, Changes, RegExp][] = [
    [
      "another runtime",
      { function: { Runtime: "python3.13" } },
      /S\/F: the runtime python3\.13 is not emulated/,
    ],
    [
      "a topic as destination",
      { config: { DestinationConfig: { OnSuccess: { Destination: "arn:aws:sns:eu-central-1:1:t" } } } },
      /S\/F: the destination arn:aws:sns:eu-central-1:1:t is not emulated; queues and event buses are/,
    ],
  ];
  test.each(cases)("%s", (_, changes, message) => {
    expect(() => load(PRINT_ENVIRONMENT, changes)).toThrow(message);
  });
});

describe("an environment of Lambda's 4 KB", () => {
  // {"JSON":"…"} takes 11 bytes beside its value; within it a quote takes two, and an é as well.
  const environment = (value: string) => ({ function: { Environment: { Variables: { JSON: value } } } });

  test.each(["a".repeat(4_085), `${'"'.repeat(2_042)}a`, `${"é".repeat(2_042)}a`])(
    "4,096 bytes of JSON -> taken, one more -> refused",
    (value) => {
      expect(() => load(PRINT_ENVIRONMENT, environment(value))).not.toThrow();
      expect(() => load(PRINT_ENVIRONMENT, environment(`${value}a`))).toThrow(
        "S/F: its environment is JSON of 4097 bytes, and Lambda takes 4096",
      );
    },
  );
});
