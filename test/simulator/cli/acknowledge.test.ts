/** The command that does what the link in a mail does, against the DynamoDB API. */
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { GetItemCommand, PutItemCommand } from "@aws-sdk/client-dynamodb";
import { INCIDENT_KINDS } from "../../../lib/contract/incidents.ts";
import { main } from "../../../simulator/cli/acknowledge.ts";
import { type LocalDynamo, startDynamo, TABLE } from "../../lambda/send_cluster_mail/support/dynamodb.ts";
import { capturedRun } from "./support/captured-run.ts";

let dynamo: LocalDynamo;
let endpoint: string;
let folder: string;
beforeAll(async () => {
  dynamo = await startDynamo();
  const { protocol, hostname, port } = await dynamo.client.config.endpoint!();
  endpoint = `${protocol}//${hostname}:${port}`;
  folder = mkdtempSync(join(tmpdir(), "ha2m-acknowledge-"));
  const Item = { ...key("node-dead"), state: { S: "firing" }, episode: { N: "2" }, rev: { N: "1" } };
  await dynamo.client.send(new PutItemCommand({ TableName: TABLE, Item }));
});
afterAll(async () => {
  rmSync(folder, { recursive: true });
  await dynamo.close();
});

const key = (kind: string) => ({ cluster_id: { S: "kitchen" }, item_key: { S: `incident#${kind}#0` } });

const attributesOf = async (kind: string) =>
  (await dynamo.client.send(new GetItemCommand({ TableName: TABLE, Key: key(kind) }))).Item;

const run = capturedRun(main);

const here = () => ["--table", TABLE, "--endpoint", endpoint];

test("an incident that fires -> acknowledged in the table, and said", async () => {
  expect(await run("kitchen", "node-dead", "0", ...here())).toEqual({
    code: 0,
    stdout: "kitchen node-dead 0 is acknowledged: no more reminders until it is over and starts again.\n",
    stderr: "",
  });
  expect(await attributesOf("node-dead")).toMatchObject({
    acknowledged_ms: { N: expect.stringMatching(/^\d{13}$/) },
  });
});

test("--snooze, and where the table is from what the cloud printed -> snoozed for so long", async () => {
  const file = join(folder, "cloud.json");
  const keys = { readings: ["cluster_id", "reading_key"], [TABLE]: ["cluster_id", "item_key"] };
  writeFileSync(file, JSON.stringify({ dynamodb: { endpoint, keys } }));
  const beforeMs = Date.now();
  const { code, stdout } = await run("kitchen", "node-dead", "0", "--snooze", "1d 12h", "--cloud", file);
  expect(code).toBe(0);
  const until = /no reminders until (\S+)\.\n$/.exec(stdout)![1]!;
  const { snoozed_until_ms, acknowledged_ms } = (await attributesOf("node-dead"))!;
  expect(Date.parse(until)).toBe(Number(snoozed_until_ms!.N));
  expect(Number(snoozed_until_ms!.N)).toBeGreaterThanOrEqual(beforeMs + 36 * 3_600_000);
  expect(acknowledged_ms).toBeUndefined();
});

test("an incident that does not fire -> exit 1, and nothing is written", async () => {
  const { code, stdout } = await run("kitchen", "split-brain", "0", ...here());
  expect({ code, stdout }).toEqual({
    code: 1,
    stdout: "kitchen split-brain 0 is not firing: there is nothing to answer.\n",
  });
  expect(await attributesOf("split-brain")).toBeUndefined();
});

const incident = ["kitchen", "node-dead", "0"] as const;

test.each<[readonly string[], string]>([
  [["kitchen", "node-dead"], "acknowledge takes CLUSTER KIND SUBJECT"],
  [[...incident, "1"], "acknowledge takes CLUSTER KIND SUBJECT"],
  [["Kitchen", "node-dead", "0"], '"Kitchen" is neither a cluster id'],
  [["kitchen", "node-deed", "0"], "did you mean node-dead?"],
  [["kitchen", "xyzzy", "0"], `one of ${INCIDENT_KINDS.join(", ")}`],
  [["kitchen", "node-dead", "9"], "SUBJECT takes a whole number from 0 to 8"],
  [[...incident, "--snooze", "soon", "--table", "t"], "--snooze takes a time such as 24h"],
  [[...incident, "--snooze", "0", "--table", "t"], "--snooze takes a time such as 24h"],
  [[...incident, "--snooze", "31d", "--table", "t"], "30d at most"],
  [[...incident], "give --endpoint and --table"],
  [[...incident, "--target", "mars"], '--target takes "local" or "aws"'],
  [[...incident, "--target", "aws", "--cloud", "x"], "--cloud is for the local cloud"],
  [[...incident, "--cloud", "x", "--table", "t"], "leave out --table"],
  [[...incident, "--table", "t", "--endpoint", "here"], "--endpoint takes a URL"],
  [[...incident, "--cloud", "/nowhere/cloud.json"], "/nowhere/cloud.json"],
  [[...incident, "--cloud", "README.md"], "is not what npm run -s cloud -- --json prints"],
  [[...incident, "--cloud", "package.json"], "is not what npm run -s cloud -- --json prints"],
])("%j -> exit 2 and %s", async (args, said) => {
  const { code, stdout, stderr } = await run(...args);
  expect({ code, stdout }).toEqual({ code: 2, stdout: "" });
  expect(stderr).toContain(said);
});

test("a table that does not exist, a cloud that is not there -> exit 2, and which", async () => {
  const wrong = await run(...incident, "--table", "nosuch", "--endpoint", endpoint);
  expect(wrong.code).toBe(2);
  expect(wrong.stderr).toContain('the table "nosuch" cannot be written (ResourceNotFoundException');
  const away = await run(...incident, "--table", TABLE, "--endpoint", "http://127.0.0.1:9");
  expect(away.code).toBe(2);
  expect(away.stderr).toContain("is npm run cloud running there?");
});

test("--help -> what it does; nothing at all -> the same, exit 2", async () => {
  const { code, stdout } = await run("--help");
  expect(code).toBe(0);
  expect(await run()).toEqual({ code: 2, stdout, stderr: "" });
});

test("--by -> kept and said; with --snooze, or as no name, it is refused", async () => {
  const Item = { ...key("setup-fault"), state: { S: "firing" }, episode: { N: "1" }, rev: { N: "1" } };
  await dynamo.client.send(new PutItemCommand({ TableName: TABLE, Item }));
  const { code, stdout } = await run("kitchen", "setup-fault", "0", "--by", "Zoë O'Neil", ...here());
  expect([code, stdout.split(":")[0]]).toEqual([0, "kitchen setup-fault 0 is acknowledged by Zoë O'Neil"]);
  expect(await attributesOf("setup-fault")).toMatchObject({ acknowledged_by: { S: "Zoë O'Neil" } });
  for (const wrong of [
    ["--by", "ann", "--snooze", "1d"],
    ["--by", "a\nb"],
    ["--by", ""],
    ["--by", "x".repeat(65)],
  ])
    expect((await run("kitchen", "setup-fault", "0", ...wrong, ...here())).code).toBe(2);
});
