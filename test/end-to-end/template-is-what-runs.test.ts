/** What runs on this machine is what the app synthesizes: a copy of the project is changed in one place, and run. */
import { cpSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { projectFolder, run, start } from "./support/commands.ts";

const COPIED = [
  "bin",
  "lib",
  "lambda",
  "simulator",
  "cdk.json",
  "package.json",
  "package-lock.json",
  "tsconfig.json",
];
const FREE_PORTS = ["--mqtt-port", "0", "--dynamodb-port", "0", "--ses-port", "0"];
/** The shortest that the story takes. */
const STORY = ["--json", "--days", "1.25"];

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "ha2m-copy-"));
  for (const name of COPIED) cpSync(join(projectFolder, name), join(folder, name), { recursive: true });
  symlinkSync(join(projectFolder, "node_modules"), join(folder, "node_modules"), "dir");
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

/** Replaces `from`, which must stand in the copy's file once. */
function edit(file: string, from: string, to: string): void {
  const path = join(folder, file);
  const [before, after, ...more] = readFileSync(path, "utf8").split(from);
  if (before === undefined || after === undefined || more.length > 0)
    throw new Error(`${file} does not hold exactly one: ${from}`);
  writeFileSync(path, `${before}${to}${after}`);
}

test("another SQL in the readings rule -> another thing is stored, and the story's count says so", async () => {
  edit(
    "lib/constructs/rule-sql.ts",
    "...Object.keys(Reading.shape),",
    `...Object.keys(Reading.shape).map((field) =>
      field === "temperature_c" ? "temperature_c + 100 AS temperature_c" : field),`,
  );
  const { code, stdout } = await run("simulate", STORY, folder);
  const { readings, expectations } = JSON.parse(stdout);
  expect(code).toBe(1);
  expect(readings.published).toBeGreaterThan(100);
  expect(readings).toMatchObject({ stored: 0, lost: readings.expected });
  expect(expectations.filter(({ held }: { held: boolean }) => !held)).toMatchObject([
    { text: "readings stored: at least 1", found: "0" },
    { text: "readings lost: 2" },
  ]);
});

test("another key of the readings table -> the table has it, and the story still holds", async () => {
  edit("lib/contract/tables.ts", 'sort: "reading_key"', 'sort: "moment_key"');
  const cloud = start("cloud", ["--json", "--keys", join(folder, "keys"), ...FREE_PORTS], folder);
  const { dynamodb } = JSON.parse(await cloud.until("stdout", /^\}$/m));
  cloud.child.kill("SIGINT");
  expect((await cloud.finished).code).toBe(0);
  expect(Object.values(dynamodb.keys)).toEqual([
    ["cluster_id", "moment_key"],
    ["cluster_id", "item_key"],
  ]);

  const { code, stdout } = await run("simulate", STORY, folder);
  const { readings } = JSON.parse(stdout);
  expect(code).toBe(0);
  expect(readings.stored).toBeGreaterThan(100);
  expect(readings.stored).toBe(readings.published);
});

test("a malformed value in cdk.json -> its name, what was found and an example, exit 2", async () => {
  edit("cdk.json", '"from": "ha2m@example.com"', '"from": "nobody"');
  const { code, stdout, stderr } = await run("simulate", STORY, folder);
  expect({ code, stdout }).toEqual({ code: 2, stdout: "" });
  expect(stderr).toMatch(/mail\.from.*"nobody".*@/);
  expect(stderr).not.toMatch(/^\s+at /m);
});
