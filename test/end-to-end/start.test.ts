/** What a command needs before it can run. */
import { spawnSync } from "node:child_process";
import {
  appendFileSync,
  chmodSync,
  cpSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { projectFolder, run } from "./support/commands.ts";

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "ha2m-copy-"));
  for (const name of ["lambda", "lib", "simulator", "package.json", "package-lock.json"])
    cpSync(join(projectFolder, name), join(folder, name), { recursive: true });
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

const withPackages = () =>
  symlinkSync(join(projectFolder, "node_modules"), join(folder, "node_modules"), "dir");

test.each(["simulate", "cloud", "node"])(
  "%s before npm ci -> one line that says so, exit 2",
  async (command) => {
    const { code, stdout, stderr } = await run(command, ["--help"], folder);
    expect({ code, stdout }).toEqual({ code: 2, stdout: "" });
    expect(stderr).toBe(`${folder} has no packages yet: run npm ci there first\n`);
  },
);

test.each(["simulate", "cloud", "prepare"])(
  "%s without cdk.json -> one sentence that names it, exit 2",
  async (command) => {
    withPackages();
    const { code, stdout, stderr } = await run(command, [], folder);
    expect({ code, stdout }).toEqual({ code: 2, stdout: "" });
    expect(stderr).toMatch(/^cdk\.json is missing: .*; put it back, it stands beside package\.json\n$/);
  },
);

const canBeAnother = process.platform === "linux" && process.getuid?.() === 0;
(canBeAnother ? test : test.skip)(
  "another user than the one who installed -> runs the commands; needs a new bundle -> one line that says what to do",
  async () => {
    withPackages();
    chmodSync(folder, 0o755);
    await run("battery", ["--help"], folder);
    const asNobody = () =>
      spawnSync(process.execPath, [join(folder, "simulator/cli/start.mjs"), "battery", "--help"], {
        cwd: folder,
        uid: 65_534,
        gid: 65_534,
        encoding: "utf8",
      });
    expect(asNobody()).toMatchObject({ status: 0, stderr: "" });
    appendFileSync(join(folder, "simulator/cli/battery.ts"), "// changed\n");
    const { status, stderr } = asNobody();
    expect(status).toBe(2);
    expect(stderr).toMatch(/^The commands cannot be built into .* \(EACCES\): .*: npm run prepare\n$/);
  },
);

describe("the bundle", () => {
  const bundles = () => join(folder, ".build", "cli");
  const current = (): string => JSON.parse(readFileSync(join(bundles(), "current.json"), "utf8")).dir;
  /** Every file of a bundle, and when it was written. */
  const written = (dir: string): [string, number][] =>
    readdirSync(join(bundles(), dir)).map((name) => [name, statSync(join(bundles(), dir, name)).mtimeMs]);

  test("three commands at once, none bundled yet -> each does what it should", async () => {
    withPackages();
    const commands = ["battery", "node", "verify"];
    const all = await Promise.all(commands.map((command) => run(command, ["--help"], folder)));
    for (const [index, { code, stdout, stderr }] of all.entries()) {
      expect({ code, stderr }).toEqual({ code: 0, stderr: "" });
      expect(stdout).toContain(`npm run ${commands[index]} -- `);
    }
  });

  test("a source changes -> bundled anew, and the bundle in use stays as it was; nothing changes -> not again", async () => {
    withPackages();
    await run("battery", ["--help"], folder);
    const first = current();
    const before = written(first);
    appendFileSync(join(folder, "simulator/cli/battery.ts"), "// changed\n");
    await run("battery", ["--help"], folder);
    const second = current();
    expect(second).not.toBe(first);
    expect(written(first)).toEqual(before);
    await run("battery", ["--help"], folder);
    expect(current()).toBe(second);
  });
});
