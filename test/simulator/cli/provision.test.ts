/** The command line of `npm run provision`; what it does stands in `provision/`, and all of it in the rehearsal. */
import { main } from "../../../simulator/cli/provision.ts";
import { capturedRun } from "./support/captured-run.ts";

const run = capturedRun(main);

test.each([
  ["a cluster with a slip in its name", ["kitchn"], 'has no cluster "kitchn": did you mean kitchen?'],
  ["a cluster that is not configured", ["observatory"], 'has no cluster "observatory", only kitchen'],
  ["two clusters", ["kitchen", "shed"], 'provision takes one CLUSTER, not "kitchen shed"'],
  ["more nodes than are configured", ["kitchen", "--nodes", "3"], "kitchen has 2 nodes in cdk.json: raise"],
  ["no nodes", ["kitchen", "--nodes", "0"], '--nodes takes a whole number from 1 to 8, not "0"'],
  ["a node that it has not", ["kitchen", "--rotate", "2"], "--rotate takes a whole number from 0 to 1"],
  ["two deeds", ["kitchen", "--retire", "0", "--revoke", "0"], "choose one: --retire or --revoke."],
  ["--force where nothing is made", ["kitchen", "--fetch", "--force"], "--force does not go with --fetch."],
  ["--ca where nothing is fetched", ["kitchen", "--ca", "x"], "--ca does not go with making keys."],
  [
    "--execute where nothing is destroyed",
    ["kitchen", "--execute"],
    "--execute does not go with making keys.",
  ],
  [
    "a CA that is not there",
    ["kitchen", "--fetch", "--ca", "/none/ca.pem"],
    "--ca: /none/ca.pem is not there",
  ],
  ["a CA that is none", ["kitchen", "--fetch", "--ca", "package.json"], "package.json is not a certificate"],
  [
    "outputs that are not there",
    ["kitchen", "--fetch", "--outputs", "/none/o.json"],
    "/none/o.json is not there",
  ],
  ["an unknown flag", ["kitchen", "--revok", "0"], "Did you mean --revoke?"],
])("%s -> one sentence, exit 2, nothing on stdout", async (_, args, expected) => {
  const { code, stdout, stderr } = await run(...args);
  expect({ code, stdout }).toEqual({ code: 2, stdout: "" });
  expect(stderr).toContain(expected);
  expect(stderr).not.toMatch(/^\s+at /m);
});

test("--help -> every flag, in lines that fit a terminal of 80 columns; without a cluster the same, exit 2", async () => {
  const { code, stdout } = await run("--help");
  expect(code).toBe(0);
  for (const flag of [
    "nodes",
    "force",
    "fetch",
    "ca",
    "rotate",
    "retire",
    "revoke",
    "execute",
    "out",
    "outputs",
  ])
    expect(stdout).toContain(`  --${flag}`);
  expect(stdout.split("\n").filter((line) => line.length > 79)).toEqual([]);
  expect(await run()).toMatchObject({ code: 2, stdout });
});
