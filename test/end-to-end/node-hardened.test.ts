/** `npm run node` with the hardened protocol, and images that are not of the cluster. */
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { run } from "./support/commands.ts";

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "ha2m-"));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

const step = async (...words: string[]) => run("node", [...words, "--images", folder]);
/** One after the other; what the last one printed. */
const steps = async (...lines: string[]): Promise<string> => {
  let printed = "";
  for (const line of lines) printed = (await step(...line.split(" "))).stdout;
  return printed;
};
const file = (name: string) => join(folder, name);
const everything = (): [string, string][] =>
  readdirSync(folder)
    .sort()
    .map((name) => [name, readFileSync(file(name)).toString("base64")]);

test("the walk-through -> claimed, acted on after a settle, missed twice, taken over, and the former primary is standby", async () => {
  expect(await steps("0 health-check")).toMatch(
    /node 0 wakes \(power-on\)\n {2}finds no records\n {2}claims the role, and may not act yet, term 1: nobody claims\n {2}sleeps for 120 s \(settle\)/,
  );
  expect(await steps("0 health-check")).toMatch(
    /node 0 wakes\n {2}is primary, term 1: claim stands\n[\s\S]*publish a reading[\s\S]*sleeps for a full period/,
  );
  expect(await steps("1 health-check")).toMatch(/is standby, term 1: another claims/);
  expect(await steps("1 health-check")).toMatch(/suspected: node 0\n {2}is standby/);
  expect(await steps("1 health-check")).toMatch(
    /expelled: node 0\n {2}claims the role.*term 2: missed twice/,
  );
  expect(await steps("1 health-check")).toMatch(
    /took over from node 0\n {2}is primary, term 2[\s\S]*would publish the event node_dead about node 0/,
  );
  expect(await steps("0 health-check")).toMatch(/is standby, marked dead, term 2: another claims/);
  expect(await steps("1 dump")).toMatch(
    /^ {2}0080 {2}node 1 {2}valid {4}boot 1, gen \d, term 2; claims\n.*\n {8}dead: node 0$/m,
  );
});

test("a reset in between -> a cold start: its boot counter rises, and its claim is made anew", async () => {
  await steps("0 health-check", "0 health-check");
  expect(await steps("0 health-check --cause watchdog")).toMatch(
    /node 0 wakes \(watchdog\)\n {2}claims the role, and may not act yet, term 2: claims anew/,
  );
  expect(JSON.parse(readFileSync(file("nodes.json"), "utf8"))).toMatchObject({
    format: "ha2m nodes 3",
    protocol: "hardened",
    cluster: "kitchen",
    nodes: 2,
    witness: false,
    kept: [
      { boots: 2, rtc: { gen: 1, term: 2, slept: "settle" } },
      { boots: 0, rtc: null },
    ],
  });
});

test("reset-node -> the node that is asked for is admitted by the primary", async () => {
  const dead = ["0", "0", "1", "1", "1", "1"].map((node) => `${node} health-check`);
  await steps(...dead);
  expect(await steps("0 reset-node 0")).toMatch(/node 0 writes into its record: admit node 0;/);
  expect(await steps("1 health-check")).toMatch(/would publish the event node_admitted about node 0/);
});

test("a witness chip -> a third image, and two chips of three are enough", async () => {
  expect(await steps("0 health-check --witness", "0 health-check")).toMatch(/is primary/);
  expect(readdirSync(folder).sort()).toEqual(["eeprom-0.bin", "eeprom-1.bin", "eeprom-2.bin", "nodes.json"]);
  expect((await step("0", "health-check", "--unplug", "0", "--unplug", "1")).stdout).toMatch(
    /does nothing: too few chips readable/,
  );
  expect((await step("0", "health-check", "--unplug", "2")).stdout).toMatch(
    /could not write the witness chip/,
  );
  expect(await steps("2 dump")).toMatch(/^EEPROM 2 \(witness\), address 52h/);
});

test("a deep sleep that was never begun -> refused, exit 2", async () => {
  const { code, stderr } = await step("0", "health-check", "--cause", "deep-sleep");
  expect([code, stderr]).toEqual([2, "--cause deep-sleep: node 0 is not asleep; leave --cause out\n"]);
});

const noise = () => Uint8Array.from({ length: 32_768 }, (_, at) => (at * 89 + 13) & 0xff);
const overwrite = (name: string, at: number, ...bytes: number[]) => {
  const image = readFileSync(file(name));
  image.set(bytes, at);
  writeFileSync(file(name), image);
};
const forget = () => rmSync(file("nodes.json"));
const running = "0 health-check --cluster cellar|0 health-check|1 health-check";

type Foreign = [what: string, before: string, change: () => void, options: string[], expected: RegExp];
const isRefused = async (...[, before, change, options, expected]: Foreign): Promise<void> => {
  await steps(...before.split("|"));
  change();
  const held = everything();
  const { code, stdout, stderr } = await step("0", "health-check", ...options);
  expect({ code, stdout }).toEqual({ code: 2, stdout: "" });
  expect(stderr).toMatch(expected);
  expect(stderr).toMatch(/\nNothing was done\. .*--images DIR.*--force/);
  expect(everything()).toEqual(held);
  const forced = await step("0", "health-check", ...options, "--force");
  expect(forced.code).toBe(0);
  expect(forced.stderr).toMatch(/^used anyway: /);
  expect(everything()).not.toEqual(held);
};

describe("what is not of this cluster -> refused with what was found, and nothing is written", () => {
  test.each<Foreign>([
    [
      "records of another cluster",
      running,
      forget,
      ["--cluster", "kitchen"],
      /eeprom-0\.bin: at 0000 a record of another cluster: its tag is [0-9a-f]{8}, that of "kitchen" is [0-9a-f]{8} \(see --cluster NAME\)/,
    ],
    [
      "a folder of another cluster",
      running,
      () => undefined,
      ["--cluster", "kitchen"],
      /nodes\.json: is of hardened, cluster cellar, 2 nodes, not of hardened, cluster kitchen, 2 nodes/,
    ],
    [
      "noise",
      running,
      () => writeFileSync(file("eeprom-1.bin"), noise()),
      [],
      /eeprom-1\.bin: at 0000 0d 66 bf 18 71 ca 23 7c …, which is not a record; there is none anywhere/,
    ],
    [
      "records of a larger cluster",
      "2 health-check --nodes 3",
      forget,
      ["--nodes", "2"],
      /eeprom-0\.bin: at 0140 a record of node 2, in a cluster of 2 \(see --nodes 3\)/,
    ],
    [
      "images without what the nodes keep",
      running,
      forget,
      ["--cluster", "cellar"],
      /eeprom-0\.bin: node 0 wrote boot 1, gen 2, and .*nodes\.json has no boot: they are from different moments/,
    ],
    [
      "what the nodes keep is no JSON",
      running,
      () => writeFileSync(file("nodes.json"), "{"),
      ["--cluster", "cellar"],
      /nodes\.json: not JSON: /,
    ],
  ])("%s", isRefused);
});

describe("what is not of this protocol -> refused with what was found, and nothing is written", () => {
  test.each<Foreign>([
    [
      "the published protocol's map",
      "0 health-check --protocol article",
      forget,
      [],
      /eeprom-0\.bin: at 0000 the article protocol's map of 2 nodes \(see --protocol article\)/,
    ],
    [
      "hardened records, for the published protocol",
      running,
      forget,
      ["--protocol", "article"],
      /eeprom-0\.bin: at 0000 a record of the hardened protocol \(see --protocol hardened\)/,
    ],
    [
      "noise, for the published protocol",
      "0 health-check --protocol article",
      () => writeFileSync(file("eeprom-1.bin"), noise()),
      [],
      /eeprom-1\.bin: at 0001 RETRY is 66, with bits of no node: not a map/,
    ],
    [
      "zeros, for the published protocol",
      "0 health-check --protocol article",
      () => writeFileSync(file("eeprom-0.bin"), new Uint8Array(32_768)),
      [],
      /eeprom-0\.bin: at 0024 00 00 00 00 00 00 00 00 …, where the map has ended: not a map/,
    ],
    [
      "a map of another size",
      "0 health-check --protocol article --nodes 4",
      forget,
      ["--protocol", "article", "--nodes", "2"],
      /eeprom-0\.bin: the map of 4 nodes, not of 2 \(see --nodes 4\)/,
    ],
  ])("%s", isRefused);
});

describe("an image that is damaged", () => {
  test.each(["hardened", "article"])(
    "an image of the wrong size, %s -> not even with --force",
    async (protocol) => {
      writeFileSync(file("eeprom-1.bin"), new Uint8Array(32_767));
      const { code, stderr } = await step("0", "health-check", "--protocol", protocol, "--force");
      expect(code).toBe(2);
      expect(stderr).toMatch(/^--images: .*eeprom-1\.bin: 32767 bytes, but .* exactly 32768/);
      expect(readdirSync(folder)).toEqual(["eeprom-1.bin"]);
    },
  );

  test("one page damaged among sound ones, as a power cut leaves it -> for the protocol to meet; dump says so", async () => {
    await steps("0 health-check", "0 health-check");
    overwrite("eeprom-0.bin", 0x14, 0x5a);
    expect(await steps("0 dump")).toMatch(/^ {2}0000 {2}node 0 {2}damaged {2}its CRC is wrong$/m);
    expect(await steps("0 health-check")).toMatch(/claims the role/);
  });
});
