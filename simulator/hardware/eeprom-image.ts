/**
 * EEPROM images: the plain 32,768 bytes of a chip, byte n of the file being the chip's word address n. Pure: reading and
 * writing files is the caller's.
 */

/** Size of an AT24C256. */
export const EEPROM_BYTES = 32_768;
/** Erased and delivered state of every byte. */
export const BLANK_BYTE = 0xff;

/** An image that is none; the message says where, what was found and what to do. */
export class EepromImageError extends Error {
  override readonly name = "EepromImageError";
}

/** The contents of a chip as delivered: all FFh. */
export const blankEepromImage = (): Uint8Array => new Uint8Array(EEPROM_BYTES).fill(BLANK_BYTE);

/**
 * Takes the bytes of a file for the contents of a chip.
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
 * The file for the contents of a chip: a copy of its memory.
 * @throws EepromImageError when that is not 32,768 bytes long, so that no file is written which cannot be read back.
 */
export const serializeEepromImage = (memory: Uint8Array): Uint8Array =>
  parseEepromImage(memory, "memory to be saved");
