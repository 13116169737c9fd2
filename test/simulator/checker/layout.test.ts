import fc from "fast-check";
import { CHIP, Layout, MODE, NODE } from "../../../simulator/checker/layout.ts";

const LAYOUT = new Layout(3, 4, true);

/** Any state that has room, and some that are packed between. */
const anyState = fc
  .record({
    counts: fc.tuple(...[3, 3, 255, 0xffff >> 2, 15].map((max) => fc.nat({ max }))),
    chips: fc.array(fc.tuple(fc.nat({ max: 127 }), fc.nat({ max: 2 ** 24 - 1 })), {
      minLength: 4,
      maxLength: 4,
    }),
    nodes: fc.array(
      fc.record({
        mode: fc.constantFrom(...Object.values(MODE)),
        blockedBy: fc.nat({ max: 7 }),
        boot: fc.nat({ max: 0xffff }),
        ref: fc.nat({ max: 2 ** 31 - 1 }),
        cause: fc.nat({ max: 2 }),
        flags: fc.nat({ max: 3 }),
        lag: fc.nat({ max: 0xfff }),
      }),
      { minLength: 3, maxLength: 3 },
    ),
  })
  .map(({ counts, chips, nodes }) => {
    const state = new Int32Array(LAYOUT.width);
    state.set(counts);
    for (const [chip, [flags, content]] of chips.entries()) {
      state[LAYOUT.chip(chip, CHIP.flags)] = flags;
      state[LAYOUT.chip(chip, CHIP.content)] = content;
    }
    for (const [node, fields] of nodes.entries())
      for (const [name, value] of Object.entries(fields))
        state[LAYOUT.node(node, NODE[name as keyof typeof NODE])] = value;
    return state;
  });

test("states packed and unpacked, one after another -> each is as it was", () => {
  fc.assert(
    fc.property(fc.array(anyState, { minLength: 1, maxLength: 3 }), (states) => {
      for (const state of states) {
        const packed = new Int32Array(LAYOUT.packedWidth);
        const unpacked = new Int32Array(LAYOUT.width);
        LAYOUT.pack(state, packed);
        LAYOUT.unpack(packed, unpacked);
        expect([...unpacked]).toEqual([...state]);
      }
    }),
  );
});

test("a number that has no room -> refused, not cut", () => {
  const state = new Int32Array(LAYOUT.width);
  state[LAYOUT.chip(1, CHIP.content)] = 2 ** 24;
  expect(() => LAYOUT.pack(state, new Int32Array(LAYOUT.packedWidth))).toThrow(/16777216 has no room/);
});
