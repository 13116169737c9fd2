/** Where the local cloud that is at work says how it is reached, so that another command finds it. */
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, relative } from "node:path";
import { projectRoot } from "../../project-root.ts";
import { whyRefused, writeFile } from "../../write-file.ts";
import { UsageError } from "./arguments.ts";
import { type Holder, lockFile, lockFolder, type Release } from "./folder-lock.ts";

/** In the project's folder: certificates and keys of `npm run cloud`, and this file. */
export const CLOUD_FOLDER = ".ha2m/cloud";
const FILE = "endpoints.json";

/** Where commands look for the file. */
export const cloudFolder = (): string => join(projectRoot(), CLOUD_FOLDER);
/** The file in which a running cloud of that folder says where it listens. */
export const announcedFile = (folder: string): string => join(folder, FILE);
/** The same, of the folder that is used where none is named. */
export const cloudFile = (): string => announcedFile(cloudFolder());

/**
 * Takes a folder for a cloud's certificates, keys and this file: two clouds never share one.
 * @throws UsageError with what to type instead where another cloud has it, or where it cannot be written.
 */
export function takeCloudFolder(folder: string): Release {
  let taken: Release | Holder;
  try {
    taken = lockMade(folder);
  } catch (error) {
    throw new UsageError(
      `the certificates cannot be written to ${folder} (${whyRefused(error)}); choose another folder with --keys DIR`,
    );
  }
  if (typeof taken === "function") return taken;
  const who = taken.pid === undefined ? "Another cloud" : `Another cloud (process ${taken.pid})`;
  throw new UsageError(
    `${who} has its keys in ${folder}. To run a second one, with its own ports:

  npm run cloud -- --keys ${unusedFolder()} --mqtt-port 0 --dynamodb-port 0 --ses-port 0

If there is no other, delete ${taken.file}.`,
  );
}

function lockMade(folder: string): Release | Holder {
  mkdirSync(folder, { recursive: true, mode: 0o700 });
  return lockFolder(folder);
}

/** As it is typed: relative to the project's folder, where commands run. */
function unusedFolder(): string {
  let number = 2;
  while (existsSync(lockFile(`${cloudFolder()}-${number}`))) number += 1;
  return relative(process.cwd(), `${cloudFolder()}-${number}`);
}

/**
 * Writes the file into a folder that this cloud has taken.
 * @param text what `npm run cloud -- --json` prints
 * @returns removes it
 * @throws FileError
 */
export function announceCloud(folder: string, text: string): () => void {
  const path = join(folder, FILE);
  writeFile({ path, data: text }, "--keys");
  return () => rmSync(path, { force: true });
}

/**
 * For a cloud that has its keys elsewhere: into the folder where commands look for it or, while another cloud has that, a
 * temporary one.
 * @returns the file where commands have to be told it, and what removes it
 */
export function announceBeside(text: string): { file: string | undefined; end: () => void } {
  let release: Release | Holder | undefined;
  try {
    release = lockMade(cloudFolder());
  } catch {
    // Nothing can be written there: as if another had it.
  }
  if (typeof release === "function") {
    const [remove, free] = [announceCloud(cloudFolder(), text), release];
    return {
      file: undefined,
      end: () => {
        remove();
        free();
      },
    };
  }
  const folder = mkdtempSync(join(tmpdir(), "ha2m-cloud-"));
  const end = () => rmSync(folder, { recursive: true, force: true });
  process.on("exit", end);
  announceCloud(folder, text);
  return { file: join(folder, FILE), end };
}

/** The clock of a cloud whose time is that of a story. */
export interface DescribedClock {
  /** What it showed when this machine's showed `real`; both ISO 8601 UTC. */
  readonly at: string;
  readonly real: string;
  /** Its seconds in one of this machine's; 0: it stands. */
  readonly speed: number;
}

/** The cloud's clock, as other processes can go on with it. @param speed virtual seconds in a real one */
export const describeClock = (atMs: number, speed: number): DescribedClock => ({
  at: new Date(atMs).toISOString(),
  real: new Date().toISOString(),
  speed,
});

/** Epoch ms. */
export const shownBy = ({ at, real, speed }: DescribedClock, realNowMs: number): number =>
  Date.parse(at) + (realNowMs - Date.parse(real)) * speed;

/** A table and where it is. */
export interface CloudTable {
  readonly table: string;
  readonly endpoint: string;
  /** The cloud's own clock; undefined: it is this machine's. */
  readonly clock: DescribedClock | undefined;
}

/**
 * The table of a described cloud whose sort key is `sortKey`; undefined when there is no such file.
 * @throws UsageError when the file cannot be read or is not what a cloud describes itself by.
 */
export function tableOfCloud(path: string, sortKey: string): CloudTable | undefined {
  let described: {
    readonly clock?: DescribedClock;
    readonly dynamodb?: {
      readonly endpoint?: unknown;
      readonly keys?: Readonly<Record<string, readonly unknown[]>>;
    };
  } | null;
  const mistake = () => new UsageError(`${path} is not what npm run -s cloud -- --json prints.`);
  try {
    described = JSON.parse(readFileSync(path, "utf8"));
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === "ENOENT") return undefined;
    throw code === undefined ? mistake() : new UsageError(`${path} cannot be read (${code}).`);
  }
  const keys = Object.entries(described?.dynamodb?.keys ?? {});
  const table = keys.find(([, names]) => names[1] === sortKey)?.[0];
  const endpoint = described?.dynamodb?.endpoint;
  if (table === undefined || typeof endpoint !== "string") throw mistake();
  return { table, endpoint, clock: described?.clock };
}
