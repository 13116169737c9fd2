import type { Terminal } from "../../../simulator/cli/shared/terminal.ts";

/** A terminal that keeps what is written to it; plain and piped unless told otherwise. */
export function recordingTerminal(changes: Partial<Omit<Terminal, "write">> = {}) {
  let printed = "";
  const terminal: Terminal = {
    write: (text) => {
      printed += text;
    },
    colour: false,
    live: false,
    wraps: false,
    columns: 100,
    ...changes,
  };
  return { terminal, printed: () => printed };
}
