/** The text of a file that some other program wrote. */

/** `encoding` is named where it is not UTF-8, so that a person can tell why letters look odd. */
export interface DecodedText {
  readonly text: string;
  readonly encoding: "UTF-8" | "UTF-16" | "Windows-1252";
}

/** So many bytes tell UTF-16 without a byte order mark: every second one of plain text is 0. */
const SAMPLE_BYTES = 64;
const ZIP = "PK\u0003\u0004";

/** The file is no text; the message says what it is instead, and what to do. */
export class NoTextError extends Error {
  override readonly name = "NoTextError";
}

/**
 * UTF-8, with or without a byte order mark; UTF-16 in either order of bytes; else Windows-1252, in which Excel writes "°".
 * @throws NoTextError
 */
export function decodeText(bytes: Uint8Array): DecodedText {
  if (bytes.length >= ZIP.length && ZIP === String.fromCharCode(...bytes.subarray(0, ZIP.length)))
    throw new NoTextError(
      "this is a spreadsheet or another ZIP archive, not text: save it as CSV in the program that made it",
    );
  const utf16 = utf16Of(bytes);
  if (utf16 !== undefined) return { text: new TextDecoder(utf16).decode(bytes), encoding: "UTF-16" };
  if (bytes.includes(0)) throw new NoTextError("this is not text: it contains zero bytes");
  try {
    return { text: new TextDecoder("utf-8", { fatal: true }).decode(bytes), encoding: "UTF-8" };
  } catch {
    return { text: new TextDecoder("windows-1252").decode(bytes), encoding: "Windows-1252" };
  }
}

function utf16Of(bytes: Uint8Array): "utf-16le" | "utf-16be" | undefined {
  const [first, second] = bytes;
  if (first === 0xff && second === 0xfe) return "utf-16le";
  if (first === 0xfe && second === 0xff) return "utf-16be";
  const sample = bytes.subarray(0, Math.min(SAMPLE_BYTES, bytes.length & ~1));
  const zerosAt = (offset: 0 | 1) => sample.every((byte, i) => i % 2 !== offset || byte === 0);
  if (sample.length === 0) return undefined;
  if (zerosAt(1) && !zerosAt(0)) return "utf-16le";
  return zerosAt(0) && !zerosAt(1) ? "utf-16be" : undefined;
}
