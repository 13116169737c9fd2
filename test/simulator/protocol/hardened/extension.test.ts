/** The record's extension: read back as written, and never the reason that a record is none. */
import fc from "fast-check";
import { EXTENSION_BYTES, type Extension } from "../../../../simulator/protocol/hardened/extension.ts";
import {
  formatRecord,
  latestOn,
  RECORD_BYTES,
  recordAddress,
} from "../../../../simulator/protocol/hardened/record.ts";
import { blankChip, CLUSTER, recordOf } from "./chips.ts";

const uint = (bits: number) => fc.nat({ max: 2 ** bits - 1 });
const extension: fc.Arbitrary<Extension> = fc.record({
  // 65,535 is what blank bytes read as.
  sleepS: fc.nat({ max: 86_400 / 2 }),
  timeS: fc.integer({ min: 0, max: 2 ** 32 - 1 }),
  battery: uint(8),
  health: uint(8),
  settings: uint(16),
  head: uint(16),
  sent: fc.array(uint(16), { minLength: 8, maxLength: 8 }),
});
const record = recordOf(1, { gen: 3, term: 2 });

function chipWith(bytes: Uint8Array): Uint8Array {
  const chip = blankChip();
  chip.set(bytes, recordAddress(1, 3));
  return chip;
}

test("any extension -> read back with its record", () => {
  fc.assert(
    fc.property(extension, (each) => {
      const written = { ...record, extension: each };
      expect(latestOn(chipWith(formatRecord(written, CLUSTER)), 1, CLUSTER)).toEqual(written);
    }),
  );
});

test("torn at any byte, or with any bit wrong -> absent, and the record stands", () => {
  fc.assert(
    fc.property(extension, fc.nat({ max: EXTENSION_BYTES - 1 }), fc.nat({ max: 7 }), (each, at, bit) => {
      const bytes = formatRecord({ ...record, extension: each }, CLUSTER);
      const wrong = bytes.with(RECORD_BYTES + at, bytes[RECORD_BYTES + at]! ^ (1 << bit));
      expect(latestOn(chipWith(wrong), 1, CLUSTER)).toEqual(record);
    }),
  );
});

test("of an older record, left behind by firmware that writes none -> absent", () => {
  const chip = chipWith(
    formatRecord({ ...recordOf(1, { gen: 1 }), extension: fc.sample(extension, 1)[0]! }, CLUSTER),
  );
  chip.set(formatRecord(record, CLUSTER), recordAddress(1, 3));
  expect(latestOn(chip, 1, CLUSTER)).toEqual(record);
});
