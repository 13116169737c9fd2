import {
  blankEepromImage,
  EepromImageError,
  parseEepromImage,
  serializeEepromImage,
} from "../../../simulator/hardware/eeprom-image.ts";

test("blank -> 32,768 bytes of FFh", () => {
  expect(blankEepromImage()).toHaveLength(32_768);
  expect(blankEepromImage().every((byte) => byte === 0xff)).toBe(true);
});

test("serialised, then parsed -> the same bytes, and a copy at each step", () => {
  const memory = Uint8Array.from({ length: 32_768 }, (_, i) => (i * 7) & 0xff);
  const file = serializeEepromImage(memory);
  const back = parseEepromImage(file, "chip0.bin");
  expect(back).toEqual(memory);
  file[0] = 0xee;
  expect([memory[0], back[0]]).toEqual([0, 0]);
});

test("a Buffer, as files are read -> a plain array of bytes", () => {
  const parsed = parseEepromImage(Buffer.alloc(32_768, 1), "chip0.bin");
  expect(Buffer.isBuffer(parsed)).toBe(false);
  expect(parsed[32_767]).toBe(1);
});

test.each([0, 32_767, 32_769, 65_536])(
  "%i bytes -> error names file, size found, size expected, what to do",
  (size) => {
    const parse = (): Uint8Array => parseEepromImage(new Uint8Array(size), "shed/chip1.bin");
    expect(parse).toThrow(EepromImageError);
    expect(parse).toThrow(
      `shed/chip1.bin: ${size} bytes, but an AT24C256 image has exactly 32768; give a whole image, or remove the file to start from a blank chip`,
    );
  },
);
