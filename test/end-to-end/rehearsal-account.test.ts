/**
 * What a deploy meets in an account, rehearsed with the app's own templates: names that are taken, a first create that
 * fails, another sender, the end, and a new beginning over what was left. The tests are the steps of one story, in order.
 */
import { rmSync } from "node:fs";
import { PutItemCommand, ScanCommand } from "@aws-sdk/client-dynamodb";
import { freshAssembly } from "../../simulator/cli/shared/assembly-cache.ts";
import { readCdkJson } from "../../simulator/cli/shared/cdk-json.ts";
import { clientFor, OWNER_KEY } from "../../simulator/local-cloud/dynamodb-client.ts";
import { exampleConfig } from "../lib/example-app.ts";
import { ComposedCloud } from "../simulator/local-cloud/composed-cloud.ts";
import { death, reading } from "../simulator/local-cloud/support/messages.ts";
import { Account } from "./support/account.ts";
import { protect, synthesizeInto } from "./support/written-assembly.ts";

const IDENTITY = "AWS::SES::EmailIdentity";
const TABLE = "AWS::DynamoDB::GlobalTable";
const THING = "AWS::IoT::Thing";
const STACKS = ["Ha2mData", "Ha2mPipeline", "Ha2mDevices"];

const account = new Account();
const folders: string[] = [];
let composed: ComposedCloud;
beforeEach(() => {
  composed = new ComposedCloud();
});
afterEach(() => composed.stop());
afterAll(() => {
  for (const folder of folders) rmSync(folder, { recursive: true, force: true });
});

/** Nodes of other names than the thing that is in the way. */
const CLUSTERS = { attic: { nodes: 2, sleep_s: 900 } };
const withMail = (mail: object, clusters: object = CLUSTERS) => ({
  ...exampleConfig,
  clusters,
  mail: { ...exampleConfig.mail, ...mail },
});
const assemblyOf = (config: object): string => {
  const dir = synthesizeInto(config);
  folders.push(dir);
  return dir;
};
const statuses = () => STACKS.map((stack) => account.statusOf(stack));

describe("a first create that fails", () => {
  test("SES has the sender's identity already -> the first stack fails, by name, and leaves nothing behind", () => {
    account.make(IDENTITY, "ha2m@example.com");
    expect(() => account.deploy(assemblyOf(exampleConfig))).toThrow(
      `Ha2mData ROLLBACK_COMPLETE: Resource of type '${IDENTITY}' with identifier 'ha2m@example.com' already exists.`,
    );
    expect(account.resources).toEqual([`${IDENTITY} ha2m@example.com`]);
  });

  test("the identity is referred to, and a thing has a node's name -> the last stack fails, the others stand", () => {
    account.make(THING, "kitchen-0");
    expect(() =>
      account.deploy(assemblyOf(withMail({ identity_exists: true }, exampleConfig.clusters))),
    ).toThrow(
      /^Ha2mDevices ROLLBACK_COMPLETE: Resource of type 'AWS::IoT::Thing' with identifier 'kitchen-0' already exists\./,
    );
    expect(statuses()).toEqual(["CREATE_COMPLETE", "CREATE_COMPLETE", "ROLLBACK_COMPLETE"]);
  });

  test("an app that protected its stacks from the start -> would be locked here", () => {
    const locked = new Account();
    locked.make(THING, "kitchen-0");
    expect(() => locked.deploy(protect(assemblyOf(exampleConfig)))).toThrow(/ROLLBACK_COMPLETE/);
    expect(() => locked.deploy(protect(assemblyOf(withMail({}))))).toThrow(
      /TerminationProtection is enabled/,
    );
  });

  test("mended -> deployed, by the same command", () => {
    account.deploy(assemblyOf(withMail({ identity_exists: true })));
    expect(statuses()).toEqual(["UPDATE_COMPLETE", "UPDATE_COMPLETE", "CREATE_COMPLETE"]);
    expect(account.named(THING)).toEqual(["attic-0", "attic-1", "kitchen-0"]);
    expect(account.named(IDENTITY)).toEqual(["ha2m@example.com"]);
  });
});

describe("the sender", () => {
  const from = "home@example.org";

  test("another one -> made beside the first, which stays", () => {
    account.deploy(assemblyOf(withMail({ from })));
    expect(account.named(IDENTITY)).toEqual(["ha2m@example.com", from]);
  });

  test("back to the first -> it exists, and has to be referred to; no identity is lost on the way", () => {
    expect(() => account.deploy(assemblyOf(withMail({})))).toThrow(/^Ha2mData UPDATE_ROLLBACK_COMPLETE: /);
    account.deploy(assemblyOf(withMail({ identity_exists: true })));
    expect(account.named(IDENTITY)).toEqual(["ha2m@example.com", from]);
  });
});

describe("a second deployment", () => {
  const cabin = { ...withMail({ identity_exists: true }), name: "cabin" };
  const watched = { watch: "full", notify: { event_bus: true, sns: [] } };

  test("of the same name, in another region -> beside the first", () => {
    const both = new Account();
    both.make(IDENTITY, "ha2m@example.com", "eu-west-1");
    for (const region of ["us-east-1", "eu-west-1"])
      both.deploy(
        assemblyOf({ ...withMail({ identity_exists: region === "eu-west-1" }), ...watched }),
        region,
      );
    expect(both.named("AWS::CloudWatch::Dashboard")).toHaveLength(2);
  });

  test("of another name, in the same region -> beside it, with the same sender", () => {
    const before = account.resources;
    account.deploy(assemblyOf({ ...cabin, ...watched }));
    expect(["CabinData", "CabinPipeline", "CabinDevices"].map((stack) => account.statusOf(stack))).toEqual(
      Array(3).fill("CREATE_COMPLETE"),
    );
    expect(account.resources).toEqual(expect.arrayContaining(before));
    expect(account.named(THING)).toEqual(expect.arrayContaining(["attic-0", "cabin_attic-0"]));
  });

  test("its end -> takes nothing of the first", () => {
    const first = account.resources.filter((one) => !/[ /](?:cabin|Cabin)/.test(one));
    for (const stack of ["CabinDevices", "CabinPipeline", "CabinData"]) account.destroy(stack);
    const tables = account.named(TABLE).filter((name) => name.startsWith("Cabin"));
    expect(tables).toHaveLength(2);
    expect(account.resources).toEqual([...first, ...tables.map((name) => `${TABLE} ${name}`)].sort());
  });
});

describe("the end, and a new beginning", () => {
  /** Beside the thing that was in the way, and what the second deployment has left. */
  const left = () => account.resources.filter((one) => !/IoT::Thing kitchen-0$| Cabin/.test(one));
  let stored: Record<string, never>[];
  let tables: string[];

  test("npx cdk destroy Ha2mPipeline, and a deploy -> as before: what it needs of the other stacks is there", () => {
    account.destroy("Ha2mPipeline");
    account.deploy(assemblyOf(withMail({ identity_exists: true })));
    expect(statuses()).toEqual(["UPDATE_COMPLETE", "CREATE_COMPLETE", "UPDATE_COMPLETE"]);
  });

  test("a reading is stored -> the log that is to be kept", async () => {
    await composed.start(await freshAssembly(() => undefined));
    await composed.publish("reading", 0, reading());
    await composed.settle();
    expect(await composed.stored()).toHaveLength(1);
    stored = await itemsOf("Readings");
  });

  test("every stack is deleted -> both tables and the identities are left, and nothing else", () => {
    for (const stack of [...STACKS].reverse()) account.destroy(stack);
    tables = account.named(TABLE).filter((name) => name.startsWith("Ha2m"));
    expect(tables).toEqual([
      expect.stringMatching(/^Ha2mData-Clusters/),
      expect.stringMatching(/^Ha2mData-Readings/),
    ]);
    expect(left()).toEqual([
      ...tables.map((name) => `${TABLE} ${name}`),
      `${IDENTITY} ha2m@example.com`,
      `${IDENTITY} home@example.org`,
    ]);
  });

  const adopting = (config: object) => ({
    ...config,
    readings: { table: tables[1] },
    alerts: { table: tables[0] },
  });

  test("deployed again over what was left -> no table and no identity is made", () => {
    account.deploy(assemblyOf(adopting(withMail({ identity_exists: true }))));
    expect(statuses()).toEqual(["CREATE_COMPLETE", "CREATE_COMPLETE", "CREATE_COMPLETE"]);
    expect(account.named(TABLE).filter((name) => name.startsWith("Ha2m"))).toEqual(tables);
    expect(account.named(IDENTITY)).toEqual(["ha2m@example.com", "home@example.org"]);
  });

  test("what runs then -> goes on with the old log, and mails from the identity that it refers to", async () => {
    const ha2m = readCdkJson().context.ha2m as { readonly mail: object };
    const assembly = await freshAssembly(() => undefined, {
      ha2m: adopting({ ...ha2m, mail: { ...ha2m.mail, identity_exists: true } }),
    });
    await composed.start(assembly);
    expect(composed.texts("adopted-table-made")).toHaveLength(2);
    expect(composed.cloud.dynamodb.tables.map(({ name }) => name).sort()).toEqual(tables);
    // The account's table, which this machine does not have, and what is in it.
    await putInto(tables[1]!, stored);
    // The survivor's: a death of a node that was heard just now is in doubt.
    await composed.publish("reading", 1, reading({ measured_at: "2030-06-01T00:15:00.000Z", seq: 1 }));
    await composed.publish("event", 1, death());
    await composed.settle();
    expect(await composed.stored()).toHaveLength(2);
    expect(composed.mails.map(({ subject }) => subject)).toEqual([expect.stringMatching(/FIRING kitchen/)]);
    expect(composed.cloud.queued()).toEqual({});
    expect(composed.texts("request-refused")).toEqual([]);
    expect(composed.cloud.outputs().Ha2mData).toMatchObject({ ReadingsTable: tables[1] });
  });
});

async function itemsOf(table: string): Promise<Record<string, never>[]> {
  const { endpoint, tables } = composed.cloud.dynamodb;
  const client = clientFor(endpoint, OWNER_KEY);
  const TableName = tables.find(({ name }) => name.includes(table))?.name;
  const { Items = [] } = await client.send(new ScanCommand({ TableName }));
  client.destroy();
  return Items as Record<string, never>[];
}

async function putInto(TableName: string, items: readonly Record<string, never>[]): Promise<void> {
  const client = clientFor(composed.cloud.dynamodb.endpoint, OWNER_KEY);
  for (const Item of items) await client.send(new PutItemCommand({ TableName, Item }));
  client.destroy();
}
