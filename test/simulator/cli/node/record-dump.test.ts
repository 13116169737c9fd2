import { dumpRecords } from "../../../../simulator/cli/node/record-dump.ts";
import { blankEepromImage } from "../../../../simulator/hardware/eeprom-image.ts";
import {
  clusterTag,
  formatRecord,
  type NodeRecord,
  recordAddress,
} from "../../../../simulator/protocol/hardened/record.ts";
import { recordingTerminal } from "../recording-terminal.ts";

const SETTING = { protocol: "hardened", cluster: "kitchen", nodes: 2, witness: false } as const;
const KITCHEN = clusterTag("kitchen");

const record = (node: number, over: Partial<NodeRecord> = {}): NodeRecord => ({
  node,
  boot: 1,
  gen: 2,
  term: 3,
  claims: false,
  failing: false,
  lastClaimant: false,
  dead: 0,
  reportedDead: 0,
  admit: 0,
  ...over,
});

/** The lines of a chip that `fill` has written to. */
function dumped(fill: (chip: Uint8Array) => void): string[] {
  const chip = blankEepromImage();
  fill(chip);
  const { terminal, printed } = recordingTerminal();
  dumpRecords(terminal, chip, SETTING);
  return printed().trimEnd().split("\n");
}

const put = (chip: Uint8Array, node: number, gen: number, bytes: Uint8Array): void =>
  chip.set(bytes, recordAddress(node, gen));

test("a chip as delivered -> four blank places, and how many other bytes are FFh", () => {
  expect(dumped(() => undefined)).toEqual([
    "  0000  node 0  blank",
    "  0040  node 0  blank",
    "  0080  node 1  blank",
    "  00c0  node 1  blank",
    "  the other 32656 bytes are FFh",
  ]);
});

test("records -> by page, in words and in bytes", () => {
  const lines = dumped((chip) => {
    put(
      chip,
      0,
      2,
      formatRecord(record(0, { claims: true, lastClaimant: true, dead: 2, reportedDead: 2 }), KITCHEN),
    );
    put(
      chip,
      1,
      3,
      formatRecord(record(1, { gen: 3, failing: true, lastClaimant: true, admit: 1 }), KITCHEN),
    );
  });
  expect(lines).toEqual([
    "  0000  node 0  valid    boot 1, gen 2, term 3; claims",
    expect.stringMatching(/^ {8}4832 0100 [0-9a-f]{4} [0-9a-f]{4} 0000 0001 0000 0002 0000 0003 /),
    "        dead: node 1; reported dead: node 1",
    "  0040  node 0  blank",
    "  0080  node 1  blank",
    "  00c0  node 1  valid    boot 1, gen 3, term 3",
    expect.stringMatching(/^ {8}4832 0101 /),
    "        last to claim; could not publish; to admit: node 0",
    "  the other 32656 bytes are FFh",
  ]);
  for (const line of lines) expect(line.length).toBeLessThan(80);
});

test("what is no record of ours -> its state, and why", () => {
  const lines = dumped((chip) => {
    put(chip, 0, 0, formatRecord(record(0), clusterTag("cellar")));
    put(chip, 0, 1, formatRecord(record(0), KITCHEN).with(2, 9));
    put(chip, 1, 0, formatRecord(record(0), KITCHEN));
    put(chip, 1, 1, formatRecord(record(1), KITCHEN).with(27, 0));
    put(chip, 2, 0, new Uint8Array(28));
  });
  expect(lines.filter((line) => line.includes("node"))).toEqual([
    `  0000  node 0  foreign  cluster tag ${clusterTag("cellar").toString(16)}; that of "kitchen" is ${KITCHEN.toString(16)}`,
    "  0040  node 0  damaged  its CRC is wrong",
    "  0080  node 1  damaged  a record of node 0, in the wrong place",
    "  00c0  node 1  damaged  its CRC is wrong",
    "  0100  node 2 (no such node)  damaged  no magic 4832",
  ]);
});

test("bytes outside of the records -> shown, those of records not once more", () => {
  const lines = dumped((chip) => {
    put(chip, 0, 0, formatRecord(record(0), KITCHEN));
    chip.set([1, 2, 3], 28);
    chip[0x1000] = 7;
  });
  expect(lines.slice(5)).toEqual([
    `  0010 ${" ··".repeat(12)} 01 02 03 ff`,
    `  1000  07${" ff".repeat(15)}`,
    "  the other 32636 bytes are FFh",
  ]);
});
