import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { ImageFolder } from "../../../../simulator/cli/node/image-folder.ts";
import { KeptNodesError, neverOn } from "../../../../simulator/cli/node/node-state-file.ts";
import { main } from "../../../../simulator/cli/node.ts";
import { blankEepromImage } from "../../../../simulator/hardware/eeprom-image.ts";
import { capturedRun } from "../support/captured-run.ts";

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "ha2m-images-"));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));
const node = (...words: string[]) => capturedRun(main)(...words, "--images", folder);

test("no image -> a chip as delivered", () => {
  expect(new ImageFolder(folder).load(1)).toEqual(blankEepromImage());
});

test.each([
  ["eeprom-0.BIN", /eeprom-0\.BIN is there, and eeprom-0\.bin is not: .*rename it/],
  ["EEPROM_0.img", /rename it to eeprom-0\.bin/],
  ["eeprom0.bin", /rename it to eeprom-0\.bin/],
  ["eeprom-00.bin.txt", /rename it to eeprom-0\.bin/],
  ["eeprom-0.hex", /objcopy -I ihex -O binary eeprom-0\.hex eeprom-0\.bin/],
])("%s in its place -> said, and not taken for a blank chip", async (name, message) => {
  writeFileSync(join(folder, name), "");
  expect(() => new ImageFolder(folder).load(0)).toThrow(message);
  expect(new ImageFolder(folder).load(1)).toEqual(blankEepromImage());
  const { code, stderr } = await node("0", "health-check");
  expect({ code, lines: stderr.trim().split("\n").length }).toEqual({ code: 2, lines: 1 });
  expect(existsSync(join(folder, "eeprom-1.bin"))).toBe(false);
});

test("nodes.json with a byte order mark -> read; damaged -> dump says so and shows the defaults", async () => {
  const setting = { protocol: "hardened", cluster: "attic", nodes: 3, witness: false } as const;
  const images = new ImageFolder(folder);
  images.save(neverOn(setting), new Map());
  const file = join(folder, "nodes.json");
  writeFileSync(file, `\uFEFF${readFileSync(file, "utf8")}`);
  expect(images.loadKept()).toMatchObject({ setting });
  writeFileSync(file, "{");
  expect(images.loadKept()).toBeInstanceOf(KeptNodesError);
  const { code, stderr } = await node("dump");
  expect({ code, stderr }).toMatchObject({
    code: 0,
    stderr: expect.stringMatching(/nodes\.json: not JSON: .*; shown as a cluster of 2, hardened/),
  });
});

test("a step that cannot save -> one line, and the folder as it was", async () => {
  const step = (self: number) => node(String(self), "health-check");
  await step(0);
  const before = readFileSync(join(folder, "eeprom-0.bin"));
  const kept = readFileSync(join(folder, "nodes.json"));
  rmSync(join(folder, "eeprom-1.bin"));
  // Where the image would be made ready: a folder, that no file can replace.
  mkdirSync(join(folder, `.eeprom-1.bin.${process.pid}.tmp`, "x"), { recursive: true });
  const { code, stderr } = await step(1);
  expect(code).toBe(2);
  expect(stderr).toMatch(/^--images: cannot write .*eeprom-1\.bin: .*\n$/);
  expect(readFileSync(join(folder, "eeprom-0.bin"))).toEqual(before);
  expect(readFileSync(join(folder, "nodes.json"))).toEqual(kept);
});
