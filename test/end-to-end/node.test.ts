/** `npm run node`: the published protocol's walk-through, one step at a time, and the command line. */
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { projectFolder, run, start } from "./support/commands.ts";

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "ha2m-"));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

const step = async (...words: string[]) =>
  run("node", [...words, "--protocol", "article", "--images", folder]);
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
  expect(await steps("1 health-check")).toMatch(
    /expelled: node 0[\s\S]*took over from node 0\n[\s\S]*is primary/,
  );
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

const image = (chip: number) => join(folder, `eeprom-${chip}.bin`);

describe("dump", () => {
  test("an unplugged chip -> left out, and said so", async () => {
    await steps("0 health-check");
    const { code, stdout } = await step("dump", "--unplug", "0");
    expect(code).toBe(0);
    expect(stdout).toMatch(
      /^EEPROM 0, address 50h: unplugged\nEEPROM 1, address 51h, .*eeprom-1\.bin\n {2}0000 {2}01/,
    );
  });

  test("one chip's image is none -> the other chip is shown all the same", async () => {
    await steps("0 health-check");
    writeFileSync(image(0), "no image");
    expect(await step("1", "dump")).toMatchObject({ code: 0, stderr: "" });
    expect((await step("0", "dump")).code).toBe(2);
    expect((await step("dump", "--unplug", "0")).code).toBe(0);
  });

  test("nobody reads it any more -> ends quietly with the shell's code", async () => {
    const { child, finished } = start("node", ["dump", "--protocol", "article", "--images", folder]);
    child.stdout.destroy();
    const { code, stderr } = await finished;
    expect({ code, stderr }).toEqual({ code: 141, stderr: "" });
  });
});

test("a step whose output nobody reads any more -> done and saved all the same", async () => {
  const { child, finished } = start("node", [
    "0",
    "health-check",
    "--protocol",
    "article",
    "--images",
    folder,
  ]);
  child.stdout.destroy();
  expect((await finished).code).toBe(141);
  expect((await step("dump")).stdout).toMatch(/PRIMARY {2}node 0/);
});

test("an unplugged chip -> its image stays as it was", async () => {
  writeFileSync(image(1), "not read, not written");
  expect((await step("0", "health-check", "--unplug", "1")).code).toBe(0);
  expect(readFileSync(image(1), "utf8")).toBe("not read, not written");
});

test("the next step without options -> the cluster that the folder is of", async () => {
  await step("2", "health-check", "--nodes", "4");
  const { code, stdout } = await run("node", ["3", "dump", "--images", folder]);
  expect(code).toBe(0);
  expect(stdout).toMatch(/EEPROM 3[\s\S]*PRIMARY {2}node 2/);
});

test("a relative folder, by npm from another folder -> the caller's", async () => {
  const npm = { INIT_CWD: folder, npm_lifecycle_event: "node" };
  const { code } = await start("node", ["0", "health-check", "--images", "own"], projectFolder, npm).finished;
  expect(code).toBe(0);
  expect(readFileSync(join(folder, "own", "eeprom-0.bin"))).toHaveLength(32_768);
});

test("--help -> lines that fit a terminal of 80 columns, and how to start over", async () => {
  const { code, stdout } = await run("node", ["--help"]);
  expect(code).toBe(0);
  expect(stdout).toMatch(/start over, delete the folder: rm -r \.ha2m\/eeproms/);
  expect(stdout.split("\n").filter((line) => line.length > 79)).toEqual([]);
});

describe("bad input -> one clear line, exit 2", () => {
  test.each([
    ["a step that there is not", ["1", "helth-check"], /did you mean "health-check"\?/],
    ["a node that there is not", ["5", "dump"], /the chip takes a whole number from 0 to 1, not "5"/],
    ["a number too few", ["1", "reset-node"], /reset-node takes 2 numbers/],
    ["a number too many", ["1", "health-check", "0"], /health-check takes 1 number\. /],
    ["an unknown flag", ["dump", "--image", "x"], /Did you mean --images\?/],
    [
      "an unknown protocol",
      ["dump", "--protocol", "raft"],
      /--protocol takes "article" or "hardened", not "raft"/,
    ],
    ["a cluster's name with a space", ["dump", "--cluster", "my home"], /--cluster takes 1 to 32 of a-z/],
    [
      "more nodes than the protocol has room for",
      ["dump", "--nodes", "9"],
      /--nodes takes .* 2 to 8, not "9"/,
    ],
    ["eight nodes and a witness", ["dump", "--nodes", "8", "--witness"], /--nodes takes .* 2 to 7, not "8"/],
    [
      "a witness for the published protocol",
      ["dump", "--protocol", "article", "--witness"],
      /leave --witness out/,
    ],
    [
      "a folder that is a file",
      ["dump", "--images", __filename],
      /^--images: .*node\.test\.ts is not a folder\n$/,
    ],
    [
      "a folder in a file",
      ["0", "health-check", "--images", join(__filename, "x")],
      /^--images: .* cannot be written: a file is in the way.*ENOTDIR.*\n$/,
    ],
  ])("%s", async (_, words, expected) => {
    const { code, stderr } = await run("node", words);
    expect(code).toBe(2);
    expect(stderr).toMatch(expected);
  });

  test("an image of the wrong size names the file, what it has and what it should", async () => {
    writeFileSync(join(folder, "eeprom-1.bin"), new Uint8Array(100));
    const { code, stderr } = await step("dump");
    expect(code).toBe(2);
    expect(stderr).toMatch(/^--images: .*eeprom-1\.bin.*100 bytes.*32768/);
  });
});

test("six steps at once on one folder -> one after the other: none is lost", async () => {
  const cluster = ["--images", folder];
  const codes = await Promise.all(
    Array.from(
      { length: 6 },
      async () => (await run("node", ["0", "health-check", "--cause", "pin", ...cluster])).code,
    ),
  );
  expect(codes).toEqual([0, 0, 0, 0, 0, 0]);
  const kept = JSON.parse(readFileSync(join(folder, "nodes.json"), "utf8"));
  expect(kept.kept[0].boots).toBe(6);
});

test("reset-node before anything was written -> says so, and exits 1", async () => {
  const { code, stderr } = await step("0", "reset-node", "1");
  expect([code, stderr]).toEqual([1, expect.stringMatching(/blank; run health-check first/)]);
});
