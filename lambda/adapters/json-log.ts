/** One JSON line an entry, as CloudWatch's metric filters and the simulator read it. */
export const jsonLog =
  <Entry>(write: (line: string) => void): ((entry: Entry) => void) =>
  (entry) =>
    write(`${JSON.stringify(entry)}\n`);
