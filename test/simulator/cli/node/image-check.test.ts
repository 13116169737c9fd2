import { misfitOf } from "../../../../simulator/cli/node/image-check.ts";
import type { Setting } from "../../../../simulator/cli/node/node-state-file.ts";
import { blankEepromImage } from "../../../../simulator/hardware/eeprom-image.ts";
import { ARTICLE } from "../../../../simulator/protocol/article/article.ts";
import {
  clusterTag,
  formatRecord,
  type NodeRecord,
  recordAddress,
} from "../../../../simulator/protocol/hardened/record.ts";

const HARDENED: Setting = { protocol: "hardened", cluster: "kitchen", nodes: 2, witness: false };
const PUBLISHED: Setting = { ...HARDENED, protocol: "article" };

/** A chip that holds these bytes, and nothing else. */
function chipWith(...parts: (readonly [at: number, bytes: ArrayLike<number>])[]): Uint8Array {
  const memory = blankEepromImage();
  for (const [at, bytes] of parts) memory.set(bytes, at);
  return memory;
}

function recordOf(node: number, cluster = "kitchen"): readonly [number, Uint8Array] {
  const record: NodeRecord = {
    node,
    boot: 1,
    gen: 1,
    term: 1,
    claims: false,
    failing: false,
    lastClaimant: false,
    dead: 0,
    reportedDead: 0,
    admit: 0,
  };
  return [recordAddress(node, 1), formatRecord(record, clusterTag(cluster))];
}

const map = (nodes: number): readonly [number, Uint8Array] => [
  0,
  ARTICLE.runningChip({ nodes, chips: nodes, cluster: "kitchen" }, new Array<number>(nodes).fill(1)),
];
const NOISE = [0x12, 0x34, 0x56];

test.each<[string, Setting, Uint8Array]>([
  ["blank, hardened", HARDENED, chipWith()],
  ["blank, article", PUBLISHED, chipWith()],
  ["records", HARDENED, chipWith(recordOf(0), recordOf(1))],
  ["records, and one that is damaged", HARDENED, chipWith(recordOf(0), [0x80, NOISE])],
  ["records, and what a torn page has beside them", HARDENED, chipWith(recordOf(0), [0x60, NOISE])],
  ["a map", PUBLISHED, chipWith(map(2))],
])("%s -> fits", (_, setting, memory) => {
  expect(misfitOf(memory, setting)).toBeUndefined();
});

test.each<[string, Setting, Uint8Array, string]>([
  [
    "noise where records are",
    HARDENED,
    chipWith([0x80, NOISE]),
    "at 0080 12 34 56 ff ff ff ff ff …, which is not a record; there is none anywhere",
  ],
  [
    "noise elsewhere, and no record",
    HARDENED,
    chipWith([0x1000, NOISE]),
    "at 1000 12 34 56 ff ff ff ff ff …, which is not a record; there is none anywhere",
  ],
  [
    "noise up to the last byte",
    HARDENED,
    chipWith([0x7ffe, [1, 2]]),
    "at 7ffe 01 02 …, which is not a record; there is none anywhere",
  ],
  [
    "noise beyond where a map is",
    PUBLISHED,
    chipWith([0x1000, NOISE]),
    "at 1000 12 34 56 ff ff ff ff ff …, which is not a map of two nodes or more",
  ],
  [
    "a map, and noise behind it",
    PUBLISHED,
    chipWith(map(2), [0x1000, NOISE]),
    "at 1000 12 34 56 ff ff ff ff ff …, where the map has ended: not a map",
  ],
])("%s -> where, and what", (_, setting, memory, found) => {
  expect(misfitOf(memory, setting)).toEqual({ found });
});

test.each<[string, Setting, Uint8Array, RegExp, string]>([
  [
    "another cluster's",
    HARDENED,
    chipWith(recordOf(0), recordOf(1, "cellar")),
    /another cluster/,
    "--cluster NAME",
  ],
  [
    "a larger cluster's",
    HARDENED,
    chipWith(recordOf(0), recordOf(4)),
    /at 0240 a record of node 4/,
    "--nodes 5",
  ],
  ["the published protocol's", HARDENED, chipWith(map(4)), /map of 4 nodes/, "--protocol article"],
  [
    "the hardened protocol's, of whichever cluster",
    PUBLISHED,
    chipWith(recordOf(1, "cellar")),
    /at 00c0 a record of the hardened protocol/,
    "--protocol hardened",
  ],
  ["a larger cluster's map", PUBLISHED, chipWith(map(3)), /the map of 3 nodes, not of 2/, "--nodes 3"],
])("%s -> what, and the option that takes it", (_, setting, memory, found, option) => {
  expect(misfitOf(memory, setting)).toEqual({ found: expect.stringMatching(found), option });
});
