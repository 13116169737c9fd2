/** Which damage stays in a state's canonical form: what a node with a claim may come to see for the first time. */
import { modelOf } from "../../../simulator/checker/checks.ts";
import type { FaultClass } from "../../../simulator/checker/fault-classes.ts";
import { HardenedCanonical } from "../../../simulator/checker/hardened-canonical.ts";
import { CHIP, CHIP_ABSENT, MODE, NODE } from "../../../simulator/checker/layout.ts";
import type { Model } from "../../../simulator/checker/model.ts";
import { checkOf } from "./support/check.ts";

const DAMAGED = 0x5a;

/** Node 0 has claimed and acted, node 1 stands by, and both are in a full sleep; then these nodes' steps. */
function after(model: Model, nodes: readonly number[]): Int32Array {
  const { layout } = model;
  let state = model.initial();
  const step = (node: number): void => {
    state = model.proceed(state, node)!.next;
  };
  const mode = (node: number) => state[layout.node(node, NODE.mode)];
  while (mode(0) !== MODE.period) step(0);
  while (mode(1) !== MODE.period) step(1);
  nodes.forEach(step);
  return state;
}

interface Case {
  /** Classes that may still come. */
  readonly left?: readonly FaultClass[];
  /** The nodes that take a step before the damage. */
  readonly nodes?: readonly number[];
  /** The chip of which all is damaged. */
  readonly chip?: number;
  readonly absent?: boolean;
}

/** Whether the damaged chip still holds damage in the form. Node 0 is dead: its claim would see it. */
function keepsDamage({ left = [], nodes = [], chip = 0, absent = false }: Case): boolean {
  const model = modelOf(checkOf(["eeprom-noise", ...left], { onceEach: true }));
  const { layout, runs } = model;
  const state = after(model, nodes);
  model.cluster.reset(state, 0, "power-on");
  state[layout.node(0, NODE.mode)] = MODE.off;
  state[layout.faultsLeft]! &= ~1;
  const content = layout.chip(chip, CHIP.content);
  state[content] = runs.content(new Uint8Array(model.cluster.startingChip.length).fill(DAMAGED));
  if (absent) state[layout.chip(chip, CHIP.flags)]! |= CHIP_ABSENT;
  new HardenedCanonical(model, { pagesSwap: true }).canonicalize(state);
  return runs.contents.get(state[content]!).includes(DAMAGED);
}

test.each<[string, Case, boolean]>([
  ["a node without a claim has yet to read: it notes the damage with its claim -> left out", {}, false],
  ["it has read that chip before, and may claim at this wake -> kept", { nodes: [1] }, true],
  ["it has read the other chip before -> left out", { nodes: [1], chip: 1 }, false],
  ["a read may fail, at the wake at which it claims -> kept", { left: ["read-error"] }, true],
  ["the chip may be absent then -> kept", { left: ["eeprom-dislodged"] }, true],
  ["the chip is absent, and may come back -> kept", { absent: true }, true],
  ["writes may fail -> left out", { left: ["write-error"] }, false],
])("%s", (_, one, kept) => {
  expect(keepsDamage(one)).toBe(kept);
});
