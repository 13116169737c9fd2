/**
 * A drawing in two colours as a PNG (W3C PNG, third edition): 1 bit a pixel, a palette of which the first colour is
 * transparent, no filter, no interlace.
 */
import { deflateSync } from "node:zlib";

const SIGNATURE = Uint8Array.of(0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a);
/** IHDR: bits a sample, colour type "indexed", compression, filter, interlace. */
const FORM = Uint8Array.of(1, 3, 0, 0, 0);

/** CRC of ISO 3309 (PNG, annex D), over a chunk's type and data. */
function crc32(bytes: Uint8Array): number {
  let crc = 0xffffffff;
  for (const byte of bytes) {
    crc ^= byte;
    for (let bit = 0; bit < 8; bit++) crc = (crc >>> 1) ^ (crc & 1 ? 0xedb88320 : 0);
  }
  return (crc ^ 0xffffffff) >>> 0;
}

const uint32 = (value: number): Uint8Array =>
  Uint8Array.of(value >>> 24, (value >>> 16) & 255, (value >>> 8) & 255, value & 255);

function chunk(type: string, ...data: readonly Uint8Array[]): Buffer {
  const body = Buffer.concat([Buffer.from(type, "latin1"), ...data]);
  return Buffer.concat([uint32(body.length - 4), body, uint32(crc32(body))]);
}

/** An image of `width` by `height` pixels, each clear or set. */
export class Bitmap {
  readonly width: number;
  readonly height: number;
  readonly #rowBytes: number;
  /** Each row begins with the number of its filter, 0. */
  readonly #rows: Uint8Array;

  constructor(width: number, height: number) {
    this.width = width;
    this.height = height;
    this.#rowBytes = 1 + Math.ceil(width / 8);
    this.#rows = new Uint8Array(this.#rowBytes * height);
  }

  /** Sets a pixel; (0, 0) is at the top left. What lies outside is left out. */
  set(x: number, y: number): void {
    if (x < 0 || x >= this.width || y < 0 || y >= this.height) return;
    this.#rows[y * this.#rowBytes + 1 + (x >> 3)]! |= 0x80 >> (x & 7);
  }

  /** @param colour of what is set: red, green, blue, 0 to 255 each */
  toPng(colour: readonly [number, number, number]): Uint8Array {
    return Buffer.concat([
      SIGNATURE,
      chunk("IHDR", uint32(this.width), uint32(this.height), FORM),
      chunk("PLTE", Uint8Array.of(255, 255, 255, ...colour)),
      chunk("tRNS", Uint8Array.of(0)),
      chunk("IDAT", deflateSync(this.#rows, { level: 9 })),
      chunk("IEND"),
    ]);
  }
}
