/**
 * Searches with every order of steps, and with those that the reduction leaves, and prints what came of both as JSON. For a
 * process of its own: within jest it takes several times as long.
 */
import { type Check, modelOf } from "../../../../simulator/checker/checks.ts";
import { type Explorable, explore } from "../../../../simulator/checker/explore.ts";
import { FAULT_CLASS_NAMES, type FaultClass } from "../../../../simulator/checker/fault-classes.ts";
import { HardenedCanonical } from "../../../../simulator/checker/hardened-canonical.ts";
import { MODE, NODE } from "../../../../simulator/checker/layout.ts";
import type { Model } from "../../../../simulator/checker/model.ts";
import { PartialOrderReduction } from "../../../../simulator/checker/partial-order-reduction.ts";
import { checkOf } from "../support/check.ts";

export interface Compared {
  readonly states: { readonly all: number; readonly reduced: number };
  readonly exhausted: { readonly all: boolean; readonly reduced: boolean };
  readonly atRest: { readonly all: number; readonly reduced: number };
  /** A state at rest that the reduced search has not come to. */
  readonly missing: string | undefined;
}

/** A class with more states is given up, unless `HA2M_ALL_REDUCTIONS=1`: all of them take a quarter of an hour. */
const STATES_MAX = process.env.HA2M_ALL_REDUCTIONS === "1" ? Number.POSITIVE_INFINITY : 150_000;

/** Every state in which nobody is awake, all in all, and whether a law was broken. */
function search(model: Model, explorable: Explorable) {
  const { layout } = model;
  const canonical = new HardenedCanonical(model, { pagesSwap: true });
  const atRest = new Set<string>();
  const { states, exhausted } = explore(explorable, {
    statesMax: STATES_MAX,
    canonicalize: (state) => canonical.canonicalize(state),
    check: (state) => {
      for (let node = 0; node < layout.nodes; node++)
        if (state[layout.node(node, NODE.mode)] === MODE.awake) return undefined;
      // Numbers of contents and memories are those of one model.
      atRest.add(described(model, state));
      return undefined;
    },
  });
  return { atRest, states, exhausted };
}

function described({ layout, runs }: Model, state: Int32Array): string {
  const parts: unknown[] = [
    state[layout.faultsLeft],
    state[layout.crashesLeft],
    state[layout.actedTerm],
    state[layout.actor],
  ];
  for (let chip = 0; chip < layout.chips; chip++)
    parts.push(
      state[layout.chip(chip, 0)],
      Buffer.from(runs.contents.get(state[layout.chip(chip, 1)]!)).toString("hex"),
    );
  for (let node = 0; node < layout.nodes; node++) {
    const mode = state[layout.node(node, NODE.mode)];
    for (const field of [NODE.mode, NODE.blockedBy, NODE.boot, NODE.cause, NODE.flags])
      parts.push(state[layout.node(node, field)]);
    const asleep = mode === MODE.period || mode === MODE.settle;
    parts.push(asleep ? runs.memories.get(state[layout.node(node, NODE.ref)]!) : undefined);
  }
  return JSON.stringify(parts);
}

/** Of each both faults come. The first lost states: what noise had damaged was left out too early in some orders. */
const PAIRS: readonly (readonly FaultClass[])[] = [
  ["eeprom-noise", "node-dies"],
  ["read-error", "node-dies"],
  ["freeze", "node-dies"],
];

const cases: readonly [string, Check][] = [
  ["nothing", checkOf([])],
  ["two resets", checkOf([], { crashes: 2 })],
  ...FAULT_CLASS_NAMES.map((name): [string, Check] => [name, checkOf([name])]),
  ["a witness chip", checkOf([], { witness: true })],
  ...PAIRS.map((pair): [string, Check] => [pair.join(" + "), checkOf(pair, { onceEach: true })]),
];

function compared(check: Check): Compared {
  const [full, less] = [modelOf(check), modelOf(check)];
  const all = search(full, full);
  const reduced = all.states < STATES_MAX ? search(less, new PartialOrderReduction(less)) : all;
  return {
    states: { all: all.states, reduced: reduced.states },
    exhausted: { all: all.exhausted, reduced: reduced.exhausted },
    atRest: { all: all.atRest.size, reduced: reduced.atRest.size },
    missing: all.exhausted ? [...all.atRest].find((state) => !reduced.atRest.has(state)) : undefined,
  };
}

process.stdout.write(
  JSON.stringify(Object.fromEntries(cases.map(([name, check]) => [name, compared(check)]))),
);
