/**
 * Writes files: beside their place first, then renamed into it. A full disk, a missing right or a process that ends
 * amid the write leaves the file that was there, or none, and never half of one.
 */
import {
  closeSync,
  fsyncSync,
  openSync,
  realpathSync,
  renameSync,
  rmSync,
  type Stats,
  statSync,
  writeFileSync,
} from "node:fs";
import { basename, dirname, join } from "node:path";

/** A file that cannot be written. The message is one line with its path and the reason. */
export class FileError extends Error {
  override readonly name = "FileError";
}

/** A file to write, as a whole or not at all. */
export interface FileToWrite {
  readonly path: string;
  readonly data: string | Uint8Array;
  /**
   * Permissions. If given, a link in the way is replaced and not followed, as a key needs it.
   * @default those of the file that was there
   */
  readonly mode?: number;
}

const WHY: Readonly<Record<string, string>> = {
  ENOSPC: "the disk is full",
  EDQUOT: "the disk quota is used up",
  EACCES: "no permission to write there",
  EPERM: "no permission to write there",
  EROFS: "the disk is read-only",
  ENOENT: "its folder is not there",
  ENOTDIR: "a file is in the way of a folder",
  EISDIR: "a folder is in the way",
  EEXIST: "a file is in the way",
  ERR_FS_EISDIR: "a folder is in the way",
};

/** Why the file system refused, in words, with its code. */
export function whyRefused(error: unknown): string {
  const { code = "", message = String(error) } = error as NodeJS.ErrnoException;
  const why = WHY[code];
  return why === undefined ? message : `${why} (${code})`;
}

/**
 * Writes one file.
 * @param option the option that names the file, for the message, such as "--svg"
 * @throws FileError
 */
export const writeFile = (file: FileToWrite, option?: string): void => writeFiles([file], option);

/**
 * Writes all files or, if one cannot be written, none: all are written beside their places before the first is renamed.
 * @throws FileError
 */
export function writeFiles(files: readonly FileToWrite[], option?: string): void {
  const staged: { temporary: string; target: string }[] = [];
  let path = "";
  try {
    for (const file of files) {
      ({ path } = file);
      const there = statSync(path, { throwIfNoEntry: false });
      const target = there !== undefined && file.mode === undefined ? realpathSync(path) : path;
      if (there?.isDirectory()) throw Object.assign(new Error(), { code: "EISDIR" });
      // A pipe or a device such as /dev/stdout is written to; a rename would put a file in its place.
      if (there !== undefined && !there.isFile()) writeFileSync(path, file.data);
      else {
        const temporary = join(dirname(target), `.${basename(target)}.${process.pid}.tmp`);
        stage(temporary, file, there);
        staged.push({ temporary, target });
      }
    }
    for (const { temporary, target } of staged) {
      path = target;
      renameSync(temporary, target);
    }
  } catch (error) {
    for (const { temporary } of staged) rmSync(temporary, { force: true });
    throw new FileError(
      `${option === undefined ? "" : `${option}: `}cannot write ${path}: ${whyRefused(error)}`,
      { cause: error },
    );
  }
}

function stage(temporary: string, { data, mode }: FileToWrite, there: Stats | undefined): void {
  // A leftover of an earlier process with the same id, which was ended amid its write.
  rmSync(temporary, { force: true });
  const handle = openSync(temporary, "wx", mode ?? (there === undefined ? 0o666 : there.mode & 0o777));
  try {
    writeFileSync(handle, data);
    fsyncSync(handle);
  } catch (error) {
    rmSync(temporary, { force: true });
    throw error;
  } finally {
    closeSync(handle);
  }
}
