/** The command that reads the log back, against the DynamoDB API. */
import { once } from "node:events";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import type { Server } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { CreateTableCommand, DynamoDBClient, PutItemCommand } from "@aws-sdk/client-dynamodb";
import { marshall } from "@aws-sdk/util-dynamodb";
import dynalite from "dynalite";
import type { StoredReading } from "../../../lib/contract/stored-reading.ts";
import { READINGS_KEY, readingKey } from "../../../lib/contract/tables.ts";
import { main } from "../../../simulator/cli/readings.ts";
import { readTemperatureLog } from "../../../simulator/cli/temperatures/read-log.ts";
import { readingAt, slots } from "./readings/log.ts";
import { capturedRun } from "./support/captured-run.ts";

const TABLE = "log";
let server: Server;
let client: DynamoDBClient;
let endpoint: string;
let folder: string;
beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), "ha2m-readings-"));
  server = dynalite({ createTableMs: 0 });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  endpoint = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  const credentials = { accessKeyId: "local", secretAccessKey: "local" };
  client = new DynamoDBClient({ endpoint, region: "us-east-1", credentials });
  const { partition, sort } = READINGS_KEY;
  await client.send(
    new CreateTableCommand({
      TableName: TABLE,
      BillingMode: "PAY_PER_REQUEST",
      AttributeDefinitions: [partition, sort].map((name) => ({ AttributeName: name, AttributeType: "S" })),
      KeySchema: [
        { AttributeName: partition, KeyType: "HASH" },
        { AttributeName: sort, KeyType: "RANGE" },
      ],
    }),
  );
  await put("kitchen", [...slots(0, 9, 0), ...slots(4, 9, 60, { node: 1, term: 2, temperature_c: 22 })]);
  await put("shed", slots(0, 0, 0));
});
afterAll(async () => {
  client.destroy();
  await new Promise((closed) => server.close(closed));
  rmSync(folder, { recursive: true });
});

async function put(cluster: string, readings: readonly StoredReading[], more: object = {}): Promise<void> {
  for (const reading of readings) {
    const { measured_at, node } = reading;
    const Item = marshall({
      cluster_id: cluster,
      reading_key: readingKey(measured_at, node),
      ...reading,
      ...more,
    });
    await client.send(new PutItemCommand({ TableName: TABLE, Item }));
  }
}

const run = capturedRun(main);

const here = () => ["--table", TABLE, "--endpoint", endpoint];
const day = ["--from", "2026-01-01", "--to", "2026-01-01T02:30Z"];

test("a log with two primaries -> drawn, one reading a slot, the others counted", async () => {
  const { code, stdout, stderr } = await run("kitchen", ...day, ...here());
  expect({ code, stderr }).toEqual({ code: 0, stderr: "" });
  expect(stdout).toMatch(/^ 22\.0 │ +▀/);
  expect(stdout).toContain("\nkitchen, 2026-01-01 00:00 to 2026-01-01 02:30 UTC\n");
  expect(stdout).toContain("readings   10 by node 0 (4), node 1 (6); 20.0 to 22.0 °C, 21.2 on average\n");
  expect(stdout).toMatch(/overruled {2}6: another primary .*; --all shows them\n/);
});

test("--csv -> a reading a line, in the form that simulate takes, and what there is to say on stderr", async () => {
  const { stdout, stderr } = await run("kitchen", ...day, ...here(), "--csv");
  const [header, first] = stdout.split("\n");
  expect([header, first]).toEqual([
    "timestamp,temperature_c,node,term,seq,sleep_s,battery_mv",
    "2026-01-01T00:00:00.000Z,20,0,1,0,900,5000",
  ]);
  const { log } = readTemperatureLog(Buffer.from(stdout), "log.csv", { ownZone: "UTC" });
  expect(log).toMatchObject({ rows: 10 });
  expect(stderr).toContain("overruled");
});

test("--json, and --all -> all of it, each with whether it counts", async () => {
  const whole = JSON.parse((await run("kitchen", ...day, ...here(), "--json", "--all")).stdout);
  expect(whole).toMatchObject({ cluster: "kitchen", overruled: 6, unreadable: 0, gaps: [] });
  expect(whole.readings.map(({ authoritative }: { authoritative: boolean }) => authoritative)).toHaveLength(
    16,
  );
  const plain = JSON.parse((await run("kitchen", ...day, ...here(), "--json")).stdout);
  expect(plain.readings).toHaveLength(10);
  expect(plain.readings[0]).toEqual(readingAt(0));
});

test("--from and --to -> from the first on, and before the second", async () => {
  const part = ["--from", "2026-01-01T00:15:00Z", "--to", "2026-01-01T01:45:00+01:00"];
  const { readings } = JSON.parse((await run("kitchen", ...part, ...here(), "--json")).stdout);
  expect(readings.map(({ measured_at }: StoredReading) => measured_at.slice(11, 16))).toEqual([
    "00:15",
    "00:30",
  ]);
});

test("a gap -> named with its length and how many readings it took", async () => {
  await put("gap", [...slots(0, 3, 0), ...slots(8, 9, 0)]);
  const { stdout } = await run("gap", ...day, ...here());
  expect(stdout).toMatch(/gaps +2026-01-01 00:45 to 2026-01-01 02:00, 75 min: about 4 readings missing\n/);
});

test("more than a page of DynamoDB's holds -> all of it", async () => {
  await put("pages", slots(0, 29, 0), { note: "x".repeat(100_000) });
  const { readings } = JSON.parse(
    (await run("pages", "--from", "2026-01-01", "--to", "2026-01-02", ...here(), "--json")).stdout,
  );
  expect(readings).toHaveLength(30);
});

test("an item that is no reading -> counted, the others are read", async () => {
  await put("odd", [...slots(0, 1, 0), { ...readingAt(1_800), temperature_c: 200 }]);
  const { stdout } = await run("odd", ...day, ...here());
  expect(stdout).toMatch(/unreadable 1 items/);
  expect(stdout).toContain("2 by node 0");
});

test("--svg -> a file, and said", async () => {
  const file = join(folder, "log.svg");
  const { stdout } = await run("kitchen", ...day, ...here(), "--svg", file);
  expect(readFileSync(file, "utf8")).toMatch(/^<svg [\s\S]*<\/svg>\n$/);
  expect(stdout).toContain(`drawn into ${file}\n`);
});

test("nothing in that time -> said, exit 1", async () => {
  const { code, stdout } = await run("kitchen", "--from", "2025-01-01", "--to", "2025-01-02", ...here());
  expect({ code, stdout }).toEqual({
    code: 1,
    stdout:
      "no readings: kitchen, 2025-01-01 00:00 to 2025-01-02 00:00 UTC; choose another time with --from and --to\n",
  });
});

test("where the table is from what the cloud printed, or from what cdk deploy wrote -> found", async () => {
  const file = join(folder, "cloud.json");
  const keys = { clusters: ["cluster_id", "item_key"], [TABLE]: ["cluster_id", "reading_key"] };
  writeFileSync(file, JSON.stringify({ dynamodb: { endpoint, keys } }));
  expect((await run("kitchen", ...day, "--cloud", file)).code).toBe(0);
});

const outputs = () => join(folder, "outputs.json");
const aws = ["kitchen", ...day, "--target", "aws"];

const environmentBefore = { ...process.env };

describe("--target aws", () => {
  beforeEach(() => {
    process.env.AWS_ENDPOINT_URL_DYNAMODB = endpoint;
    process.env.AWS_ACCESS_KEY_ID = "k";
    process.env.AWS_SECRET_ACCESS_KEY = "s";
    process.env.AWS_EC2_METADATA_DISABLED = "true";
    process.env.AWS_CONFIG_FILE = join(folder, "none");
    process.env.AWS_SHARED_CREDENTIALS_FILE = join(folder, "none");
    delete process.env.AWS_REGION;
    writeFileSync(
      outputs(),
      JSON.stringify({ Ha2mDevices: { Region: "eu-west-1" }, Ha2mData: { ReadingsTable: TABLE } }),
    );
  });
  afterEach(() => {
    process.env = { ...environmentBefore };
  });

  test("the outputs of a deploy -> table and region", async () => {
    expect(await run(...aws, "--outputs", outputs())).toMatchObject({ code: 0, stderr: "" });
  });

  test("a table that is not there -> which, where, exit 2", async () => {
    const { code, stderr } = await run(...aws, "--table", "nosuch", "--region", "eu-west-2");
    expect(code).toBe(2);
    expect(stderr).toMatch(
      /^the table "nosuch" cannot be read \(ResourceNotFoundException: .*\) at AWS, eu-west-2\. Check its name, the account and the region/,
    );
  });

  test("outputs of two deployments in one file -> neither is guessed at, exit 2", async () => {
    const two = { Ha2mData: { ReadingsTable: TABLE }, HomeData: { ReadingsTable: "another" } };
    writeFileSync(outputs(), JSON.stringify(two));
    const { code, stderr } = await run(...aws, "--outputs", outputs());
    expect([code, stderr]).toEqual([
      2,
      expect.stringMatching(/of several deployments \(it has two of ReadingsTable\).*--table/),
    ]);
  });

  test("no region -> how to name it, exit 2", async () => {
    const { code, stderr } = await run(...aws, "--table", TABLE);
    expect([code, stderr]).toEqual([2, expect.stringMatching(/Region is missing.*--region or AWS_REGION/)]);
  });

  test("no credentials -> how to give them, exit 2", async () => {
    delete process.env.AWS_ACCESS_KEY_ID;
    delete process.env.AWS_SECRET_ACCESS_KEY;
    const { code, stderr } = await run(...aws, "--outputs", outputs());
    expect([code, stderr]).toEqual([2, expect.stringMatching(/CredentialsProviderError.*AWS_PROFILE/)]);
  });

  test("no outputs file, one that is no JSON, one without the table -> how to write it, exit 2", async () => {
    const missing = await run(...aws, "--outputs", join(folder, "nowhere.json"));
    expect([missing.code, missing.stderr]).toEqual([
      2,
      expect.stringMatching(
        /nowhere\.json cannot be read \(ENOENT\): write it with npx cdk deploy --all --outputs-file/,
      ),
    ]);
    writeFileSync(outputs(), "{");
    expect((await run(...aws, "--outputs", outputs())).stderr).toMatch(/is not JSON/);
    writeFileSync(outputs(), JSON.stringify({ Ha2mPipeline: {} }));
    const without = await run(...aws, "--outputs", outputs());
    expect([without.code, without.stderr]).toEqual([
      2,
      expect.stringMatching(/names no readings table \(ReadingsTable\)/),
    ]);
  });
});

test.each<[readonly string[], string]>([
  [["Kitchen"], '"Kitchen" is not a cluster id'],
  [["kitchen", "shed"], '"shed" is not an option'],
  [["kitchen", "--from", "yesterday"], "--from takes a time such as 2026-01-31"],
  [["kitchen", "--from", "2026-01-31T06:15"], "--from takes a time"],
  [["kitchen", "--to", "2026-13-01"], "--to: 2026-13-01 is not a calendar time"],
  [["kitchen", "--from", "2026-02-30"], "--from: 2026-02-30 is not a calendar time"],
  [["kitchen", "--from", "2025-02-29T06:15+01:00"], "--from: 2025-02-29T06:15+01:00 is not a calendar"],
  [["kitchen", "--from", "2026-02-01", "--to", "2026-01-01"], "is not before --to"],
  [["kitchen", "--csv", "--json"], "choose one"],
  [["kitchen", "--target", "mars"], '--target takes "local" or "aws"'],
  [["kitchen", "--target", "aws", "--endpoint", "http://x"], "--endpoint is for the local cloud"],
  [["kitchen", "--outputs", "x"], "--outputs is for --target aws"],
  [["kitchen", "--endpoint", "http://x"], "--table is missing"],
  [["kitchen", "--endpoint", "here", "--table", "t"], "--endpoint takes a URL"],
  [["kitchen", "--cloud", "x", "--table", "t"], "leave out --table"],
  [["kitchen", "--cloud", "/nowhere/cloud.json"], "/nowhere/cloud.json cannot be read"],
  [["kitchen", "--cloud", "README.md"], "is not what npm run -s cloud -- --json prints"],
  [["kitchen", "--table", "t", "--endpoint", "http://127.0.0.1:9"], "is npm run cloud running there?"],
])("%j -> exit 2 and %s", async (args, said) => {
  const { code, stdout, stderr } = await run(...args);
  expect({ code, stdout }).toEqual({ code: 2, stdout: "" });
  expect(stderr).toContain(said);
});

test("--help -> lines that fit a terminal of 80 columns; nothing at all -> the same, exit 2", async () => {
  const { code, stdout } = await run("--help");
  expect(code).toBe(0);
  expect(stdout.split("\n").filter((line) => line.length > 79)).toEqual([]);
  expect(await run()).toEqual({ code: 2, stdout, stderr: "" });
});
