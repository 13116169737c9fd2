/** What a fault is seen to do, and how a test sees it. */
import type { FaultName, FaultOf } from "../../../../simulator/scenario/faults.ts";
import type { Step } from "../../../../simulator/scenario/scenario.ts";
import type { SmallWorld } from "../../node/small-world.ts";

/** Struck at minute 10, and healed at minute 25 where it is lasting. */
export const STRUCK = 10;
export const LASTS = 15;
export const HEALED = STRUCK + LASTS;
/** By then each node has woken once under it, which nobody is expelled for; then, once since it healed. */
export const SEEN = 24;
export const OVER = 44;

export interface Case<Name extends FaultName> {
  readonly fault: FaultOf<Name>;
  /** What else happens, or what makes it visible. */
  readonly beside?: readonly Step[];
  /** At minute 24. */
  readonly effect: string;
  readonly struck: (world: SmallWorld) => void;
  /** At minute 44, for lasting faults. */
  readonly healed?: (world: SmallWorld) => void;
}

export const within = (minutes: readonly number[], from: number, to: number): number[] =>
  minutes.filter((minute) => minute > from && minute <= to);
/** Minutes of wakes since the strike, or since it healed. */
export const wakes = (world: SmallWorld, node: number, from = STRUCK, to = OVER): number[] =>
  within(
    world.traced(`node-${node}`, "wake").map(({ minute }) => minute),
    from,
    to,
  );
export const readings = (world: SmallWorld, node: number, from = STRUCK): number[] =>
  within(
    world
      .of("published", node)
      .filter(({ channel }) => channel === "reading")
      .map(({ at }) => Math.round(at / 1_000) / 60_000),
    from,
    OVER,
  );
/** The details of a node's reads or writes since a minute that match. */
export const onBus = (
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
export const rolesSince = (world: SmallWorld, node: number, from: number): string[] =>
  world
    .traced(`node-${node}`, "decided")
    .filter(({ minute }) => minute > from)
    .map(({ detail }) => detail);

export const refusedAs = (why: string) => (world: SmallWorld) => {
  expect(world.of("connect-failed", 0).map((event) => event.why)).toEqual([why]);
  expect(readings(world, 0)).toEqual([]);
};
export const publishesAgain = (world: SmallWorld) => expect(readings(world, 0, HEALED)).toHaveLength(1);
export const sensorFails = (why: string) => (world: SmallWorld) => {
  expect(world.of("sensor-failed", 0).map((event) => event.why)).toEqual([why]);
  expect(readings(world, 0)).toEqual([]);
};
export const absentChip1 = (world: SmallWorld) =>
  expect(onBus(world, 0, "write", /0x51/)).toEqual(expect.arrayContaining(["0x51@0000 absent"]));
export const writesChip1Again = (world: SmallWorld) => {
  expect(onBus(world, 0, "write", /0x51@0000 [0-9a-f]{40}$/, HEALED)).not.toEqual([]);
  expect(onBus(world, 0, "write", /0x51.*(absent|timeout|stuck)/, HEALED)).toEqual([]);
};
export const readsFail = (why: RegExp) => (world: SmallWorld) => {
  for (const node of [0, 1]) {
    expect(onBus(world, node, "read", why)).not.toEqual([]);
    expect(rolesSince(world, node, STRUCK)).toEqual(["unknown no-chip-readable"]);
  }
};
export const bothReadAgain = (world: SmallWorld) => {
  for (const node of [0, 1]) expect(rolesSince(world, node, HEALED)[0]).toMatch(/checked/);
};

export type Cases = { readonly [Name in FaultName]?: Case<Name> };

/** How long each wake since a minute took. */
export function awakeMs(world: SmallWorld, node: number, from: number): number[] {
  return world
    .traced(`node-${node}`, "sleep")
    .filter(({ minute }) => minute > from)
    .map(({ detail }) => Number(/awake (.*) ms/.exec(detail)![1]));
}

/** Chip 1 holds what was last written to it before the strike. */
export function chipKept(world: SmallWorld): boolean {
  const last = world
    .traced("node-1", "write")
    .filter(({ minute, detail }) => minute < STRUCK && detail.startsWith("0x51"))
    .at(-1)!;
  return Buffer.from(world.bytes(1, 20)).toString("hex") === last.detail.split(" ")[1];
}
