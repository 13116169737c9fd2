import { Engine } from "../../../simulator/engine/engine.ts";
import { after, type Instant, seconds } from "../../../simulator/engine/time.ts";
import { addressOf } from "../../../simulator/node/board.ts";
import { Rig } from "../../../simulator/scenario/rig.ts";
import type { ClusterSetup } from "../../../simulator/scenario/scenario.ts";
import { clusterSetup } from "./cluster-setup.ts";

const BYTES = Uint8Array.of(1, 2, 3, 4);

/** A rig, and a clock that it shares. */
class Bench {
  readonly engine = new Engine();
  readonly rig: Rig;

  constructor(setup?: Partial<ClusterSetup>, seed = 1) {
    this.rig = new Rig(this.engine, clusterSetup(setup), seed);
  }

  on(...nodes: number[]): this {
    for (const node of nodes) this.rig.powerOn(node);
    return this;
  }

  /** What comes of a write of four bytes by a node to a chip; a second passes first. */
  async write(node: number, chip: number): Promise<string> {
    await this.engine.run(after(this.engine.now, seconds(1)));
    const task = this.rig.driver(node).writePage(this.engine.now, addressOf(chip), 0, BYTES);
    for (let now: Instant = this.engine.now, step = task.next(now); ; step = task.next(now)) {
      if (step.done) return step.value.ok ? "ok" : step.value.error;
      now = after(now, step.value);
      await this.engine.run(now);
    }
  }

  /** All of node × chip: `00 01 10 11`. */
  async writes(): Promise<string[]> {
    const found: string[] = [];
    for (const node of [0, 1]) for (const chip of [0, 1]) found.push(await this.write(node, chip));
    return found;
  }
}
const ALL_OK = ["ok", "ok", "ok", "ok"];

describe("power", () => {
  test("both nodes have it -> each reaches each chip", async () => {
    expect(await new Bench().on(0, 1).writes()).toEqual(ALL_OK);
  });

  test("nobody has it -> no chip answers", async () => {
    expect(await new Bench().write(0, 0)).toBe("absent");
  });

  test.each([
    ["shared", ["ok", "ok"]],
    ["own", ["ok", "absent"]],
  ] as const)(
    "only node 0 has it, EEPROMs with %s power -> chips 0 and 1: %p",
    async (eepromPower, expected) => {
      const bench = new Bench({ eepromPower }).on(0);
      expect([await bench.write(0, 0), await bench.write(0, 1)]).toEqual(expected);
      expect([bench.rig.powered(0), bench.rig.powered(1)]).toEqual([true, false]);
    },
  );

  test.each([
    ["external", "stuck", "ok"],
    ["internal", "stuck", "scl-stuck"],
    ["internal", "no-ack", "absent"],
  ] as const)(
    "a node without it, %s pull-ups, %s -> the other node: %s",
    async (pullUps, unpowered, expected) => {
      const bench = new Bench({ pullUps, unpowered }).on(0, 1);
      bench.rig.powerOff(1, "addressed-bytes");
      expect(await bench.write(0, 0)).toBe(expected);
      bench.rig.powerOn(1);
      expect(await bench.write(0, 0)).toBe("ok");
    },
  );

  test.each([
    ["addressed-bytes", 4],
    ["whole-page", 64],
  ] as const)("goes in tWR, %s -> the first %p bytes are torn", (torn, length) => {
    const { engine, rig } = new Bench({ eepromPower: "own" }).on(0, 1);
    // Its STOP comes 162 µs after START.
    rig.bus.write(engine.now, 0x50, Uint8Array.of(0, 0, ...BYTES));
    return engine.run(2_000 as Instant).then(() => {
      rig.powerOff(0, torn);
      const changed = rig
        .chip(0)
        .memory.subarray(length)
        .findIndex((byte) => byte !== 0xff);
      expect(changed).toBe(-1);
      expect(rig.chip(0).memory.subarray(0, 4)).not.toEqual(BYTES);
      expect(rig.chip(0).memory.subarray(length - 3, length)).not.toEqual(Uint8Array.of(255, 255, 255));
    });
  });

  test("what it leaves undefined -> as the seed has it", async () => {
    const torn = async (seed: number) => {
      const { engine, rig } = new Bench({ eepromPower: "own" }, seed).on(0, 1);
      rig.bus.write(engine.now, 0x50, Uint8Array.of(0, 0, ...BYTES));
      await engine.run(2_000 as Instant);
      rig.powerOff(0, "whole-page");
      return [...rig.chip(0).memory.subarray(0, 64)];
    };
    expect(await torn(1)).toEqual(await torn(1));
    expect(await torn(1)).not.toEqual(await torn(2));
  });
});

describe("a chip", () => {
  test("dislodged twice -> back when both are over", async () => {
    const bench = new Bench().on(0, 1);
    const heals = [bench.rig.dislodge(1), bench.rig.dislodge(1)];
    expect(await bench.writes()).toEqual(["ok", "absent", "ok", "absent"]);
    heals[1]!();
    expect(await bench.write(0, 1)).toBe("absent");
    heals[0]!();
    expect(await bench.writes()).toEqual(ALL_OK);
  });

  test("replaced -> blank, or with its image, under the same address", async () => {
    const bench = new Bench().on(0, 1);
    await bench.write(0, 1);
    bench.rig.replaceChip(1);
    expect(bench.rig.chip(1).memory.every((byte) => byte === 0xff)).toBe(true);
    bench.rig.replaceChip(1, new Uint8Array(32_768).fill(7));
    expect(bench.rig.chip(1).memory[100]).toBe(7);
    expect(await bench.write(0, 1)).toBe("ok");
  });

  test("replaced while it is out of its socket -> the new one does not answer either", async () => {
    const bench = new Bench().on(0, 1);
    const back = bench.rig.dislodge(1);
    bench.rig.replaceChip(1);
    expect(await bench.write(0, 1)).toBe("absent");
    back();
    expect(await bench.write(0, 1)).toBe("ok");
  });

  test("the witness -> reached by all, its power is anyone's", async () => {
    const bench = new Bench({ witness: true, eepromPower: "own" }).on(0, 1);
    expect(bench.rig.chips).toBe(3);
    bench.rig.powerOff(0, "addressed-bytes");
    expect(await bench.write(1, 2)).toBe("ok");
    const mend = bench.rig.cutWire(1);
    expect(await bench.write(1, 2)).toBe("absent");
    mend();
    expect(await bench.write(1, 2)).toBe("ok");
  });
});

describe("a wire that is cut", () => {
  test("-> each node reaches its own chip alone; mended -> all of them", async () => {
    const bench = new Bench().on(0, 1);
    const mend = bench.rig.cutWire(1);
    expect(await bench.writes()).toEqual(["ok", "absent", "absent", "ok"]);
    mend();
    expect(await bench.writes()).toEqual(ALL_OK);
  });

  test("SDA held on the shared bus -> the part that is cut off does not see it", async () => {
    const bench = new Bench().on(0, 1);
    bench.rig.cutWire(1);
    bench.rig.bus.lines.pullLow(bench.engine.now, "sda", "test");
    expect([await bench.write(0, 0), await bench.write(1, 1)]).toEqual(["sda-stuck", "ok"]);
  });

  test("the node behind it loses power -> it clamps its own part, not the other's", async () => {
    const bench = new Bench({ pullUps: "internal" }).on(0, 1);
    const mend = bench.rig.cutWire(1);
    bench.rig.powerOff(1, "addressed-bytes");
    expect(await bench.write(0, 0)).toBe("ok");
    mend();
    expect(await bench.write(0, 0)).toBe("scl-stuck");
  });
});

test("pull-ups lost -> on the shared bus and on a part that is cut off, and back", async () => {
  const bench = new Bench().on(0, 1);
  bench.rig.cutWire(1);
  const mend = bench.rig.losePullUps("no-ack");
  expect([await bench.write(0, 0), await bench.write(1, 1)]).toEqual(["absent", "absent"]);
  mend();
  mend();
  expect([await bench.write(0, 0), await bench.write(1, 1)]).toEqual(["ok", "ok"]);
});

test("a node or a chip that there is not -> refused, with its number", () => {
  const { rig } = new Bench();
  expect(() => rig.powerOn(2)).toThrow("node 2, of 2");
  expect(() => rig.chip(2)).toThrow("chip 2, of 2");
});
