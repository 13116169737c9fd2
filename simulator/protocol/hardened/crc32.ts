/** By the low byte: what it changes in the rest. */
const TABLE = Uint32Array.from({ length: 256 }, (_, byte) => {
  let crc = byte;
  for (let bit = 0; bit < 8; bit++) crc = crc & 1 ? (crc >>> 1) ^ 0xedb88320 : crc >>> 1;
  return crc;
});

/**
 * CRC-32 of `length` bytes from index `from` on, as an unsigned 32-bit number. As in ISO 3309 and zlib: reflected
 * polynomial EDB88320h, initial value and final XOR FFFFFFFFh.
 */
export function crc32(bytes: Uint8Array, from = 0, length: number = bytes.length - from): number {
  let crc = 0xffffffff;
  for (let i = from; i < from + length; i++) crc = (crc >>> 8) ^ TABLE[(crc ^ bytes[i]!) & 0xff]!;
  return (crc ^ 0xffffffff) >>> 0;
}
