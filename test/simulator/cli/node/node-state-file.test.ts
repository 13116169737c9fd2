import fc from "fast-check";
import {
  formatKeptNodes,
  type KeptNodes,
  neverOn,
  parseKeptNodes,
  type Setting,
} from "../../../../simulator/cli/node/node-state-file.ts";
import { COLD_START } from "../../../../simulator/protocol/article/wake.ts";
import { COLD } from "../../../../simulator/protocol/hardened/memory.ts";
import { anyMemory } from "../../protocol/hardened/arbitraries.ts";

const HARDENED: Setting = { protocol: "hardened", cluster: "kitchen", nodes: 2, witness: false };

test("any memory of the hardened protocol -> read back as it was, undefined parts too", () => {
  fc.assert(
    fc.property(anyMemory(2, 2), (rtc) => {
      const nodes: KeptNodes = {
        setting: HARDENED,
        kept: [
          { boots: 3, coldStarts: 0, rtc },
          { boots: 0, coldStarts: 0, rtc: undefined },
        ],
      };
      expect(parseKeptNodes(formatKeptNodes(nodes))).toEqual(nodes);
    }),
  );
});

test.each([
  ["never switched on", neverOn({ ...HARDENED, witness: true, nodes: 7 })],
  ["cold", { setting: HARDENED, kept: [COLD, COLD].map((rtc) => ({ boots: 1, coldStarts: 0, rtc })) }],
  [
    "of the published protocol",
    {
      setting: { ...HARDENED, protocol: "article" },
      kept: [COLD_START, { reportedDead: 2, tookOverFrom: 1 }].map((rtc) => ({
        boots: 1,
        coldStarts: 0,
        rtc,
      })),
    },
  ],
] as const)("%s -> read back as it was", (_, nodes) => {
  expect(parseKeptNodes(formatKeptNodes(nodes))).toEqual(nodes);
});

describe("bad content -> where, what was expected, what was found", () => {
  const good = () =>
    JSON.parse(
      formatKeptNodes({
        setting: HARDENED,
        kept: [
          { boots: 1, coldStarts: 0, rtc: COLD },
          { boots: 1, coldStarts: 0, rtc: COLD },
        ],
      }),
    );
  test.each<[string, (file: ReturnType<typeof good>) => unknown, RegExp]>([
    ["a list", () => [], /^the file: expected an object, found \[\]$/],
    [
      "another format",
      (file) => ({ ...file, format: "ha2m nodes 2" }),
      /^format: expected "ha2m nodes 3", found "ha2m nodes 2"$/,
    ],
    ["no format", ({ format: _, ...file }) => file, /^format: expected "ha2m nodes 3", found nothing$/],
    [
      "another protocol",
      (file) => ({ ...file, protocol: "raft" }),
      /^protocol: expected "article" or "hardened", found "raft"$/,
    ],
    [
      "too many nodes",
      (file) => ({ ...file, nodes: 9 }),
      /^nodes: expected a whole number from 2 to 8, found 9$/,
    ],
    ["no name", (file) => ({ ...file, cluster: "" }), /^cluster: expected a cluster id, found ""$/],
    [
      "a node too few",
      (file) => ({ ...file, kept: file.kept.slice(1) }),
      /^kept: expected a list of 2, found \[/,
    ],
    ["something more", (file) => ({ ...file, more: 1 }), /^the file: "more" is not known$/],
    [
      "boots below zero",
      (file) => ({ ...file, kept: [{ boots: -1, rtc: null }, file.kept[1]] }),
      /^kept\[0\]\.boots: expected a whole number from 0 to 4294967295, found -1$/,
    ],
    [
      "part of a memory",
      (file) => ({ ...file, kept: [file.kept[0], { boots: 1, coldStarts: 0, rtc: { gen: 1 } }] }),
      /^kept\[1\]\.rtc\.term: expected a whole number/,
    ],
    [
      "half a mark",
      (file) => ({
        ...file,
        kept: [file.kept[0], { boots: 1, coldStarts: 0, rtc: { ...file.kept[1].rtc, seen: [null, [1]] } }],
      }),
      /^kept\[1\]\.rtc\.seen\[1\]: expected a list of 2, found \[1\]$/,
    ],
    [
      "a memory of the other protocol",
      (file) => ({ ...file, protocol: "article" }),
      /^kept\[0\]\.rtc: "gen" is not known$/,
    ],
  ])("%s", (_, change, expected) => {
    expect(() => parseKeptNodes(JSON.stringify(change(good())))).toThrow(expected);
  });
});
