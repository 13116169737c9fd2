import fc from "fast-check";
import { arbitrate, type Defeat } from "../../../simulator/hardware/i2c-arbitration.ts";
import type { Request } from "../../../simulator/hardware/i2c-request.ts";

const write = (address7: number, ...out: number[]): Request => ({
  address7,
  out: Uint8Array.from(out),
  into: undefined,
});
const read = (address7: number, length: number): Request => ({
  address7,
  out: undefined,
  into: new Uint8Array(length),
});
const writeRead = (address7: number, out: readonly number[], length: number): Request => ({
  address7,
  out: Uint8Array.from(out),
  into: new Uint8Array(length),
});

// UM10204, section 3.1.8; FACTS.md, "I²C".
describe("who wins", () => {
  test.each([
    // 0x50 is 1010000, 0x51 is 1010001: the seventh bit differs, the eighth clock with START.
    ["0x50 beats 0x51", write(0x50, 1), write(0x51, 1), 0, 8],
    ["write beats read", write(0x50, 1), read(0x50, 1), 0, 9],
    ["write and read beats read", writeRead(0x50, [0, 0], 1), read(0x50, 1), 0, 9],
    ["data: first 0 wins", write(0x50, 0x12, 0x7f), write(0x50, 0x12, 0x80), 2, 1 + 18 + 1],
    ["data: last bit", write(0x50, 0x10), write(0x50, 0x11), 1, 1 + 9 + 8],
    // The shorter read sends NACK where the longer one sends ACK.
    ["longer read beats shorter", read(0x50, 3), read(0x50, 2), 2, 1 + 18 + 9],
    ["and so after a repeated START", writeRead(0x50, [0, 0], 2), writeRead(0x50, [0, 0], 1), 4, 29 + 9 + 9],
  ])("%s -> the other loses at the bit that differs", (_, winner, loser, byte, clocks) => {
    const defeat: Defeat = { error: "arbitration-lost", byte, clocks };
    expect(arbitrate([winner, loser])).toEqual([undefined, defeat]);
    expect(arbitrate([loser, winner])).toEqual([defeat, undefined]);
  });

  test.each([
    ["write", write(0x50, 0, 0, 7), write(0x50, 0, 0, 7)],
    ["ACK poll", write(0x50), write(0x50)],
    ["read", read(0x50, 4), read(0x50, 4)],
    ["write and read", writeRead(0x50, [0, 0], 4), writeRead(0x50, [0, 0], 4)],
  ])("same %s by both -> neither notices", (_, x, y) => {
    expect(arbitrate([x, y])).toEqual([undefined, undefined]);
  });

  test.each([
    ["repeated START against a data bit", writeRead(0x50, [0, 0], 1), write(0x50, 0, 0, 7), 3, 29],
    ["STOP against a data bit", write(0x50, 0, 0), write(0x50, 0, 0, 7), 3, 29],
    ["ACK poll against a write", write(0x50), write(0x50, 0, 0), 1, 11],
    ["repeated START against STOP", writeRead(0x50, [0, 0], 1), write(0x50, 0, 0), 3, 29],
  ])("%s -> undefined, for both", (_, x, y, byte, clocks) => {
    const defeat: Defeat = { error: "arbitration-undefined", byte, clocks };
    expect(arbitrate([x, y])).toEqual([defeat, defeat]);
    expect(arbitrate([y, x])).toEqual([defeat, defeat]);
  });

  test("third master beats two that would have met the undefined case -> they lose before", () => {
    const [x, y, z] = [write(0x51), write(0x51, 0), write(0x50, 1)];
    expect(arbitrate([x, y, z]).map((defeat) => defeat?.error)).toEqual([
      "arbitration-lost",
      "arbitration-lost",
      undefined,
    ]);
  });
});

type Symbol = 0 | 1 | "Sr" | "P";

/** The reference: every request as the plain list of what its master puts on SDA, clock by clock. */
function symbols({ address7, out, into }: Request): Symbol[] {
  const bits = (byte: number): Symbol[] =>
    Array.from({ length: 8 }, (_, n) => ((byte >> (7 - n)) & 1) as Symbol).concat(1);
  const sent: Symbol[] = [];
  if (out !== undefined) {
    sent.push(...bits(address7 * 2));
    for (const byte of out) sent.push(...bits(byte));
    if (into !== undefined) sent.push("Sr");
  }
  if (into !== undefined) {
    sent.push(...bits(address7 * 2 + 1));
    for (let n = 1; n <= into.length; n++) sent.push(...bits(0xff).slice(0, 8), n === into.length ? 1 : 0);
  }
  return [...sent, "P"];
}

/** Wired AND, one symbol at a time. */
function simulate(requests: readonly Request[]): (Pick<Defeat, "error" | "clocks"> | undefined)[] {
  const lists = requests.map(symbols);
  const result: (Pick<Defeat, "error" | "clocks"> | undefined)[] = requests.map(() => undefined);
  let on = requests.map((_, n) => n);
  for (let clock = 0; ; clock++) {
    const now = on.map((n) => lists[n]![clock]!);
    if (now.every((symbol) => symbol === "P")) return result;
    if (new Set(now).size === 1) continue;
    if (now.some((symbol) => typeof symbol === "string")) {
      for (const n of on) result[n] = { error: "arbitration-undefined", clocks: clock + 2 };
      return result;
    }
    for (const n of on)
      if (lists[n]![clock] === 1) result[n] = { error: "arbitration-lost", clocks: clock + 2 };
    on = on.filter((n) => lists[n]![clock] === 0);
  }
}

// Few values, so that requests have much in common.
const byte = fc.constantFrom(0x00, 0x01, 0x80, 0xff);
const request: fc.Arbitrary<Request> = fc
  .record({
    address7: fc.constantFrom(0x50, 0x51),
    out: fc.option(fc.array(byte, { maxLength: 3 }), { nil: undefined }),
    length: fc.integer({ min: 0, max: 3 }),
  })
  .map(({ address7, out, length }) => ({
    address7,
    out: out === undefined ? (length === 0 ? new Uint8Array(0) : undefined) : Uint8Array.from(out),
    into: length === 0 ? undefined : new Uint8Array(length),
  }));

test("any masters -> as a wired AND of single bits has it, in whatever order they are named", () => {
  const met = new Set<string>();
  fc.assert(
    fc.property(fc.array(request, { minLength: 1, maxLength: 4 }), (requests) => {
      const defeats = arbitrate(requests);
      const told = defeats.map((each) => each && { error: each.error, clocks: each.clocks });
      expect(told).toEqual(simulate(requests));
      expect(arbitrate([...requests].reverse())).toEqual([...defeats].reverse());
      for (const each of told) met.add(each?.error ?? "goes on");
    }),
    { numRuns: 2_000 },
  );
  expect([...met].sort()).toEqual(["arbitration-lost", "arbitration-undefined", "goes on"]);
});
