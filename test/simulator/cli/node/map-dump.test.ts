import { dumpMap, nodesOfMap } from "../../../../simulator/cli/node/map-dump.ts";
import { blankEepromImage } from "../../../../simulator/hardware/eeprom-image.ts";
import { firstMap, formatMap } from "../../../../simulator/protocol/article/map.ts";
import { recordingTerminal } from "../recording-terminal.ts";

function dumped(memory: Uint8Array, nodes = 2): string[] {
  const { terminal, printed } = recordingTerminal();
  dumpMap(terminal, memory, nodes);
  return printed().trimEnd().split("\n");
}

/** A chip with the first map, and bytes at an address. */
function chip(nodes: number, at = 0, bytes: readonly number[] = []): Uint8Array {
  const memory = blankEepromImage();
  memory.set(formatMap(firstMap(0, nodes)));
  memory.set(bytes, at);
  return memory;
}

test("the first map on a chip -> five lines in words, and how many bytes are blank", () => {
  expect(dumped(chip(2))).toEqual([
    "  0000  01                    PRIMARY  node 0",
    "  0001  00                    RETRY    nobody",
    "  0002  02                    DEAD     node 1 (never admitted)",
    "  0003  00                    spare",
    "  0004  0000 0000 0000 0000   node 0 counts 0; node 1 last seen at 0",
    "  000c  0000 0000 0000 0000   node 1 counts 0; node 0 last seen at 0",
    "  the other 32748 bytes are FFh",
  ]);
});

test("a chip as delivered -> two lines", () => {
  expect(dumped(blankEepromImage())).toEqual(["  blank: no map yet", "  the other 32748 bytes are FFh"]);
});

test("zeros all over -> the lines that repeat are named by their end, and no byte is said to be FFh", () => {
  const lines = dumped(new Uint8Array(32_768));
  expect(lines.slice(-4)).toEqual([
    "  000c  0000 0000 0000 0000   node 1 counts 0; node 0 last seen at 0",
    `  0014 ${" 00".repeat(12)}`,
    `  0020 ${" 00".repeat(16)}`,
    "  *     the same up to 7fff",
  ]);
  expect(lines.join("\n")).not.toMatch(/FFh/);
});

test("the same line before and after blank ones, and two different ones -> each shown", () => {
  const zeros = Array<number>(16).fill(0);
  const memory = chip(2, 0x40, [...zeros, ...zeros, ...zeros, 1]);
  memory.set(zeros, 0x100);
  expect(dumped(memory).slice(6)).toEqual([
    `  0040 ${" 00".repeat(16)}`,
    "  *     the same up to 006f",
    `  0070  01${" ff".repeat(15)}`,
    `  0100 ${" 00".repeat(16)}`,
    "  the other 32668 bytes are FFh",
  ]);
});

test("bits beyond the cluster -> named without those of its nodes", () => {
  const lines = dumped(chip(2, 0, [0x0e, 0x03, 0x80]));
  expect(lines.slice(0, 3)).toEqual([
    "  0000  0e                    PRIMARY  node 1, and bits of no node: 0ch",
    "  0001  03                    RETRY    node 0, node 1",
    "  0002  80                    DEAD     nobody, and bits of no node: 80h",
  ]);
});

test.each([2, 3, 4])(
  "the map of %d nodes -> known by its rows, and said where it is read as another",
  (nodes) => {
    expect(nodesOfMap(chip(nodes))).toBe(nodes);
    for (const read of [2, 3, 4]) {
      const said = `  the map has rows for ${nodes} nodes, and is read as one of ${read}: see --nodes`;
      expect(dumped(chip(nodes), read).includes(said)).toBe(read !== nodes);
    }
  },
);

test("no map, or less than two rows -> of no known size", () => {
  expect(nodesOfMap(blankEepromImage())).toBeUndefined();
  const torn = blankEepromImage();
  torn.set([1, 0, 2, 0, 0]);
  expect(nodesOfMap(torn)).toBeUndefined();
});
