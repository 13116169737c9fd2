/** The parts together: what a message of a node comes to, whatever else goes wrong. */
import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { type AddressInfo, connect, createServer } from "node:net";
import { join } from "node:path";
import { freshAssembly } from "../../../simulator/cli/shared/assembly-cache.ts";
import { startLocalCloud } from "../../../simulator/local-cloud/local-cloud.ts";
import { countReadings } from "../../../simulator/local-cloud/stored-readings.ts";
import { AssemblyCopy, ComposedCloud } from "./composed-cloud.ts";
import { death, reading } from "./support/messages.ts";

// Ceilings for what hangs; the first run after a change synthesizes the app.
jest.setTimeout(60_000);

let assemblyDir: string;
beforeAll(async () => {
  assemblyDir = await freshAssembly(() => undefined);
});

let copy: AssemblyCopy;
let composed: ComposedCloud;
beforeEach(() => {
  copy = new AssemblyCopy(assemblyDir);
  composed = new ComposedCloud();
});
afterEach(async () => {
  await composed.stop();
  copy.remove();
});

const fromBase64 = (text = ""): string => Buffer.from(text, "base64").toString();
const POSSIBLE_DUPLICATE = /possible duplicate/i;

describe("send_cluster_mail", () => {
  test("one event delivered 60 times at once -> one mail that is not marked, the others suppressed with their reasons, nothing queued", async () => {
    await composed.start(copy.dir);
    await composed.publish("event", 1, ...Array.from({ length: 60 }, () => death()));
    await composed.settle();
    // A machine so busy that an attempt outlives its claim gets a copy, and the copy says so.
    const unmarked = composed.mails.filter(({ text }) => !POSSIBLE_DUPLICATE.test(text ?? ""));
    expect(unmarked).toMatchObject([{ subject: "[ha2m] FIRING kitchen: node 0 stopped, node 1 took over" }]);
    const sent = composed.decisions(true);
    expect(sent.filter((why) => why !== "claim-lapsed")).toEqual(["opened"]);
    const suppressed = composed.decisions(false);
    expect(suppressed).toHaveLength(60 - sent.length);
    expect(suppressed.filter((why) => why !== "being-told" && why !== "already-told")).toEqual([]);
    expect(composed.cloud.queued()).toEqual({});
  });

  test.each([
    ["JSON, and no event", '{"type":"node_dead","subject":"0"}'],
    ["no JSON", "node 0 is \u0000 dead"],
  ])(
    "an event that cannot be read, %s -> after three attempts in the failure queue, as it was sent",
    async (_, sent) => {
      await composed.start(copy.dir);
      await composed.publish("event", 1, sent);
      await composed.cloud.idle();
      expect(composed.queued).toEqual([]);
      await composed.settle();
      expect(composed.texts("attempt-failed")).toHaveLength(2);
      expect(composed.texts("attempt-failed")[0]).toMatch(/outside the contract \(v: missing, expected 1; /);
      expect(composed.texts("message-queued")).toEqual([
        `message 1 arrived: EventUnreadable: ${sent.replace("\u0000", "\ufffd")}`,
      ]);
      expect(composed.queued).toMatchObject([
        {
          queue: expect.stringMatching(/SendClusterMailFailures/),
          body: {
            requestContext: { condition: "RetriesExhausted", approximateInvokeCount: 3 },
            requestPayload: { cluster_id: "kitchen", node: 1 },
            responsePayload: { errorType: "EventUnreadable" },
          },
        },
      ]);
      expect(fromBase64(composed.queued[0]?.body.requestPayload?.original_base64)).toBe(sent);
      expect(composed.mails).toEqual([]);
    },
  );
});

/** Ends the function's environment once: when a request of this kind is about to leave, or when its answer is there. */
const crashAt = (operation: string, moment: "request" | "response", marker: string): string => `
    const http = require("node:http");
    const { request } = http;
    const crash = () => {
      try { require("node:fs").closeSync(require("node:fs").openSync(${JSON.stringify(marker)}, "wx")); }
      catch { return; }
      process.exit(1);
    };
    http.request = (options, ...rest) => {
      const target = Object.entries(options.headers).find(([name]) => name.toLowerCase() === "x-amz-target");
      const toSes = new URL(process.env.AWS_ENDPOINT_URL_SES).port === String(options.port);
      const operation = toSes ? "SendRawEmail" : String(target?.[1]).split(".")[1];
      if (operation !== "${operation}") return request(options, ...rest);
      if ("${moment}" === "request") crash();
      return request(options, ...rest).on("response", crash);
    };`;

describe("send_cluster_mail crashes", () => {
  /** Whether each mail that went out says that it may be a duplicate. */
  const cases: [string, string, "request" | "response", boolean[]][] = [
    ["before it looks", "Query", "request", [false]],
    ["before the claim is written", "PutItem", "request", [false]],
    ["between claim and send", "PutItem", "response", [true]],
    ["right before send", "SendRawEmail", "request", [true]],
    ["between send and its answer", "SendRawEmail", "response", [false, true]],
    ["between send and confirm", "UpdateItem", "request", [false, true]],
    ["once confirmed", "UpdateItem", "response", [false]],
  ];
  test.each(cases)(
    "crashes %s -> the mail is there after its retry, twice at most and then marked",
    async (_, operation, moment, marked) => {
      const marker = join(copy.dir, "crashed");
      copy.prepend("ha2m-send_cluster_mail", crashAt(operation, moment, marker));
      await composed.start(copy.dir);
      await composed.publish("event", 1, death());
      await composed.cloud.idle();
      expect(existsSync(marker)).toBe(true);
      expect(composed.texts("attempt-failed")).toEqual([
        expect.stringMatching(/attempt 1 failed, again in 60 s: Runtime\.ExitError/),
      ]);
      await composed.settle();
      expect(composed.mails.map(({ text }) => POSSIBLE_DUPLICATE.test(text))).toEqual(marked);
      expect(composed.cloud.queued()).toEqual({});

      // The incident has come to rest: what still arrives is known.
      await composed.publish("event", 1, death());
      await composed.cloud.idle();
      expect(composed.decisions(false).at(-1)).toBe("already-told");
      expect(composed.mails).toHaveLength(marked.length);
    },
  );
});

describe("the readings rule", () => {
  test("a reading outside the contract -> in the error queue as it was sent; the next good one is stored", async () => {
    await composed.start(copy.dir);
    const hot = reading({ temperature_c: 125.5, measured_at: "2030-06-01T00:15:00.000Z" });
    await composed.publish("reading", 0, hot, reading());
    await composed.cloud.idle();
    expect(await composed.stored()).toEqual(["2030-06-01T00:00:00.000Z#0"]);
    expect(composed.queued).toMatchObject([
      {
        queue: expect.stringMatching(/ReadingsRuleErrors/),
        body: {
          ruleName: "ha2m_readings",
          topic: "rosie/reading/kitchen/0",
          clientId: "kitchen-0",
          // Neither the reading nor its heartbeat.
          failures: [{ failedAction: "DynamoDBv2Action" }, { failedAction: "DynamoDBv2Action" }],
        },
      },
    ]);
    expect(fromBase64(composed.queued[0]?.body.base64OriginalPayload)).toBe(hot);
    // What a person needs, and what DynamoDB says, which both actions say alike: once.
    expect(composed.texts("action-failed")).toEqual([
      expect.stringMatching(
        /^message of kitchen-0 on rosie\/reading\/kitchen\/0: outside the contract \(temperature_c: expected at most 125\); DynamoDBv2Action: [^;]+$/,
      ),
    ]);
    expect(composed.texts("message-queued")).toEqual([`message 1 arrived: ${hot}`]);
  });

  test("its role may no longer put items -> nothing stored, AccessDenied in the log, the message in the error queue", async () => {
    copy.edit("AWS::IAM::Role", ({ Properties }) => {
      for (const { PolicyDocument } of Properties.Policies)
        PolicyDocument.Statement = PolicyDocument.Statement.filter(
          ({ Action }) => Action !== "dynamodb:PutItem",
        );
    });
    await composed.start(copy.dir);
    await composed.publish("reading", 0, reading());
    await composed.cloud.idle();
    expect(await composed.stored()).toEqual([]);
    expect(composed.texts("request-refused").join("\n")).toMatch(/ReadingsRuleRole.*dynamodb:PutItem/);
    expect(composed.queued).toMatchObject([
      {
        queue: expect.stringMatching(/ReadingsRuleErrors/),
        body: { failures: Array(2).fill({ errorMessage: expect.stringMatching(/dynamodb:PutItem/) }) },
      },
    ]);
    expect(fromBase64(composed.queued[0]?.body.base64OriginalPayload)).toBe(reading());
  });
});

describe("a template that cannot be carried out -> refused at start, naming the place; nothing is left running", () => {
  /** The first rule of the template. */
  const editRule = (change: (payload: Record<string, unknown>) => void) =>
    copy.edit("AWS::IoT::TopicRule", ({ Properties }, logicalId) => {
      if (logicalId.startsWith("ReadingsRule")) change(Properties.TopicRulePayload);
    });

  test.each<[string, (payload: Record<string, unknown>) => void, RegExp]>([
    [
      "an unknown action",
      (payload) => (payload.Actions = [{ Kinesis: { StreamName: "s" } }]),
      /Ha2mPipeline\/ReadingsRule\w+\.Actions\[0\]: the action Kinesis is not emulated/,
    ],
    [
      "an unknown property of a known one",
      (payload) => (payload.ErrorAction = { Sqs: { QueueUrl: "q", RoleArn: "r", Colour: "red" } }),
      /Ha2mPipeline\/ReadingsRule\w+\.ErrorAction: not emulated: Colour/,
    ],
    [
      "an SQL function that is not known",
      (payload) => (payload.Sql = "SELECT\n  sunrise(topic(3)) AS s\nFROM 'rosie/reading/+/+'"),
      /Ha2mPipeline\/ReadingsRule\w+\.Sql: SQL line 2, column 3: found sunrise/,
    ],
  ])("%s", async (_, change, expected) => {
    editRule(change);
    await expect(composed.start(copy.dir)).rejects.toMatchObject({
      // What the commands report without a stack.
      name: expect.stringMatching(/^(TemplateError|SqlError)$/),
      message: expect.stringMatching(expected),
    });
    await nothingIsLeft();
  });
});

describe("a folder for the keys", () => {
  const start = (keysDir: string, ports: { mqtt: number; dynamodb: number; ses: number }) =>
    startLocalCloud({
      assemblyDir: copy.dir,
      clock: composed.clock,
      realNowMs: Date.now(),
      log: () => undefined,
      keysDir,
      ports,
    });
  const free = { mqtt: 0, dynamodb: 0, ses: 0 };

  test.each(["mqtt", "dynamodb", "ses"])(
    "of a cloud that runs, which has the %s port -> the start fails and leaves its files as they are",
    async (taken) => {
      const keys = join(copy.dir, "keys");
      mkdirSync(keys);
      writeFileSync(join(keys, "ca.pem"), "of the cloud that runs");
      const other = createServer();
      await new Promise<void>((resolve) => other.listen(0, "127.0.0.1", resolve));
      const { port } = other.address() as AddressInfo;
      await expect(start(keys, { ...free, [taken]: port })).rejects.toMatchObject({ name: "PortError" });
      await new Promise((resolve) => other.close(resolve));
      expect(readdirSync(keys)).toEqual(["ca.pem"]);
      expect(readFileSync(join(keys, "ca.pem"), "utf8")).toBe("of the cloud that runs");
      await nothingIsLeft();
    },
  );

  test("that is none -> an error that names folder, reason and option; nothing is left running", async () => {
    const keys = join(copy.dir, "manifest.json", "keys");
    await expect(start(keys, free)).rejects.toMatchObject({
      name: "KeysError",
      message: expect.stringMatching(
        /^the certificates cannot be written to .*keys \(.*ENOTDIR.*\); .* --keys DIR$/,
      ),
    });
    await nothingIsLeft();
  });
});

test("what the tables' template asks for and nothing carries out -> named, with the resource types", async () => {
  await composed.start(copy.dir);
  const table = (feature: string) => ({ type: `AWS::DynamoDB::GlobalTable: ${feature}`, count: 2 });
  expect(composed.cloud.notEmulated).toEqual(
    expect.arrayContaining([
      expect.objectContaining({ type: "AWS::Logs::LogGroup" }),
      table("expiry by TTL"),
      table("point-in-time recovery"),
      table("deletion protection"),
    ]),
  );
});

test("messages of which one is stored twice and one is refused -> counted as they came, readings as they are stored", async () => {
  await composed.start(copy.dir);
  await composed.publish("reading", 0, reading(), reading(), reading({ temperature_c: 200 }));
  await composed.cloud.idle();
  expect(composed.cloud.messagesIn).toBe(3);
  expect(await countReadings(composed.cloud.dynamodb)).toBe(1);
});

const leftovers = (): string[] =>
  process.getActiveResourcesInfo().filter((kind) => kind === "TCPServerWrap" || kind === "TCPSocketWrap");

/** Node lets go of a handle a few turns of its loop after it was closed. */
async function nothingIsLeft(): Promise<void> {
  for (let tries = 0; tries < 50 && leftovers().length > 0; tries++)
    await new Promise((resolve) => setTimeout(resolve, 20));
  expect(leftovers()).toEqual([]);
}

const answers = (port: number): Promise<boolean> =>
  new Promise((resolve) => {
    const socket = connect({ host: "127.0.0.1", port });
    socket.on("connect", () => {
      socket.destroy();
      resolve(true);
    });
    socket.on("error", () => resolve(false));
  });

test("stop -> every port closed, the keys gone, no server or connection left, and a retry that waited never comes", async () => {
  await composed.start(copy.dir);
  const { mqtt, dynamodb, ses } = composed.cloud;
  const ports = [mqtt.port, ...[dynamodb.endpoint, ses.endpoint].map((url) => Number(new URL(url).port))];
  expect(await Promise.all(ports.map(answers))).toEqual([true, true, true]);
  await composed.publish("event", 1, "unreadable");
  await composed.cloud.idle();

  await composed.stop();
  expect(await Promise.all(ports.map(answers))).toEqual([false, false, false]);
  expect(existsSync(mqtt.caPath)).toBe(false);
  await nothingIsLeft();
  const logged = composed.log.length;
  composed.clock.pass(180_000);
  await composed.cloud.idle();
  expect(composed.log).toHaveLength(logged);
});
