/** Records, chips and memories by chance, within what the protocol can meet. */
import fc from "fast-check";
import type { HardenedMemory } from "../../../../simulator/protocol/hardened/memory.ts";
import {
  formatRecord,
  type NodeRecord,
  recordAddress,
} from "../../../../simulator/protocol/hardened/record.ts";
import { blankChip, CLUSTER, PAGE } from "./chips.ts";

const word = fc.nat({ max: 0xffff_ffff });
const mask = fc.nat({ max: 0xff });

/** Any record that has a place on a chip. */
export const anyRecord: fc.Arbitrary<NodeRecord> = fc.record({
  node: fc.nat({ max: 7 }),
  boot: word,
  gen: word,
  term: word,
  claims: fc.boolean(),
  failing: fc.boolean(),
  lastClaimant: fc.boolean(),
  dead: mask,
  reportedDead: mask,
  admit: mask,
});

/** A record of `node` from a small cluster: numbers so small that equal ones are common. */
const closeRecord = (node: number, nodes: number): fc.Arbitrary<NodeRecord> => {
  const some = fc.nat({ max: 2 ** nodes - 1 });
  return fc.record({
    node: fc.constant(node),
    boot: fc.integer({ min: 1, max: 2 }),
    gen: fc.integer({ min: 1, max: 4 }),
    term: fc.nat({ max: 3 }),
    claims: fc.boolean(),
    failing: fc.boolean(),
    lastClaimant: fc.boolean(),
    dead: some,
    reportedDead: some,
    admit: some,
  });
};

/** What may stand in a page that is no record. */
const noRecord: fc.Arbitrary<Uint8Array> = fc.oneof(
  fc.constant(new Uint8Array(28).fill(0xff)),
  fc.constant(new Uint8Array(28).fill(0x5a)),
  fc.uint8Array({ minLength: 28, maxLength: 28 }),
  anyRecord.map((record) => formatRecord(record, CLUSTER + 1)),
  anyRecord.map((record) => formatRecord(record, CLUSTER).map((byte, at) => (at === 2 ? byte + 1 : byte))),
  anyRecord.map((record) => formatRecord({ ...record, node: 9 }, CLUSTER)),
);

/** A chip: on each page a record of its node, or none. */
export function anyChip(nodes: number): fc.Arbitrary<Uint8Array> {
  const pages = Array.from({ length: 2 * nodes }, (_, page) =>
    fc.option(closeRecord(page >> 1, nodes), { nil: undefined }).chain((record) =>
      record === undefined
        ? noRecord.map((bytes) => ({ at: PAGE * page, bytes }))
        : fc.constant({
            at: recordAddress(record.node, record.gen),
            bytes: formatRecord(record, CLUSTER),
          }),
    ),
  );
  return fc.tuple(...pages).map((written) => {
    const chip = blankChip(nodes);
    for (const { at, bytes } of written) chip.set(bytes, at);
    return chip;
  });
}

export const anyChips = (nodes: number, chips: number): fc.Arbitrary<(Uint8Array | undefined)[]> =>
  fc.array(fc.option(anyChip(nodes), { nil: undefined, freq: 5 }), { minLength: chips, maxLength: chips });

export const anyMemory = (nodes: number, chips: number): fc.Arbitrary<HardenedMemory> => {
  const each = <Value>(value: fc.Arbitrary<Value>) => fc.array(value, { minLength: nodes, maxLength: nodes });
  return fc.record({
    gen: fc.nat({ max: 4 }),
    term: fc.nat({ max: 3 }),
    claimAcks: fc.nat({ max: 2 ** chips - 1 }),
    seen: each(
      fc.option(fc.tuple(fc.integer({ min: 1, max: 2 }), fc.integer({ min: 1, max: 4 })), { nil: undefined }),
    ),
    misses: each(fc.nat({ max: 2 })),
    moves: each(fc.nat({ max: 2 })),
    flaps: each(fc.nat({ max: 3 })),
    wakesSinceReadmission: fc.nat({ max: 5 }),
    slept: fc.constantFrom("cold" as const, "period" as const, "settle" as const),
    failures: fc.nat({ max: 2 }),
    holdDownWakes: fc.nat({ max: 3 }),
    joinsToSkip: fc.nat({ max: 3 }),
    tookOverFrom: fc.option(fc.nat({ max: nodes - 1 }), { nil: undefined }),
    announced: fc.boolean(),
    avoid: fc.constantFrom(0 as const, 1 as const, undefined),
    reportedDead: fc.option(fc.nat({ max: 2 ** nodes - 1 }), { nil: undefined }),
    waitedS: fc.constant([]),
    contests: fc.constant(0),
    hasTwin: fc.constant(false),
    quietLooks: fc.constant(undefined),
    forgets: fc.boolean(),
    damaged: fc.array(fc.nat({ max: 4 ** nodes - 1 }), { maxLength: nodes }),
    joinsFailed: fc.nat({ max: 4 }),
  });
};
