/** Where the local cloud that is at work says how it is reached, so that another command finds it. */
import { mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { projectRoot } from "../project-root.ts";
import { UsageError } from "./arguments.ts";

/** In the project's folder: certificates and keys of `npm run cloud`, and this file. */
export const CLOUD_FOLDER = ".ha2m/cloud";
const FILE = "endpoints.json";

/** Where commands look for the file. */
export const cloudFolder = (): string => join(projectRoot(), CLOUD_FOLDER);
export const cloudFile = (): string => join(cloudFolder(), FILE);

/**
 * Writes the file into `folder`.
 * @param text what `npm run cloud -- --json` prints
 * @returns removes it, unless another cloud has written its own since
 */
export function announceCloud(folder: string, text: string): () => void {
  const path = join(folder, FILE);
  mkdirSync(folder, { recursive: true });
  writeFileSync(path, text);
  return () => {
    if (readIfThere(path) === text) rmSync(path, { force: true });
  };
}

function readIfThere(path: string): string | undefined {
  try {
    return readFileSync(path, "utf8");
  } catch {
    return undefined;
  }
}

/** A table and where it is. */
export interface CloudTable {
  readonly table: string;
  readonly endpoint: string;
}

/**
 * The table of a described cloud whose sort key is `sortKey`; undefined when there is no such file.
 * @throws UsageError when the file cannot be read or is not what a cloud describes itself by.
 */
export function tableOfCloud(path: string, sortKey: string): CloudTable | undefined {
  let described: {
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
  return { table, endpoint };
}
