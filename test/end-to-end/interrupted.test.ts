/** A command that is ended early: what it leaves behind. */
import { mkdtempSync, readdirSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { projectFolder, type Running, run, start } from "./support/commands.ts";

/** Stands in for the machine's temporary folder, so that what is left there can be seen. */
let temporary: string;
// Synthesis, where it is due, says so on stderr.
beforeAll(() => run("prepare", []));
beforeEach(() => {
  temporary = mkdtempSync(join(tmpdir(), "ha2m-"));
});
afterEach(() => rmSync(temporary, { recursive: true, force: true }));

const keyFolders = () => readdirSync(temporary).filter((name) => name.startsWith("ha2m-"));

/** The story, longer than anybody waits, with its keys in the temporary folder. */
async function aLongStory(): Promise<Running> {
  const running = start("simulate", ["--days", "300"], projectFolder, { TMPDIR: temporary });
  await running.until("stdout", /takes over/);
  expect(keyFolders()).toHaveLength(1);
  return running;
}

test.each(["SIGINT", "SIGTERM", "SIGHUP", "SIGQUIT"] as const)(
  "%s -> ends quietly, no keys are left",
  async (signal) => {
    const running = await aLongStory();
    running.child.kill(signal);
    const { code, stderr } = await running.finished;
    expect({ code, stderr }).toEqual({ code: 130, stderr: "" });
    expect(keyFolders()).toEqual([]);
  },
);

test("nobody reads the output any more, as after | head -> ends quietly with the shell's code, no keys are left", async () => {
  const running = await aLongStory();
  running.child.stdout.destroy();
  const { code, stderr } = await running.finished;
  expect({ code, stderr }).toEqual({ code: 141, stderr: "" });
  expect(keyFolders()).toEqual([]);
});

test("two signals -> ended at once, with the second one's code, no keys are left", async () => {
  const running = await aLongStory();
  running.child.kill("SIGHUP");
  running.child.kill("SIGQUIT");
  // The system delivers them in the order that it likes.
  expect([129, 131]).toContain((await running.finished).code);
  expect(keyFolders()).toEqual([]);
});
