/** Nodes of one cluster whose firmware is not of one version. */
import { UNKNOWN } from "../../../../simulator/protocol/hardened/extension.ts";
import { HARDENED } from "../../../../simulator/protocol/hardened/hardened.ts";
import {
  formatRecord,
  latestOn,
  RECORD_VERSION,
  recordAddress,
  withVersion,
} from "../../../../simulator/protocol/hardened/record.ts";
import { contextOf, cycleOf } from "../../../../simulator/protocol/hardened/versions.ts";
import { blankChip, CLUSTER, look, memoryOf, recordOf } from "./chips.ts";

const claim = recordOf(1, { gen: 5, term: 7, claims: true });

test("a record of a later version -> read as it stands, its extension too", () => {
  const record = { ...claim, extension: { ...UNKNOWN, sleepS: 300 } };
  const bytes = withVersion(formatRecord(record, CLUSTER), RECORD_VERSION + 1);
  expect(bytes[2]).toBe(RECORD_VERSION + 1);
  const chip = blankChip(2);
  chip.set(bytes, recordAddress(1, 5));
  expect(latestOn(chip, 1, CLUSTER)).toEqual(record);
});

test("a later version whose checksum was not made anew -> no record", () => {
  const bytes = formatRecord(claim, CLUSTER);
  bytes[2] = RECORD_VERSION + 1;
  const chip = blankChip(2);
  chip.set(bytes, recordAddress(1, 5));
  expect(latestOn(chip, 1, CLUSTER)).toBeUndefined();
});

test("a claim in a record of a later version, which moves -> is not overruled", () => {
  const memory = memoryOf({ gen: 4, term: 7, seen: [undefined, [1, 4]], misses: [0, 1] });
  expect(look({ records: [recordOf(0, { gen: 4, term: 7 }), claim], memory })).toMatchObject({
    role: "standby",
    why: "another-claims",
  });
});

test.each([
  ["older", [[28, RECORD_VERSION]]],
  ["current", [[60, RECORD_VERSION]]],
  ["later", [[60, RECORD_VERSION + 1]]],
] as const)("%s firmware -> writes records of so many bytes, of that version", (firmware, expected) => {
  const context = contextOf({ self: 0, nodes: 2, chips: 2, cluster: "kitchen", sleepS: 900 }, firmware);
  const start = { cause: "power-on", boot: 1, coldStarts: 1 } as const;
  const cycle = cycleOf(HARDENED.wake(context, HARDENED.cold, start), firmware);
  const written = new Map<number, number>();
  let step = cycle.next();
  while (!step.done) {
    const effect = step.value;
    if (effect.do === "write") written.set(effect.bytes.length, effect.bytes[2]!);
    step = cycle.next(effect.do === "read" ? blankChip(2) : effect.do === "write" ? true : undefined);
  }
  expect([...written]).toEqual(expected);
});
