/** `--trace FILE`. */
import { closeSync, openSync, writeSync } from "node:fs";
import { whyRefused } from "../../write-file.ts";
import { UsageError } from "../shared/arguments.ts";

/** Where `--trace` writes. */
export interface TraceFile {
  readonly write: (line: string) => void;
  readonly close: () => void;
}

/** Empties the file, or makes it. @throws UsageError when it cannot be written, at once or later. */
export function openTrace(file: string): TraceFile {
  const attempt = <Result>(action: () => Result): Result => {
    try {
      return action();
    } catch (error) {
      throw new UsageError(`--trace: cannot write ${file}: ${whyRefused(error)}`);
    }
  };
  const handle = attempt(() => openSync(file, "w"));
  return {
    write: (line) => void attempt(() => writeSync(handle, `${line}\n`)),
    close: () => closeSync(handle),
  };
}
