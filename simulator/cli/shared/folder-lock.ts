/** A folder that one process at a time works on. */
import { readFileSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { hostname } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";

const FILE = ".lock";
const TRY_EVERY_MS = 50;

/** Where a folder's lock is, while somebody has it. */
export const lockFile = (folder: string): string => join(folder, FILE);

/** Who has the folder. */
export interface Holder {
  /** The file that says so; to be deleted by hand where its process is gone and this machine cannot tell. */
  readonly file: string;
  /** Undefined: the file does not say. */
  readonly pid: number | undefined;
}

/** Gives the folder back; at the exit of the process that is done anyway. */
export type Release = () => void;

/**
 * Takes the folder, which has to be there. A lock of a process of this machine that is gone is taken over.
 * @throws what the file system throws
 */
export function lockFolder(folder: string): Release | Holder {
  const file = lockFile(folder);
  const ours = JSON.stringify({ pid: process.pid, host: hostname() });
  for (;;) {
    try {
      writeFileSync(file, ours, { flag: "wx" });
      return releaser(file, ours);
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== "EEXIST") throw error;
    }
    const text = readIfThere(file);
    if (text === undefined) continue;
    const holder = holderOf(text);
    if (holder === undefined || isAtWork(holder)) return { file, pid: holder?.pid };
    if (!removeStale(file, text)) return { file, pid: undefined };
  }
}

/** As `lockFolder`, for as long as it takes whoever has it, up to `mostMs`. */
export async function lockFolderSoon(folder: string, mostMs: number): Promise<Release | Holder> {
  for (let waitedMs = 0; ; waitedMs += TRY_EVERY_MS) {
    const taken = lockFolder(folder);
    if (typeof taken === "function" || waitedMs >= mostMs) return taken;
    await sleep(TRY_EVERY_MS);
  }
}

function releaser(file: string, ours: string): Release {
  const release = (): void => {
    process.off("exit", release);
    if (readIfThere(file) === ours) rmSync(file, { force: true });
  };
  process.on("exit", release);
  return release;
}

/** Another may have taken it over, and locked it, since `text` was read: then that lock is put back. */
function removeStale(file: string, text: string): boolean {
  const aside = `${file}.${process.pid}`;
  try {
    renameSync(file, aside);
  } catch {
    return true;
  }
  const stale = readIfThere(aside) === text;
  if (stale) rmSync(aside, { force: true });
  else renameSync(aside, file);
  return stale;
}

function holderOf(text: string): { pid: number; host: string } | undefined {
  try {
    const { pid, host } = JSON.parse(text);
    return Number.isInteger(pid) && typeof host === "string" ? { pid, host } : undefined;
  } catch {
    return undefined;
  }
}

function isAtWork({ pid, host }: { pid: number; host: string }): boolean {
  if (host !== hostname()) return true;
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code !== "ESRCH";
  }
}

function readIfThere(path: string): string | undefined {
  try {
    return readFileSync(path, "utf8");
  } catch {
    return undefined;
  }
}
