import { spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { hostname, tmpdir } from "node:os";
import { join } from "node:path";
import { lockFolder, lockFolderSoon } from "../../../../simulator/cli/shared/folder-lock.ts";

let folder: string;
let file: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "ha2m-lock-"));
  file = join(folder, ".lock");
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

/** Taken, and given back at once: whether it could be. */
function free(): boolean {
  const taken = lockFolder(folder);
  if (typeof taken !== "function") return false;
  taken();
  return true;
}

test("taken -> another is told who has it; given back -> free, and no file is left", () => {
  const release = lockFolder(folder) as () => void;
  expect(lockFolder(folder)).toEqual({ file, pid: process.pid });
  release();
  expect(readdirSync(folder)).toEqual([]);
  expect(free()).toBe(true);
});

test("of a process that is gone -> taken over", async () => {
  const child = spawn(process.execPath, ["-e", ""]);
  await once(child, "exit");
  writeFileSync(file, JSON.stringify({ pid: child.pid, host: hostname() }));
  expect(free()).toBe(true);
  expect(readdirSync(folder)).toEqual([]);
});

test.each([
  ["of a process that is at work", JSON.stringify({ pid: process.ppid, host: hostname() }), process.ppid],
  ["of another machine, where nobody here can look", JSON.stringify({ pid: 1, host: "elsewhere" }), 1],
  ["that says nothing", "", undefined],
])("%s -> kept", (_, text, pid) => {
  writeFileSync(file, text);
  expect(lockFolder(folder)).toEqual({ file, pid });
});

test("released by whom it was taken from -> the new owner's stays", () => {
  const release = lockFolder(folder) as () => void;
  writeFileSync(file, JSON.stringify({ pid: process.ppid, host: hostname() }));
  release();
  expect(existsSync(file)).toBe(true);
});

test("taken for a while -> waited for; for too long -> told who has it", async () => {
  const release = lockFolder(folder) as () => void;
  const waiting = lockFolderSoon(folder, 60_000);
  release();
  const taken = (await waiting) as () => void;
  expect(await lockFolderSoon(folder, 100)).toEqual({ file, pid: process.pid });
  taken();
});
