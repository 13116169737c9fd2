/** The command that puts a cluster's mails off, and what becomes of them. Against the DynamoDB API. */
import { GetItemCommand } from "@aws-sdk/client-dynamodb";
import { main } from "../../../simulator/cli/mute.ts";
import { type LocalDynamo, startDynamo, TABLE } from "../../lambda/send_cluster_mail/support/dynamodb.ts";
import { capturedRun } from "./support/captured-run.ts";

let dynamo: LocalDynamo;
let endpoint: string;
beforeAll(async () => {
  dynamo = await startDynamo();
  const { protocol, hostname, port } = await dynamo.client.config.endpoint!();
  endpoint = `${protocol}//${hostname}:${port}`;
});
afterAll(() => dynamo.close());

const run = capturedRun(main);
const here = () => ["--table", TABLE, "--endpoint", endpoint];
const itemOf = async (cluster: string) => {
  const Key = { cluster_id: { S: cluster }, item_key: { S: "hold" } };
  return (await dynamo.client.send(new GetItemCommand({ TableName: TABLE, Key }))).Item;
};

test("--for -> muted from now for so long, and said; --end -> ended now, once", async () => {
  const beforeMs = Date.now();
  const { code, stdout } = await run("cellar", "--for", "90m", ...here());
  expect(code).toBe(0);
  const { from_ms, until_ms, expires_at_s } = (await itemOf("cellar"))!;
  expect(Number(from_ms!.N)).toBeGreaterThanOrEqual(beforeMs);
  expect(Number(until_ms!.N) - Number(from_ms!.N)).toBe(90 * 60_000);
  expect(Number(expires_at_s!.N) * 1_000).toBeGreaterThan(Number(until_ms!.N));
  expect(stdout).toBe(
    `cellar is muted from ${new Date(Number(from_ms!.N)).toISOString()} to ${new Date(Number(until_ms!.N)).toISOString()}.\n`,
  );
  expect(await run("cellar", "--end", ...here())).toMatchObject({
    code: 0,
    stdout: expect.stringContaining("muted no more"),
  });
  expect(Number((await itemOf("cellar"))!.until_ms!.N)).toBeLessThanOrEqual(Date.now() + 1);
  expect(await run("cellar", "--end", ...here())).toMatchObject({
    code: 1,
    stdout: "cellar is not muted.\n",
  });
});

test("--from -> ahead, in the time zone that it names; --end calls it off", async () => {
  const { stdout } = await run("attic", "--from", "2035-06-01T08:00+02:00", "--for", "1d", ...here());
  expect(stdout).toBe("attic is muted from 2035-06-01T06:00:00.000Z to 2035-06-02T06:00:00.000Z.\n");
  expect(await run("attic", "--end", ...here())).toMatchObject({ code: 0 });
});

test.each<[readonly string[], string]>([
  [["Cellar", "--for", "1h"], '"Cellar" is not a cluster id'],
  [["cellar", "attic", "--for", "1h"], "mute takes one cluster"],
  [["cellar"], "mute takes --for"],
  [["cellar", "--for", "8d"], '7d at most, not "8d"'],
  [["cellar", "--for", "soon"], 'not "soon"'],
  [["cellar", "--for", "1h", "--from", "2035-06-01"], "--from takes an instant with its offset"],
  [["cellar", "--for", "1h", "--from", "2001-06-01T08:00Z"], "A mute that is over by now"],
  [["cellar", "--end", "--for", "1h"], "--end ends the mute now"],
])("%j -> exit 2 and %s", async (args, said) => {
  const { code, stdout, stderr } = await run(...args, ...here());
  expect({ code, stdout }).toEqual({ code: 2, stdout: "" });
  expect(stderr).toContain(said);
});

test("--help -> what it does; nothing at all -> the same, exit 2", async () => {
  const { code, stdout } = await run("--help");
  expect(code).toBe(0);
  expect(await run()).toEqual({ code: 2, stdout, stderr: "" });
});
