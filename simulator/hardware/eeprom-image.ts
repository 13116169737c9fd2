/**
 * EEPROM images: the 32,768 bytes of a chip; byte n of the file is word address n of the chip. The caller reads and
 * writes the files.
 */

/** Size of an AT24C256, in bytes. */
export const EEPROM_BYTES = 32_768;
/** State of every byte of a chip as delivered. */
export const BLANK_BYTE = 0xff;

/** Bytes that are no image. The message says where, what was found, and what to do. */
export class EepromImageError extends Error {
  override readonly name = "EepromImageError";
}

/** The contents of a chip as delivered: all FFh. */
export const blankEepromImage = (): Uint8Array => new Uint8Array(EEPROM_BYTES).fill(BLANK_BYTE);

/**
 * The contents of a chip, from the bytes of a file.
 * @param where the file's name, for the message.
 * @returns a copy.
 * @throws EepromImageError when there are not exactly 32,768 bytes.
 */
export function parseEepromImage(bytes: Uint8Array, where: string): Uint8Array {
  if (bytes.length === EEPROM_BYTES) return Uint8Array.from(bytes);
  throw new EepromImageError(
    `${where}: ${bytes.length} bytes, but an AT24C256 image has exactly ${EEPROM_BYTES}; ` +
      "give a whole image, or remove the file to start from a blank chip",
  );
}

/**
 * The bytes of a file, from the contents of a chip: a copy.
 * @throws EepromImageError when they are not 32,768, so that no file is written that cannot be read back.
 */
export const serializeEepromImage = (memory: Uint8Array): Uint8Array =>
  parseEepromImage(memory, "memory to be saved");
