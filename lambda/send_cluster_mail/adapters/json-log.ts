import type { Log } from "../core/ports.ts";

/** One JSON line an entry, as CloudWatch's metric filters and the simulator read it. */
export const jsonLog =
  (write: (line: string) => void): Log =>
  (entry) =>
    write(`${JSON.stringify(entry)}\n`);
