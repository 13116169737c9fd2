import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Check } from "../../../simulator/checker/checks.ts";
import { UsageError } from "../../../simulator/cli/shared/arguments.ts";
import { prepareFolder, writeReplay } from "../../../simulator/cli/verify/replay-files.ts";
import type { Counterexample } from "../../../simulator/counterexample/to-scenario.ts";
import { checkOf, wakeOf } from "./transitions.ts";

const PERIOD_S = 900;
const NOISE: Counterexample = {
  check: checkOf({ protocol: "article", faults: ["eeprom-noise"] }),
  violation: { law: "somebody-acts-again", bound: 8, unit: "rounds" },
  start: "blank",
  preludeLength: 0,
  steps: [{ kind: "eeprom-noise", chip: 0 }, { kind: "from-here-on" }],
};

let root = "";
beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), "ha2m-replay-"));
});
afterEach(() => rmSync(root, { recursive: true, force: true }));

test("a counterexample -> a file that begins with its steps, and the command that plays it", async () => {
  const folder = join(root, "some", "folder");
  prepareFolder(folder);
  const file = join(folder, "article-eeprom-noise-nobody-acts.yaml");
  expect(await writeReplay(folder, NOISE, PERIOD_S)).toEqual({
    file,
    command: `npm run simulate -- --scenario ${file}`,
    shown: true,
  });
  const [head, yaml] = readFileSync(file, "utf8").split("\nname: ");
  expect(head).toBe(`# Broken: nobody acts within 8 rounds of wakes.
# Nothing more fails, each running node wakes that often, and still no reading is published.
#
# Found by:  npm run verify -- --protocol article --only eeprom-noise
# Replay it: npm run simulate -- --scenario ${file}
# How the steps are played: docs/scenarios.md, Counterexamples.
#
# The checker's steps, with the numbers that this scenario's story uses:
#   1  chip 0  FAULT eeprom-noise: a chip holds noise
#   2          from here on, with nothing more going wrong`);
  expect(yaml).toMatch(/^article-eeprom-noise-nobody-acts\n/);
});

test.each<[string, Partial<Check>]>([
  ["npm run verify", {}],
  ["npm run verify", { crashes: 1 }],
  [
    "npm run verify -- --nodes 3 --only freeze --only wifi-outage --faults 2 --crashes 1",
    { nodes: 3, faults: ["freeze", "wifi-outage"], crashes: 1 },
  ],
  ["npm run verify -- --witness --only freeze --faults 2", { witness: true, faults: ["freeze"], budget: 2 }],
])("%s -> found by that, the file says", async (command, more) => {
  const replay = await writeReplay(root, { ...NOISE, check: checkOf(more) }, PERIOD_S);
  const { file } = replay as { file: string };
  expect(readFileSync(file, "utf8")).toContain(`\n# Found by:  ${command}\n`);
});

test("a folder with blanks and quotes -> quoted for a shell", async () => {
  const folder = join(root, "it's here");
  prepareFolder(folder);
  expect(await writeReplay(folder, NOISE, PERIOD_S)).toMatchObject({
    command: expect.stringContaining(`/it'\\''s here/article-eeprom-noise-nobody-acts.yaml'`),
  });
});

test("a run does not show the violation -> said", async () => {
  const well: Counterexample = { ...NOISE, check: checkOf(), steps: [{ kind: "from-here-on" }] };
  expect(await writeReplay(root, well, PERIOD_S)).toMatchObject({
    shown: false,
    found: ["readings stored: 0; found: 9"],
  });
});

test("steps that cannot be -> why, and no file", async () => {
  const [first, ...rest] = wakeOf(0, "power-on", "act");
  const other = [...wakeOf(1, "power-on", "settle"), ...wakeOf(1, "deep-sleep", "act")];
  const counterexample: Counterexample = {
    check: checkOf(),
    violation: { law: "at-most-one-acts", node: 1, others: [0] },
    start: "blank",
    preludeLength: 0,
    steps: [first!, ...other, ...rest],
  };
  expect(await writeReplay(join(root, "nowhere"), counterexample, PERIOD_S)).toEqual({
    impossible: expect.stringContaining("awake for longer than a minute"),
    reason: { why: "wake-too-long", node: 0, step: 1 },
  });
});

test("a folder that cannot be made, a file that cannot be written -> the caller is told which, and what to do", async () => {
  const inTheWay = join(root, "file");
  writeFileSync(inTheWay, "");
  expect(() => prepareFolder(inTheWay)).toThrow(UsageError);
  await expect(writeReplay(inTheWay, NOISE, PERIOD_S)).rejects.toThrow(
    /^--scenarios: cannot write .*file\/article-eeprom-noise-nobody-acts\.yaml: a file is in the way/,
  );
});
