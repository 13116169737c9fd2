/** The checker's content of damaged pages. */

/** Bytes that pass no CRC: 5Ah throughout. */
export const garbage = (length: number): Uint8Array => new Uint8Array(length).fill(0x5a);
