/**
 * Every kind of fault strikes a cluster that is well, and has an effect that can be seen; lasting ones heal. Node 0, the
 * primary, wakes at 0 and then some 5 s later than every 15 minutes; node 1 at 7.5, 22.5, … minutes.
 */
import { FAULT_NAMES, FAULTS, type FaultName, type FaultOf } from "../../../simulator/scenario/faults.ts";
import type { Step } from "../../../simulator/scenario/scenario.ts";
import { fault, RUNNING, SmallWorld, step } from "../node/small-world.ts";

/** Struck at minute 10, and healed at minute 25 where it is lasting. */
const STRUCK = 10;
const LASTS = 15;
const HEALED = STRUCK + LASTS;
/** By then each node has woken once under it, which nobody is expelled for; then, once since it healed. */
const SEEN = 24;
const OVER = 44;

interface Case<Name extends FaultName> {
  readonly fault: FaultOf<Name>;
  /** What else happens, or what makes it visible. */
  readonly beside?: readonly Step[];
  /** At minute 24. */
  readonly effect: string;
  readonly struck: (world: SmallWorld) => void;
  /** At minute 44, for lasting faults. */
  readonly healed?: (world: SmallWorld) => void;
}

const within = (minutes: readonly number[], from: number, to: number): number[] =>
  minutes.filter((minute) => minute > from && minute <= to);
/** Minutes of wakes since the strike, or since it healed. */
const wakes = (world: SmallWorld, node: number, from = STRUCK, to = OVER): number[] =>
  within(
    world.traced(`node-${node}`, "wake").map(({ minute }) => minute),
    from,
    to,
  );
const readings = (world: SmallWorld, node: number, from = STRUCK): number[] =>
  within(
    world
      .of("published", node)
      .filter(({ channel }) => channel === "reading")
      .map(({ at }) => Math.round(at / 1_000) / 60_000),
    from,
    OVER,
  );
/** The details of a node's reads or writes since a minute that match. */
const onBus = (
  world: SmallWorld,
  node: number,
  event: "read" | "write",
  what: RegExp,
  from = STRUCK,
): string[] =>
  world
    .traced(`node-${node}`, event)
    .filter(({ minute, detail }) => minute > from && what.test(detail))
    .map(({ detail }) => detail);
const rolesSince = (world: SmallWorld, node: number, from: number): string[] =>
  world
    .traced(`node-${node}`, "decided")
    .filter(({ minute }) => minute > from)
    .map(({ detail }) => detail);

const refusedAs = (why: string) => (world: SmallWorld) => {
  expect(world.of("connect-failed", 0).map((event) => event.why)).toEqual([why]);
  expect(readings(world, 0)).toEqual([]);
};
const publishesAgain = (world: SmallWorld) => expect(readings(world, 0, HEALED)).toHaveLength(1);
const sensorFails = (why: string) => (world: SmallWorld) => {
  expect(world.of("sensor-failed", 0).map((event) => event.why)).toEqual([why]);
  expect(readings(world, 0)).toEqual([]);
};
const absentChip1 = (world: SmallWorld) =>
  expect(onBus(world, 0, "write", /0x51/)).toEqual(expect.arrayContaining(["0x51@0000 absent"]));
const writesChip1Again = (world: SmallWorld) => {
  expect(onBus(world, 0, "write", /0x51@0000 [0-9a-f]{40}$/, HEALED)).not.toEqual([]);
  expect(onBus(world, 0, "write", /0x51.*(absent|timeout|stuck)/, HEALED)).toEqual([]);
};
const readsFail = (why: RegExp) => (world: SmallWorld) => {
  for (const node of [0, 1]) {
    expect(onBus(world, node, "read", why)).not.toEqual([]);
    expect(rolesSince(world, node, STRUCK)).toEqual(["unknown no-chip-readable"]);
  }
};
const bothReadAgain = (world: SmallWorld) => {
  for (const node of [0, 1]) expect(rolesSince(world, node, HEALED)[0]).toMatch(/checked/);
};

const CASES: { readonly [Name in FaultName]: Case<Name> } = {
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
  "sda-held": {
    fault: { kind: "sda-held" },
    effect: "no chip can be read, and clocks do not help",
    struck: readsFail(/sda-stuck bus-recovery sda-stuck/),
    healed: bothReadAgain,
  },
  "scl-held": {
    fault: { kind: "scl-held" },
    effect: "no chip can be read",
    struck: readsFail(/scl-stuck$/),
    healed: bothReadAgain,
  },
  "pull-ups-lost": {
    fault: { kind: "pull-ups-lost", unlifted: "no-ack" },
    effect: "no chip answers",
    struck: readsFail(/absent$/),
    healed: bothReadAgain,
  },
  "wire-cut": {
    fault: { kind: "wire-cut", node: 1 },
    effect: "each side reaches its own chip alone, and both are primary",
    struck: (world) => {
      expect(onBus(world, 0, "write", /0x51@0000 absent/)).not.toEqual([]);
      expect(onBus(world, 1, "write", /0x50@0000 absent/)).not.toEqual([]);
      expect(onBus(world, 1, "write", /0x51@0000 [0-9a-f]{40}/)).not.toEqual([]);
      expect(world.score.primaries).toEqual([0, 1]);
    },
    healed: (world) => {
      writesChip1Again(world);
      expect(onBus(world, 1, "write", /0x50.*absent/, HEALED)).toEqual([]);
    },
  },
  "busy-line-stuck": {
    fault: { kind: "busy-line-stuck" },
    effect: "both wait for it",
    struck: (world) => {
      for (const node of [0, 1]) {
        expect(world.traced(`node-${node}`, "busy-waiting")).toHaveLength(1);
        expect(rolesSince(world, node, STRUCK)).toEqual([]);
      }
    },
    healed: (world) => {
      for (const node of [0, 1]) expect(rolesSince(world, node, HEALED)).not.toEqual([]);
    },
  },
  "busy-wire-cut": {
    fault: { kind: "busy-wire-cut", node: 1 },
    beside: [fault(5, { kind: "busy-line-stuck" })],
    effect: "does not see that the line is high",
    struck: (world) => expect(rolesSince(world, 1, STRUCK)).toHaveLength(1),
    healed: (world) => {
      expect(rolesSince(world, 1, HEALED)).toEqual([]);
      expect(world.node(1).state).toBe("awake");
    },
  },
  "eeprom-dislodged": {
    fault: { kind: "eeprom-dislodged", chip: 1 },
    effect: "does not answer, and its owner is expelled",
    struck: (world) => {
      absentChip1(world);
      expect(rolesSince(world, 0, STRUCK)[0]).toContain("expelled 1");
    },
    healed: writesChip1Again,
  },
  "eeprom-blank": {
    fault: { kind: "eeprom-blank", chip: 0 },
    effect: "its owner reads FFh and formats it",
    struck: (world) => {
      expect(onBus(world, 0, "read", /0x50/)[0]).toBe(`0x50@0000 ${"ff".repeat(20)}`);
      expect(world.of("decided", 0).map(({ decision }) => decision.formatted)).toContain(true);
    },
  },
  "eeprom-noise": {
    fault: { kind: "eeprom-noise", chip: 1 },
    effect: "each byte value about as often as any other",
    struck: (world) => {
      const counts = new Array<number>(256).fill(0);
      for (const byte of world.world.rig.chip(1).memory.subarray(64)) counts[byte]! += 1;
      // 128 on average, with a standard deviation of 11.
      for (const count of counts) expect(Math.abs(count - 128)).toBeLessThan(60);
    },
  },
  "page-rot": {
    fault: { kind: "page-rot", chip: 1, page: 2, fill: 90 },
    effect: "that page alone holds what it was told to",
    struck: (world) => {
      const { memory } = world.world.rig.chip(1);
      expect(memory.subarray(64, 256)).toEqual(
        Uint8Array.from({ length: 192 }, (_, at) => (at >= 64 && at < 128 ? 90 : 255)),
      );
    },
  },
  "write-protected": {
    fault: { kind: "write-protected", chip: 1 },
    effect: "takes writes and does not change",
    struck: (world) => {
      expect(onBus(world, 0, "write", /0x51.*(absent|timeout)/)).toEqual([]);
      expect(chipKept(world)).toBe(true);
    },
    healed: (world) => expect(chipKept(world)).toBe(false),
  },
  "wrong-strap": {
    fault: { kind: "wrong-strap", chip: 1, as: 0 },
    effect: "nobody answers at its address, and two at the other",
    struck: (world) => {
      absentChip1(world);
      expect(world.bytes(1, 20)).toEqual(world.bytes(0, 20));
    },
    healed: writesChip1Again,
  },
  "stuck-bit": {
    // DEAD, bit 0.
    fault: { kind: "stuck-bit", chip: 0, address: 2, bit: 0, reads: 1 },
    effect: "node 0 reads that it is dead",
    struck: (world) => {
      expect(rolesSince(world, 0, STRUCK)).toEqual(["dead dead"]);
      expect(onBus(world, 0, "read", /0x50@0000 ....01/)).toHaveLength(1);
      expect(world.bytes(0, 3)[2]).toBe(0);
    },
    healed: (world) => expect(rolesSince(world, 0, HEALED)[0]).toMatch(/^primary checked/),
  },
  "worn-page": {
    fault: { kind: "worn-page", chip: 1, page: 0 },
    effect: "takes writes and does not change",
    struck: (world) => {
      expect(onBus(world, 0, "write", /0x51.*(absent|timeout)/)).toEqual([]);
      expect(onBus(world, 0, "write", /0x51/).length).toBe(2);
      expect(chipKept(world)).toBe(true);
    },
  },
  "slow-write-cycle": {
    fault: { kind: "slow-write-cycle", chip: 1, ms: 50 },
    effect: "is given up, and its owner expelled",
    struck: (world) => {
      expect(onBus(world, 0, "write", /0x51/)).toEqual(expect.arrayContaining(["0x51@0000 busy-timeout"]));
      expect(rolesSince(world, 0, STRUCK)[0]).toContain("expelled 1");
    },
    healed: writesChip1Again,
  },
  "wifi-outage": {
    fault: { kind: "wifi-outage" },
    effect: "no access point",
    struck: refusedAs("no-access-point"),
    healed: publishesAgain,
  },
  "broadband-outage": {
    fault: { kind: "broadband-outage" },
    effect: "joined, and no route",
    struck: refusedAs("no-route"),
    healed: publishesAgain,
  },
  "slow-join": {
    fault: { kind: "slow-join", node: 0, seconds: 15 },
    effect: "so many seconds more until the reading",
    struck: (world) => {
      const took = 60 * (readings(world, 0)[0]! - wakes(world, 0)[0]!);
      expect(took).toBeGreaterThan(17);
    },
    healed: (world) =>
      expect(60 * (readings(world, 0, HEALED)[0]! - wakes(world, 0, HEALED)[0]!)).toBeLessThan(9),
  },
  "tls-failure": {
    fault: { kind: "tls-failure", node: 0 },
    effect: "no memory for TLS",
    struck: refusedAs("tls-no-memory"),
    healed: publishesAgain,
  },
  "certificate-expired": {
    fault: { kind: "certificate-expired", node: 0 },
    effect: "refused",
    struck: refusedAs("certificate-refused"),
    healed: publishesAgain,
  },
  "puback-lost": {
    fault: { kind: "puback-lost", node: 0, times: 2 },
    effect: "the cloud has a reading twice, the node does not know that it has it",
    struck: (world) => {
      expect(world.metrics()).toMatchObject({ "readings duplicated": 1, "readings lost": 0 });
      expect(world.of("publish-failed", 0)).toHaveLength(1);
      expect(readings(world, 0)).toEqual([]);
    },
  },
  "time-server-silent": {
    fault: { kind: "time-server-silent" },
    effect: "the clock stays as it is",
    struck: (world) => expect(world.of("clock-unset", 0)).toHaveLength(1),
    healed: (world) => expect(world.of("clock-unset", 0)).toHaveLength(1),
  },
  "sensor-absent": {
    fault: { kind: "sensor-absent", node: 0 },
    effect: "no reading",
    struck: sensorFails("absent"),
    healed: publishesAgain,
  },
  "sensor-crc": {
    fault: { kind: "sensor-crc", node: 0, share: 1 },
    effect: "no reading",
    struck: sensorFails("crc"),
    healed: publishesAgain,
  },
  "sensor-85": {
    fault: { kind: "sensor-85", node: 0 },
    effect: "no reading",
    struck: sensorFails("power-on-value"),
    healed: publishesAgain,
  },
  "sensor-127": {
    fault: { kind: "sensor-127", node: 0 },
    effect: "no reading",
    struck: sensorFails("out-of-range"),
    healed: publishesAgain,
  },
  "sensor-zero": {
    fault: { kind: "sensor-zero", node: 0 },
    effect: "no reading",
    struck: sensorFails("all-zero"),
    healed: publishesAgain,
  },
  "sensor-stuck": {
    fault: { kind: "sensor-stuck", node: 0, celsius: 4.5 },
    effect: "readings that are not true",
    struck: (world) => {
      expect(world.readings(0).map(({ temperature_c }) => temperature_c)).toEqual([21, 4.5]);
      expect(world.metrics()["readings untrue"]).toBe(1);
    },
    healed: (world) => expect(world.readings(0).at(-1)!.temperature_c).toBe(21),
  },
};

/** How long each wake since a minute took. */
function awakeMs(world: SmallWorld, node: number, from: number): number[] {
  return world
    .traced(`node-${node}`, "sleep")
    .filter(({ minute }) => minute > from)
    .map(({ detail }) => Number(/awake (.*) ms/.exec(detail)![1]));
}

/** Chip 1 holds what was last written to it before the strike. */
function chipKept(world: SmallWorld): boolean {
  const last = world
    .traced("node-1", "write")
    .filter(({ minute, detail }) => minute < STRUCK && detail.startsWith("0x51"))
    .at(-1)!;
  return Buffer.from(world.bytes(1, 20)).toString("hex") === last.detail.split(" ")[1];
}

test("the cases -> one for each kind of fault, of that kind, and lasting where it is", () => {
  expect(Object.keys(CASES).sort()).toEqual([...FAULT_NAMES].sort());
  for (const name of FAULT_NAMES) {
    expect(CASES[name].fault.kind).toBe(name);
    expect([name, CASES[name].healed !== undefined]).toEqual([name, FAULTS[name].lasting]);
  }
});

test.each(FAULT_NAMES.map((name) => [name, CASES[name].effect] as const))("%s -> %s", async (name) => {
  const { fault: struck, beside = [], ...sees } = CASES[name] as Case<FaultName>;
  const lasts = FAULTS[name].lasting ? LASTS : undefined;
  const world = new SmallWorld([...beside, fault(STRUCK, struck, lasts)], { cluster: RUNNING });
  await world.runTo(SEEN);
  sees.struck(world);
  await world.runTo(OVER);
  sees.healed?.(world);
});
