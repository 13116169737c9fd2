/** The PNG encoder, against the format, and the line that it draws. */
import { crc32, inflateSync } from "node:zlib";
import { pictureOf } from "../../../../../lambda/send_cluster_mail/core/mail/picture.ts";
import { Bitmap } from "../../../../../lambda/send_cluster_mail/core/mail/png.ts";

/** Chunks by type, each with its data. */
function chunksOf(png: Uint8Array): Map<string, { readonly data: Buffer; readonly crc: number }> {
  const bytes = Buffer.from(png);
  const chunks = new Map<string, { readonly data: Buffer; readonly crc: number }>();
  for (let at = 8; at < bytes.length; ) {
    const length = bytes.readUInt32BE(at);
    chunks.set(bytes.toString("latin1", at + 4, at + 8), {
      data: bytes.subarray(at + 8, at + 8 + length),
      crc: bytes.readUInt32BE(at + 8 + length),
    });
    at += 12 + length;
  }
  return chunks;
}

test("two pixels of a bitmap of 10 by 3 -> their bits, in rows of two bytes behind a filter byte", () => {
  const bitmap = new Bitmap(10, 3);
  for (const [x, y] of [
    [0, 0],
    [9, 2],
    [10, 0],
    [-1, 1],
    [0, 3],
  ] as const)
    bitmap.set(x, y);
  const png = bitmap.toPng([1, 2, 3]);
  const chunks = chunksOf(png);
  expect([...chunks.keys()]).toEqual(["IHDR", "PLTE", "tRNS", "IDAT", "IEND"]);
  expect([...inflateSync(chunks.get("IDAT")!.data)]).toEqual([0, 0x80, 0, 0, 0, 0, 0, 0, 0x40]);
  expect([...chunks.get("PLTE")!.data]).toEqual([255, 255, 255, 1, 2, 3]);
});

test("every chunk of a picture -> the CRC that zlib computes of its type and data", () => {
  const samples = [0, 1, 2, 3].map((i) => ({ atMs: i * 1_000, temperatureC: i }));
  const span = { title: "", fromMs: 0, untilMs: 3_000, columns: 4, column: "", tickMs: 1_500, ticks: "" };
  const { png } = pictureOf(samples, span)!;
  for (const [type, { data, crc }] of chunksOf(png))
    expect(crc).toBe(crc32(Buffer.concat([Buffer.from(type), data])));
  expect(Buffer.from(png).toString("latin1").slice(0, 8)).toBe("\u0089PNG\r\n\u001a\n");
});

/** Of each column the topmost pixel that is set, ticks apart; undefined: none. */
function lineOf(png: Uint8Array): (number | undefined)[] {
  const rows = inflateSync(chunksOf(png).get("IDAT")!.data);
  const isSet = (x: number, y: number) => (rows[y * 25 + 1 + (x >> 3)]! & (0x80 >> (x & 7))) !== 0;
  return Array.from({ length: 192 }, (_, x) =>
    Array.from({ length: 44 }, (_, y) => y).find((y) => isSet(x, y)),
  );
}

test("a temperature that rises through the span -> a line from the bottom left to the top right", () => {
  const samples = [0, 1, 2, 3].map((i) => ({ atMs: i * 1_000, temperatureC: 20 + i }));
  const span = { title: "", fromMs: 0, untilMs: 3_000, columns: 4, column: "", tickMs: 1_500, ticks: "" };
  const line = lineOf(pictureOf(samples, span)!.png);
  expect([line[0], line.at(-1)]).toEqual([40, 2]);
  expect(line).toEqual([...line].sort((x, y) => y! - x!));
});

test("an hour without readings in the middle of three -> no line there", () => {
  const samples = Array.from({ length: 36 }, (_, i) => ({ atMs: i * 300_000, temperatureC: 5 })).filter(
    (_, i) => i < 12 || i >= 24,
  );
  const span = { title: "", fromMs: 0, untilMs: 10_500_000, columns: 3, column: "", tickMs: 1e9, ticks: "" };
  const line = lineOf(pictureOf(samples, span)!.png);
  expect(
    line
      .map((y) => (y === undefined ? " " : "-"))
      .join("")
      .replace(/(.)\1*/g, "$1"),
  ).toBe("- -");
});
