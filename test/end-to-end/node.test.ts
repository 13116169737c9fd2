/** `npm run node`: the article's walk-through, one step at a time. */
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { run } from "./support/commands.ts";

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "ha2m-"));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

const step = async (...words: string[]) => run("node", [...words, "--images", folder]);
const steps = async (...lines: string[]): Promise<string> => {
  let printed = "";
  for (const line of lines) printed = (await step(...line.split(" "))).stdout;
  return printed;
};

test("the walk-through -> formatted, admitted, suspected, taken over, admitted again", async () => {
  expect(await steps("0 health-check")).toMatch(/finds blank chips[\s\S]*is primary/);
  expect(await steps("1 health-check")).toMatch(/marked dead, and does nothing/);
  expect(await steps("1 reset-node 1")).toMatch(/node 1 is admitted/);
  expect(await steps("1 health-check")).toMatch(/is standby/);
  expect(await steps("1 health-check")).toMatch(/suspected: node 0/);
  expect(await steps("1 health-check")).toMatch(/expelled: node 0[\s\S]*took over: node 0[\s\S]*is primary/);
  const dump = await steps("1 dump");
  expect(dump).toMatch(/0000 {2}02 .*PRIMARY {2}node 1/);
  expect(dump).toMatch(/0002 {2}01 .*DEAD {5}node 0/);
  expect(await steps("0 reset-node 0", "0 health-check")).toMatch(/is standby/);
});

test("an image -> 32,768 bytes, the map at its start, the same on both chips", async () => {
  await steps("0 health-check");
  const [first, second] = [0, 1].map((chip) => readFileSync(join(folder, `eeprom-${chip}.bin`)));
  expect(first).toHaveLength(32_768);
  expect(first?.subarray(0, 21).toString("hex")).toBe(`01000200${"0001000000000000"}${"0000000000000000"}ff`);
  expect(second).toEqual(first);
});

test("an unplugged chip -> its owner is expelled", async () => {
  await steps("0 health-check", "1 reset-node 1");
  expect((await step("0", "health-check", "--unplug", "1")).stdout).toMatch(
    /could not write the chip of node 1/,
  );
});

test("four nodes -> 36 bytes", async () => {
  expect((await step("2", "health-check", "--nodes", "4")).code).toBe(0);
  expect((await step("0", "dump", "--nodes", "4")).stdout).toMatch(/DEAD {5}node 0 .*node 1 .*node 3/);
});

describe("bad input -> one clear line, exit 2", () => {
  test.each([
    ["a step that there is not", ["1", "helth-check"], /did you mean "health-check"\?/],
    ["a node that there is not", ["5", "dump"], /the node takes a whole number from 0 to 1, not "5"/],
    ["a number too few", ["1", "reset-node"], /reset-node takes 2 numbers/],
    ["an unknown flag", ["dump", "--image", "x"], /Did you mean --images\?/],
  ])("%s", async (_, words, expected) => {
    const { code, stderr } = await run("node", words);
    expect(code).toBe(2);
    expect(stderr).toMatch(expected);
  });

  test("an image of the wrong size names the file, what it has and what it should", async () => {
    writeFileSync(join(folder, "eeprom-1.bin"), new Uint8Array(100));
    const { code, stderr } = await step("dump");
    expect(code).toBe(2);
    expect(stderr).toMatch(/eeprom-1\.bin.*100 bytes.*32768/);
  });
});

test("reset-node before anything was written -> says so, and exits 1", async () => {
  const { code, stderr } = await step("0", "reset-node", "1");
  expect([code, stderr]).toEqual([1, expect.stringMatching(/blank; run a health-check first/)]);
});
