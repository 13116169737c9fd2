import { step } from "../../node/small-world.ts";
import { awakeMs, type Cases, HEALED, onBus, readings, STRUCK, wakes } from "./case.ts";

/** Faults of a node: its power, its program and its clocks. */
export const NODE_CASES = {
  "power-cut": {
    fault: { kind: "power-cut", node: 0, torn: "addressed-bytes" },
    effect: "off at once, and no wake",
    struck: (world) => {
      expect(world.minutesOf("powered-off", 0)).toEqual([STRUCK]);
      expect(wakes(world, 0)).toEqual([]);
    },
    healed: (world) => expect(world.minutesOf("powered-on", 0)).toEqual([0, HEALED]),
  },
  "battery-low": {
    fault: { kind: "battery-low", node: 0, percent: 0.1 },
    effect: "browns out when it transmits, again and again, until the pack is flat",
    struck: (world) => {
      expect(world.of("reset", 0).map(({ cause }) => cause)).toContain("brown-out");
      expect(world.node(0).state).toBe("off");
      expect(world.of("battery-flat", 0)).toHaveLength(1);
    },
  },
  reset: {
    fault: { kind: "reset", node: 0, cause: "soft" },
    effect: "wakes at once, and for that reason",
    struck: (world) => {
      expect(world.of("reset", 0).map(({ cause }) => cause)).toEqual(["soft"]);
      expect(world.traced("node-0", "wake")).toContainEqual({
        minute: expect.closeTo(STRUCK + 0.65 / 60, 4),
        detail: "soft",
      });
    },
  },
  "memory-lost": {
    fault: { kind: "memory-lost", node: 0 },
    effect: "each wake is a cold start",
    struck: (world) => {
      expect(world.node(0).flash.boots).toBe(1 + wakes(world, 0).length);
      expect(wakes(world, 0)).not.toEqual([]);
    },
    healed: (world) => expect(world.node(0).flash.boots).toBeLessThan(1 + wakes(world, 0).length),
  },
  hang: {
    fault: { kind: "hang", node: 0 },
    effect: "awake from its next wake on, and does nothing",
    struck: (world) => {
      expect(world.minutesOf("hung", 0)).toEqual([expect.closeTo(15, 0)]);
      expect(world.node(0).state).toBe("hung");
      expect(wakes(world, 0)).toEqual([]);
    },
  },
  freeze: {
    fault: { kind: "freeze", node: 0 },
    effect: "awake at once, and does nothing",
    struck: (world) => {
      expect(world.minutesOf("frozen", 0)).toEqual([STRUCK]);
      expect(world.node(0).state).toBe("frozen");
      expect(wakes(world, 0)).toEqual([]);
    },
  },
  "never-wakes": {
    fault: { kind: "never-wakes", node: 0 },
    effect: "asleep for good",
    struck: (world) => {
      expect(world.minutesOf("never-wakes", 0)).toEqual([STRUCK]);
      expect(world.node(0).state).toBe("comatose");
      expect(wakes(world, 0)).toEqual([]);
    },
  },
  oversleep: {
    fault: { kind: "oversleep", node: 0, by_s: 300 },
    effect: "so much late, once",
    struck: (world) => expect(wakes(world, 0)).toEqual([expect.closeTo(15.1 + 5, 1)]),
  },
  stall: {
    fault: { kind: "stall", node: 0 },
    // Amid its way to the broker.
    beside: [step(STRUCK - 3 / 60, { kind: "press-reset", node: 0 })],
    effect: "awake, and gets no further",
    struck: (world) => {
      expect(world.node(0).state).toBe("awake");
      expect(readings(world, 0)).toEqual([]);
    },
    healed: (world) => expect(readings(world, 0)[0]).toBeCloseTo(HEALED, 0),
  },
  "sleeps-on": {
    fault: { kind: "sleeps-on", node: 0 },
    effect: "asleep for as long as it lasts, and then awake at once",
    struck: (world) => expect(wakes(world, 0)).toEqual([]),
    healed: (world) =>
      expect(wakes(world, 0)).toEqual([HEALED, HEALED + 15.1].map((at) => expect.closeTo(at, 1))),
  },
  "early-wake": {
    fault: { kind: "early-wake", node: 0 },
    effect: "awake at once, and again a sleep later",
    struck: (world) => expect(wakes(world, 0)).toEqual([expect.closeTo(STRUCK, 1)]),
  },
  "stale-memory": {
    fault: { kind: "stale-memory", node: 0, held_s: 60 },
    effect: "held in reset for as long, and then awake as from deep sleep",
    struck: (world) =>
      expect(world.traced("node-0", "wake").slice(1)).toEqual([
        { minute: expect.closeTo(STRUCK + 1, 1), detail: "" },
      ]),
  },
  "wake-together": {
    fault: { kind: "wake-together", node: 1, with: 0 },
    effect: "wakes on the very instant of the other",
    struck: (world) => expect(wakes(world, 1)[0]).toBe(wakes(world, 0)[0]),
  },
  "timer-drift": {
    fault: { kind: "timer-drift", node: 0, percent: -20 },
    effect: "sleeps so much too short",
    // The sleep that it was in is not changed, those that begin under it are.
    struck: (world) => expect(wakes(world, 0)).toEqual([expect.closeTo(15.1, 1)]),
    healed: (world) =>
      expect(wakes(world, 0)).toEqual([15.1, 27.2, 42.2].map((minute) => expect.closeTo(minute, 0.5))),
  },
  "impatient-driver": {
    fault: { kind: "impatient-driver", node: 1 },
    effect: "is not on the bus for the 10 ms of two write cycles",
    struck: (world) => {
      expect(awakeMs(world, 1, STRUCK)).toEqual([expect.closeTo(651.6, 1)]);
    },
    healed: (world) => expect(awakeMs(world, 1, HEALED)).toEqual([expect.closeTo(661.6, 1)]),
  },
  "straddling-records": {
    fault: { kind: "straddling-records", address: 56 },
    effect: "the first bytes of the record are overwritten by its last ones, at the start of the page",
    struck: (world) => {
      const records = onBus(world, 0, "write", /0x50@0038 [0-9a-f]{40}$/);
      expect(records).toHaveLength(1);
      // Eight bytes up to the end of the page; the other twelve begin it.
      const written = records[0]!.split(" ")[1]!;
      expect(Buffer.from(world.bytes(0, 12)).toString("hex")).toBe(written.slice(16));
    },
  },
} satisfies Cases;
