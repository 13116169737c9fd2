/** `npm run verify` as a person uses it, and the command that it prints for a counterexample. */
import { existsSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { run, start } from "./support/commands.ts";

let root = "";
beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), "ha2m-verify-"));
});
afterEach(() => rmSync(root, { recursive: true, force: true }));

const published = (...more: string[]) =>
  run("verify", ["--protocol", "article", "--only", "wire-cut", ...more]);

test("a promise is broken -> its steps, and a command that replays them as it says", async () => {
  const { code, stdout, stderr } = await published("--scenarios", root);
  expect([code, stderr]).toEqual([1, ""]);
  expect(stdout).toMatch(/^ +1 {2}node \d {2}boots/m);
  const [, file] = /^Replay it: npm run simulate -- --scenario (.*)$/m.exec(stdout) ?? [];
  expect(file).toBe(join(root, "article-wire-cut-two-act.yaml"));
  const replayed = await run("simulate", ["--scenario", file!, "--uplink", "memory"]);
  expect(replayed.code).toBe(0);
  expect(replayed.stdout).toMatch(/^ {2}held {4}acting at once: at least 2$/m);
});

test("--json -> the same, as data", async () => {
  const { code, stdout } = await published("--scenarios", root, "--json");
  expect(code).toBe(1);
  const [result] = JSON.parse(stdout).results;
  expect(result).toMatchObject({ outcome: "broken", outside: null });
  expect(result.laws).toContainEqual(
    expect.objectContaining({ law: "at-most-one-acts", start: "blank", verdict: "broken" }),
  );
  const [{ replay }] = result.counterexamples;
  expect(replay).toEqual({
    file: join(root, "article-wire-cut-two-act.yaml"),
    command: `npm run simulate -- --scenario ${join(root, "article-wire-cut-two-act.yaml")}`,
    shown: true,
  });
  expect(existsSync(replay.file)).toBe(true);
});

test("--scenarios names a file -> exit 2, before anything is explored", async () => {
  const file = join(root, "file");
  writeFileSync(file, "");
  const { code, stdout, stderr } = await published("--scenarios", file);
  expect([code, stdout]).toEqual([2, ""]);
  expect(stderr).toMatch(/^--scenarios: cannot write .*; name a folder that can be written\n$/);
});

test("hardened, a class outside the promise -> shown as such, with what it needs, exit 0", async () => {
  const { code, stdout, stderr } = await run("verify", [
    "--only",
    "wire-cut",
    "--only",
    "node-dies",
    "--scenarios",
    root,
  ]);
  expect([code, stderr]).toEqual([0, ""]);
  expect(stdout).toMatch(/^outside wire-cut, a reset .*\n {8}outside the promise: needs a third chip\n/m);
  expect(stdout).toMatch(
    /^ {8}two act: broken in 17 steps from blank chips, broken in 21 steps from a running /m,
  );
  expect(stdout).toMatch(/^holds {3}node-dies, a reset /m);
  expect(stdout).toMatch(/^1 hold, 1 outside the promise;\n.* All is as promised\.$/m);
  expect(stdout).not.toMatch(/^ +1 {2}node/m);
});

test("SIGINT amid the search -> what was found so far, what is left, and the shell's code", async () => {
  const searching = start("verify", ["--only", "node-dies", "--only", "worn-page", "--scenarios", root]);
  await searching.until("stdout", /^holds {3}node-dies/m);
  searching.child.kill("SIGINT");
  const { code, stdout, stderr } = await searching.finished;
  expect([code, stderr]).toEqual([130, ""]);
  expect(stdout).toMatch(/^1 hold;\n.* So far all is as promised\.$/m);
  expect(stdout).toMatch(/^Interrupted\. Not finished: worn-page, a reset$/m);
});
