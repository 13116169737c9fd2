import { crc32 as zlibCrc32 } from "node:zlib";
import fc from "fast-check";
import { crc32 } from "../../../../simulator/protocol/hardened/crc32.ts";

test("the check value of ISO 3309: 123456789 -> CBF43926h", () => {
  expect(crc32(Buffer.from("123456789"))).toBe(0xcbf43926);
});

test("nothing -> 0", () => {
  expect(crc32(new Uint8Array(0))).toBe(0);
  expect(crc32(Uint8Array.of(1, 2, 3), 2, 0)).toBe(0);
});

test("any bytes -> what zlib computes", () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 300 }), (bytes) => {
      expect(crc32(bytes)).toBe(zlibCrc32(bytes));
    }),
  );
});

test("from and length -> those bytes alone", () => {
  fc.assert(
    fc.property(
      fc.uint8Array({ maxLength: 40 }),
      fc.uint8Array({ maxLength: 40 }),
      fc.uint8Array({ maxLength: 40 }),
      (before, bytes, after) => {
        const all = Uint8Array.of(...before, ...bytes, ...after);
        expect(crc32(all, before.length, bytes.length)).toBe(zlibCrc32(bytes));
        expect(crc32(all, before.length)).toBe(zlibCrc32(Uint8Array.of(...bytes, ...after)));
      },
    ),
  );
});
