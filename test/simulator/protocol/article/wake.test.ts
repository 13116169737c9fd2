import { firstMap, formatMap, parseMap, withCounter } from "../../../../simulator/protocol/article/map.ts";
import {
  type ArticleMemory,
  articleResetNode,
  articleWake,
  COLD_START,
} from "../../../../simulator/protocol/article/wake.ts";
import type { Cycle, Decision, Effect, Reply } from "../../../../simulator/protocol/effects.ts";

/** Chips as plain bytes; a chip set to undefined does not answer. The network does what `online` says. */
class Bench {
  chips: (Uint8Array | undefined)[];
  online = true;
  readonly log: string[] = [];
  decision: Decision | undefined;

  constructor(nodes: number) {
    this.chips = Array.from({ length: nodes }, () => new Uint8Array(64).fill(0xff));
  }

  run<Result>(cycle: Cycle<Result>): Result {
    let step = cycle.next();
    while (!step.done) step = cycle.next(this.#reply(step.value));
    return step.value;
  }

  wake(self: number, memory: ArticleMemory = COLD_START): ArticleMemory {
    return this.run(articleWake(self, this.chips.length, memory)).memory;
  }

  map(chip = 0) {
    return parseMap(this.chips[chip]!.slice(0, 4 + 8 * this.chips.length), this.chips.length);
  }

  #reply(effect: Effect): Reply {
    if (effect.do === "report") this.log.push(`${effect.report.type} ${effect.report.subject}`);
    else this.log.push(effect.do);
    switch (effect.do) {
      case "read":
        return this.chips[effect.chip]?.slice(effect.address, effect.address + effect.length);
      case "write":
        this.chips[effect.chip]?.set(effect.bytes, effect.address);
        return this.chips[effect.chip] !== undefined;
      case "decide":
        this.decision = effect.decision;
        return undefined;
      default:
        return this.online;
    }
  }
}

const admitted = (): Bench => {
  const bench = new Bench(2);
  bench.wake(0);
  bench.run(articleResetNode(1, 2, 1));
  bench.log.length = 0;
  return bench;
};

test("blank chips -> formats both, is primary, publishes and counts; the other is dead", () => {
  const bench = new Bench(2);
  bench.wake(0);
  const expected = withCounter(firstMap(0, 2), 0, 0, 1);
  expect(bench.map(0)).toEqual(expected);
  expect(bench.map(1)).toEqual(expected);
  expect(bench.decision).toMatchObject({ role: "primary", formatted: true });
});

test("never admitted -> does nothing: reads, and writes no byte", () => {
  const bench = new Bench(2);
  bench.wake(0);
  bench.log.length = 0;
  bench.wake(1);
  expect(bench.log).toEqual(["raise-busy", "read", "lower-busy", "decide"]);
});

test("reset_node(1) -> DEAD cleared on every chip", () => {
  const bench = admitted();
  expect([bench.map(0).dead, bench.map(1).dead]).toEqual([0, 0]);
});

test("reset_node on blank or absent chips -> nothing done, with the reason", () => {
  const bench = new Bench(2);
  expect(bench.run(articleResetNode(0, 2, 1))).toEqual({ done: false, why: "blank" });
  bench.chips = [undefined, undefined];
  expect(bench.run(articleResetNode(0, 2, 1))).toEqual({ done: false, why: "no-chip-readable" });
});

test("the primary stops -> suspected at one check, taken over at the next, reported, and reported again at every wake", () => {
  const bench = admitted();
  let memory = bench.wake(1);
  expect(bench.decision?.changes).toEqual([]);
  memory = bench.wake(1, memory);
  expect(bench.decision?.changes).toEqual([{ kind: "suspected", node: 0 }]);
  bench.log.length = 0;
  memory = bench.wake(1, memory);
  expect(bench.decision).toMatchObject({
    role: "primary",
    changes: [{ kind: "expelled" }, { kind: "took-over", node: 0 }],
  });
  expect(bench.log.filter((entry) => !/busy|read|write$/.test(entry))).toEqual([
    "decide",
    "connect",
    "node_dead 0",
  ]);
  bench.log.length = 0;
  bench.wake(1, memory);
  expect(bench.log).toContain("node_dead 0");
});

test("a dead node is admitted again -> reported once", () => {
  const bench = admitted();
  let memory = bench.wake(1);
  memory = bench.wake(1, memory);
  memory = bench.wake(1, memory);
  bench.run(articleResetNode(0, 2, 0));
  bench.log.length = 0;
  memory = bench.wake(1, memory);
  expect(bench.log).toContain("node_admitted 0");
  bench.log.length = 0;
  bench.wake(1, memory);
  expect(bench.log).not.toContain("node_admitted 0");
});

test("the network is away -> the primary does not count, so that the standby will notice", () => {
  const bench = admitted();
  bench.online = false;
  const before = bench.map().counters[0]?.[0];
  const memory = bench.wake(0);
  expect(bench.map().counters[0]?.[0]).toBe(before);
  expect(memory).toEqual(COLD_START);
});

test("own chip does not answer -> the map is read from another", () => {
  const bench = admitted();
  bench.chips[1] = undefined;
  bench.wake(1);
  expect(bench.decision).toMatchObject({ unwritable: [1], changes: [{ kind: "expelled", node: 1 }] });
});

test("the primary's chip cannot be written -> its owner is marked dead on the other, and the standby takes over", () => {
  const bench = admitted();
  bench.chips[0] = undefined;
  bench.wake(1);
  expect(bench.map(1)).toMatchObject({ dead: 1, primary: 2 });
  expect(bench.decision).toMatchObject({ role: "primary", unwritable: [0] });
});

test("no chip answers -> does nothing and says so", () => {
  const bench = new Bench(2);
  bench.chips = [undefined, undefined];
  bench.wake(0);
  expect(bench.decision).toMatchObject({ role: "unknown", why: "no-chip-readable" });
});

test("maps differ after a torn update -> the own chip's is believed", () => {
  const bench = admitted();
  bench.chips[0]!.set(formatMap({ ...bench.map(), dead: 2 }));
  bench.wake(1);
  expect(bench.decision?.role).toBe("standby");
  expect(bench.map(0).dead).toBe(0);
});
