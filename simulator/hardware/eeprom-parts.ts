/**
 * The AT24C family, as far as parts fit the same socket and take word addresses of two bytes: AT24C32 and AT24C64
 * (Microchip DS20006284), AT24C128 and AT24C256 (DS20006042), AT24C512 (DS20006221). They differ in size and in the length of a
 * page. A word address beyond the end of the chip is taken without its upper bits, so that the chip repeats itself there.
 */

/** Size of a chip, and of the page that one write fills at most, in bytes. */
export interface EepromPart {
  readonly bytes: number;
  readonly pageBytes: number;
}

/** By part number. */
export const EEPROM_PARTS = {
  AT24C32: { bytes: 4_096, pageBytes: 32 },
  AT24C64: { bytes: 8_192, pageBytes: 32 },
  AT24C128: { bytes: 16_384, pageBytes: 64 },
  AT24C256: { bytes: 32_768, pageBytes: 64 },
  AT24C512: { bytes: 65_536, pageBytes: 128 },
} as const satisfies Readonly<Record<string, EepromPart>>;

/** A part number: `AT24C256`, … */
export type EepromPartName = keyof typeof EEPROM_PARTS;
/** All of them, the smallest first. */
export const EEPROM_PART_NAMES = Object.keys(EEPROM_PARTS) as EepromPartName[];
