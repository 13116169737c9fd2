/**
 * One page write on the byte-level devices, disturbed at every instant, beside what the checker's model makes of it. The
 * model is the reference: what it did not allow would make `npm run verify` a proof about another machine.
 */
import type { FaultClass } from "../../../../simulator/checker/fault-classes.ts";
import { blankEepromImage } from "../../../../simulator/hardware/eeprom-image.ts";
import type { Reply } from "../../../../simulator/protocol/effects.ts";
import { clusterTag, formatRecord, RECORD_BYTES } from "../../../../simulator/protocol/hardened/record.ts";
import {
  afterWakes,
  beforeWrite,
  contentsOf,
  GONE,
  modelWith,
  outcomesOfWrite,
  outcomeText,
  type PendingWrite,
} from "./model-outcomes.ts";
import { PAGE, RealCluster, type Torn } from "./real-cluster.ts";

/** START, device and word address, 28 bytes, STOP: 281 clocks of 2.5 µs. */
const TRANSFER_US = 702;
const TWR_US = 5_000;
const TWR_ENDS_US = TRANSFER_US + TWR_US;
/** An ACK poll of 27 µs, then the record is read back in 727 µs. */
const DONE_US = TWR_ENDS_US + 27 + 727;

const span = (from: number, to: number, step = 1): number[] =>
  Array.from({ length: Math.ceil((to - from) / step) }, (_, n) => from + n * step);
const ON_THE_BUS = [...span(0, TRANSFER_US + 2), ...span(TWR_ENDS_US - 2, DONE_US + 5)];
const IN_TWR = [...span(TRANSFER_US + 2, TWR_ENDS_US - 2, 131), TWR_ENDS_US - 3];

interface Prepared {
  readonly contents: readonly Uint8Array[];
  readonly write: PendingWrite;
  readonly outcomes: Set<string>;
}

/** Node 0 has come as far as its first write, and what the model lets become of that. */
function prepare(
  { wakes, noise }: Before,
  { faults, budget, crashes }: { faults: readonly FaultClass[]; budget: number; crashes: number },
): Prepared {
  const model = modelWith(faults, budget, crashes);
  const { state, write } = beforeWrite(model, afterWakes(model, wakes), noise);
  return { contents: contentsOf(model, state), write, outcomes: outcomesOfWrite(model, state) };
}

/** What stands on the page that is written. */
interface Before {
  readonly wakes: number;
  readonly noise: boolean;
}
const BEFORE: readonly (readonly [string, Before])[] = [
  ["a page never written", { wakes: 0, noise: false }],
  ["a page with the record before last", { wakes: 6, noise: false }],
  ["a page with noise", { wakes: 6, noise: true }],
];

/** What undefined bytes may come to be; `old` and `next` are the record that stood there and the one written. */
type Tearing = (old: Uint8Array, next: Uint8Array) => (index: number) => number | undefined;
const otherCluster = formatRecord(
  {
    node: 0,
    boot: 9,
    gen: 9,
    term: 9,
    claims: true,
    failing: false,
    lastClaimant: true,
    dead: 0,
    reportedDead: 0,
    admit: 0,
  },
  clusterTag("another"),
);
const TEARINGS: Readonly<Record<string, Tearing>> = {
  "as it was": (old) => (i) => old[i],
  "as written": (_, next) => (i) => next[i],
  erased: () => () => 0xff,
  zeros: () => () => 0,
  noise: () => (i) => (i * 89 + 13) & 0xff,
  "half of each": (old, next) => (i) => (i < RECORD_BYTES / 2 ? next : old)[i],
  "every other bit": (old, next) => (i) => ((old[i] ?? 0) & 0x55) | ((next[i] ?? 0) & 0xaa),
  "another cluster's": () => (i) => otherCluster[i],
  "a later version's": (_, next) => (i) => (i === 2 ? 7 : next[i]),
};
const MODES = ["addressed-bytes", "whole-page"] as const;

const torn = (mode: Torn["mode"], byte: (index: number) => number | undefined): Torn => ({
  mode,
  byte: (index) => byte(index) ?? 0x33,
});
const UNTORN = torn("addressed-bytes", () => {
  throw new Error("nothing was to be torn here");
});

interface Loss {
  readonly eepromPower: "shared" | "own";
  strike(cluster: RealCluster): void;
}
const NODE: Loss = { eepromPower: "shared", strike: (cluster) => cluster.powerOff(0) };
const NODE_AND_CHIP: Loss = { eepromPower: "own", strike: (cluster) => cluster.powerOff(0) };
const EVERYTHING: Loss = {
  eepromPower: "shared",
  strike: (cluster) => {
    cluster.powerOff(1);
    cluster.powerOff(0);
  },
};
const CHIP: Loss = { eepromPower: "shared", strike: (cluster) => cluster.rig.dislodge(0) };

/** The outcome of the write with power lost at `us`. Nothing but the written page may come to differ. */
async function outcome(
  { contents, write }: Prepared,
  loss: Loss,
  us: number,
  tearing: Torn,
): Promise<string> {
  const cluster = new RealCluster(contents, loss.eepromPower, tearing);
  const replies: Reply[] = [];
  cluster.spawn(0, 0, { do: "write", ...write, verify: true }, (reply) => replies.push(reply));
  cluster.at(us, () => loss.strike(cluster));
  await cluster.run();
  for (const [chip, content] of contents.entries()) {
    const before = blankEepromImage();
    before.set(content);
    const after = cluster.memory(chip).slice();
    if (chip === write.chip) after.set(before.subarray(write.address, write.address + PAGE), write.address);
    if (Buffer.compare(before, after) !== 0)
      throw new Error(`${us} µs: another page of chip ${chip} has changed`);
  }
  return outcomeText(
    contents.map((_, chip) => cluster.memory(chip)),
    replies.length === 0 ? [GONE] : replies.map(String),
  );
}

/** The outcomes met at all instants, and at those in tWR with every way to tear. */
async function outcomesMet(prepared: Prepared, loss: Loss): Promise<Map<string, string>> {
  const met = new Map<string, string>();
  const { address, chip } = prepared.write;
  const old = prepared.contents[chip]!.subarray(address, address + RECORD_BYTES);
  for (const us of ON_THE_BUS)
    met.set(
      await outcome(
        prepared,
        loss,
        us,
        torn("whole-page", () => 0x5a),
      ),
      `${us} µs`,
    );
  for (const us of IN_TWR)
    for (const mode of MODES)
      for (const [name, tearing] of Object.entries(TEARINGS))
        met.set(
          await outcome(prepared, loss, us, torn(mode, tearing(old, prepared.write.bytes))),
          `${us} µs, ${mode}, ${name}`,
        );
  return met;
}

describe.each(BEFORE)("on %s", (_, before) => {
  test("the node loses its power -> as in the model: done or never begun, and never torn", async () => {
    const prepared = prepare(before, { faults: [], budget: 0, crashes: 1 });
    const met = new Set<string>();
    for (const us of [...ON_THE_BUS, ...IN_TWR]) met.add(await outcome(prepared, NODE, us, UNTORN));
    expect(met).toEqual(prepared.outcomes);
    expect(met.size).toBe(3);
  });

  test.each([
    ["node and chip lose", NODE_AND_CHIP],
    ["everything loses", EVERYTHING],
  ])("%s power -> as in the model: done, never begun, or no record on that page", async (_what, loss) => {
    const prepared = prepare(before, { faults: ["torn-write"], budget: 1, crashes: 1 });
    expect(new Set((await outcomesMet(prepared, loss)).keys())).toEqual(prepared.outcomes);
  });

  test("the chip alone loses its power -> within one of the model's faults, and both ways to fail are met", async () => {
    const faults = ["eeprom-dislodged", "eeprom-resets", "slow-write-cycle"] as const;
    const { outcomes } = prepare(before, { faults, budget: 1, crashes: 0 });
    const met = await outcomesMet(prepare(before, { faults, budget: 0, crashes: 0 }), CHIP);
    expect([...met].filter(([text]) => !outcomes.has(text))).toEqual([]);
    expect(met.size).toBeGreaterThan(2);
  });
});

test("torn between any two of its bytes -> as in the model", async () => {
  const before = { wakes: 6, noise: false };
  const prepared = prepare(before, { faults: ["torn-write"], budget: 1, crashes: 1 });
  const { address, chip, bytes } = prepared.write;
  const old = prepared.contents[chip]!.subarray(address, address + RECORD_BYTES);
  const met = new Set<string>();
  for (const mode of MODES)
    for (let cut = 0; cut <= RECORD_BYTES; cut++)
      for (const [first, rest] of [
        [bytes, old],
        [old, bytes],
      ] as const)
        met.add(
          await outcome(
            prepared,
            NODE_AND_CHIP,
            2_000,
            torn(mode, (i) => (i < cut ? first : rest)[i]),
          ),
        );
  expect([...met].filter((text) => !prepared.outcomes.has(text))).toEqual([]);
  // As it was, as written, and no record.
  expect(met.size).toBe(3);
});

test.each([
  ["WP is high", (cluster: RealCluster) => (cluster.rig.chip(0).writeProtect = true)],
  ["the page is worn", (cluster: RealCluster) => cluster.rig.chip(0).wear(1, 1_000_000)],
])("%s -> as in the model: nothing is written, and the node learns so", async (_, strike) => {
  const model = modelWith(["write-protected"], 1, 0);
  const { state, write } = beforeWrite(model, afterWakes(model, 0));
  const contents = contentsOf(model, state);
  const cluster = new RealCluster(contents, "shared", UNTORN);
  strike(cluster);
  const learned: Reply[] = [];
  cluster.spawn(0, 0, { do: "write", ...write, verify: true }, (reply) => learned.push(reply));
  await cluster.run();
  expect(write.address).toBe(PAGE);
  const text = outcomeText(
    [0, 1].map((chip) => cluster.memory(chip)),
    [String(learned[0])],
  );
  expect(text).toBe(outcomeText(contents, ["false"]));
  expect(outcomesOfWrite(model, state)).toContain(text);
});
