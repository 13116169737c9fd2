import fc from "fast-check";
import { PairMap } from "../../../simulator/checker/pair-map.ts";

test("any pairs -> the value of each, as in a map of strings; -1 for a pair that has none", () => {
  const small = fc.nat(12);
  fc.assert(
    fc.property(fc.array(fc.tuple(small, small), { maxLength: 300 }), (pairs) => {
      const map = new PairMap();
      const model = new Map<string, number>();
      for (const [first, second] of pairs) {
        const known = model.get(`${first} ${second}`);
        expect(map.get(first, second)).toBe(known ?? -1);
        if (known !== undefined) continue;
        map.add(first, second, model.size);
        model.set(`${first} ${second}`, model.size);
      }
    }),
  );
});

test("so many that it has to grow several times, and numbers as large as may be -> all are still found", () => {
  const map = new PairMap();
  const many = 20_000;
  const pairAt = (n: number) => [(0x7fffffff - 3 * n) >>> 0, Math.imul(n, 0x9e3779b1) >>> 1] as const;
  for (let n = 0; n < many; n++) map.add(...pairAt(n), n);
  const lost: number[] = [];
  for (let n = 0; n < many; n++) if (map.get(...pairAt(n)) !== n) lost.push(n);
  expect(lost).toEqual([]);
});
