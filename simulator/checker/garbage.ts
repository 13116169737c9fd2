/** What stands on a chip where something was damaged. */

/** Bytes that pass no CRC: 5Ah throughout. */
export const garbage = (length: number): Uint8Array => new Uint8Array(length).fill(0x5a);
