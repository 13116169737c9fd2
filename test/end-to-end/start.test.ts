/** What a command needs before it can run. */
import { cpSync, mkdtempSync, rmSync, symlinkSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { projectFolder, run } from "./support/commands.ts";

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "ha2m-copy-"));
  for (const name of ["lib", "simulator", "package.json"])
    cpSync(join(projectFolder, name), join(folder, name), { recursive: true });
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

test.each(["simulate", "cloud", "node"])(
  "%s before npm ci -> one line that says so, exit 2",
  async (command) => {
    const { code, stdout, stderr } = await run(command, ["--help"], folder);
    expect({ code, stdout }).toEqual({ code: 2, stdout: "" });
    expect(stderr).toBe(`${folder} does not have its packages yet: run npm ci there first\n`);
  },
);

test.each(["simulate", "cloud", "prepare"])(
  "%s without cdk.json -> one sentence that names it, exit 2",
  async (command) => {
    symlinkSync(join(projectFolder, "node_modules"), join(folder, "node_modules"), "dir");
    const { code, stdout, stderr } = await run(command, [], folder);
    expect({ code, stdout }).toEqual({ code: 2, stdout: "" });
    expect(stderr).toMatch(/^cdk\.json is missing: .*; put it back, it stands beside package\.json\n$/);
  },
);
