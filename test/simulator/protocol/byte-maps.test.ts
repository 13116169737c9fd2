/** docs/eeprom-map.md beside the code: each row of its tables is where a change of that field shows, and nowhere else. */
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { firstMap, formatMap, mapLength, withCounter } from "../../../simulator/protocol/article/map.ts";
import { EXTENSION_BYTES, UNKNOWN } from "../../../simulator/protocol/hardened/extension.ts";
import {
  areaBytes,
  formatRecord,
  type NodeRecord,
  RECORD_BYTES,
  recordAddress,
} from "../../../simulator/protocol/hardened/record.ts";

const document = readFileSync(join(__dirname, "../../../docs/eeprom-map.md"), "utf8");

interface Row {
  readonly offset: number;
  readonly size: number;
  readonly name: string;
}

/** The rows "| 04h | 4 | name | …" of a chapter. */
const rowsOf = (chapter: string): Row[] =>
  [
    ...document
      .split(new RegExp(`^##+ ${chapter}$`, "m"))[1]!
      .split(/^##/m)[0]!
      .matchAll(/^\| ([0-9A-F]{2})h[^|]* \| (\d+) \| ([^|]+) \|/gm),
  ].map(([, offset, size, name]) => ({
    offset: Number.parseInt(offset!, 16),
    size: Number(size),
    name: name!,
  }));

/** The bytes in which two records, or maps, differ. */
const changed = (x: Uint8Array, y: Uint8Array): number[] => [...x.keys()].filter((at) => x[at] !== y[at]);
const bytesOf = ({ offset, size }: Row): number[] => Array.from({ length: size }, (_, n) => offset + n);

const RECORD: NodeRecord = {
  node: 0,
  boot: 0,
  gen: 0,
  term: 0,
  claims: false,
  failing: false,
  lastClaimant: false,
  dead: 0,
  reportedDead: 0,
  admit: 0,
};
const ALL = 0xffff_ffff;
const CHANGES: Readonly<Record<string, Uint8Array>> = {
  node: formatRecord({ ...RECORD, node: 7 }, 0),
  cluster: formatRecord(RECORD, ALL),
  boot: formatRecord({ ...RECORD, boot: ALL }, 0),
  gen: formatRecord({ ...RECORD, gen: ALL }, 0),
  term: formatRecord({ ...RECORD, term: ALL }, 0),
  flags: formatRecord({ ...RECORD, claims: true, failing: true, lastClaimant: true }, 0),
  dead: formatRecord({ ...RECORD, dead: 0xff }, 0),
  reportedDead: formatRecord({ ...RECORD, reportedDead: 0xff }, 0),
  admit: formatRecord({ ...RECORD, admit: 0xff }, 0),
};

describe("hardened", () => {
  const rows = rowsOf("hardened");
  const crc = rows.find(({ name }) => name === "CRC")!;

  test("the rows -> one after the other, to the record's end", () => {
    let end = 0;
    for (const { offset, size } of rows) {
      expect(offset).toBe(end);
      end += size;
    }
    expect(end).toBe(RECORD_BYTES);
  });

  test.each(Object.keys(CHANGES))("%s -> stands where the document has it", (field) => {
    const row = rows.find(({ name }) => name === field)!;
    const differing = changed(formatRecord(RECORD, 0), CHANGES[field]!);
    expect(differing.filter((at) => at < crc.offset)).toEqual(bytesOf(row));
  });

  test("every other row -> magic, version and CRC", () => {
    const others = rows.map(({ name }) => name).filter((name) => !(name in CHANGES));
    expect(others).toEqual(["magic", "version", "CRC"]);
  });

  test("pages used and bytes read, by nodes -> as the code has it", () => {
    const cells = (label: string): number[] =>
      new RegExp(`^\\| ${label}[^|]*\\|(.*)\\|$`, "m").exec(document)![1]!.split("|").map(Number);
    const nodes = cells("nodes");
    expect(nodes).toEqual([2, 3, 4, 5, 6, 7, 8]);
    expect(cells("pages used")).toEqual(nodes.map((count) => recordAddress(count - 1, 1) / 64 + 1));
    expect(cells("bytes read")).toEqual(nodes.map(areaBytes));
  });
});

describe("article", () => {
  const rows = rowsOf("article");
  const map = firstMap(0, 2);
  const differing = (other: typeof map): number[] => changed(formatMap(map), formatMap(other));

  test.each([
    ["PRIMARY", { ...map, primary: 2 }],
    ["RETRY", { ...map, retry: 2 }],
    ["DEAD", { ...map, dead: 1 }],
    ["spare", { ...map, spare: 1 }],
  ])("%s -> stands where the document has it", (name, other) => {
    expect(differing(other)).toEqual(bytesOf(rows.find((row) => row.name === name)!));
  });

  test("rows of counters -> from 04h on, eight bytes a node, two a column", () => {
    const row = rows.at(-1)!;
    expect(row).toEqual({ offset: 4, size: 8, name: "row of node k" });
    for (const k of [0, 1])
      for (const column of [0, 1, 2, 3])
        expect(differing(withCounter(map, k, column, 0x0101))).toEqual(
          [0, 1].map((n) => 4 + 8 * k + 2 * column + n),
        );
    expect([2, 3, 4].map(mapLength)).toEqual([20, 28, 36]);
  });
});

describe("the extension", () => {
  const rows = rowsOf("The extension");
  const numbers = { timeS: ALL, battery: 0xff, health: 0xff, settings: 0xffff, head: 0xffff };
  const full = { ...numbers, sleepS: 0xfffe, sent: new Array<number>(8).fill(0xffff) };
  const fields: Readonly<Record<string, keyof typeof full>> = { sleep_s: "sleepS", time: "timeS" };

  test("the rows -> behind the record, one after the other, to the extension's end", () => {
    let end = RECORD_BYTES;
    for (const { offset, size } of rows) {
      expect(offset).toBe(end);
      end += size;
    }
    expect(end).toBe(RECORD_BYTES + EXTENSION_BYTES);
  });

  test.each(["sleep_s", "time", "battery", "health", "settings", "head", "sent"])(
    "%s -> stands where the document has it",
    (name) => {
      const row = rows.find((each) => each.name === name)!;
      const field = fields[name] ?? (name as keyof typeof full);
      const without = formatRecord({ ...RECORD, extension: UNKNOWN }, 0);
      const differing = changed(
        without,
        formatRecord({ ...RECORD, extension: { ...UNKNOWN, [field]: full[field] } }, 0),
      );
      expect(differing.filter((at) => at < rows.at(-1)!.offset)).toEqual(bytesOf(row));
    },
  );
});
