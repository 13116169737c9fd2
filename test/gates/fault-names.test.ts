/** The checker's classes of faults and the scenarios' kinds are one catalogue: one name for one thing. */
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { FAULT_CLASS_NAMES } from "../../simulator/checker/fault-classes.ts";
import { PLAYED_AS, RENAMED_FAULTS, renamedFault } from "../../simulator/protocol/fault-names.ts";
import { FAULT_NAMES } from "../../simulator/scenario/faults.ts";
import { parseScenario } from "../../simulator/scenario/parse-scenario.ts";
import { ScenarioError } from "../../simulator/scenario/scenario-error.ts";

const docs = readFileSync(join(__dirname, "..", "..", "docs", "scenarios.md"), "utf8");
const known: readonly string[] = [...FAULT_NAMES, ...FAULT_CLASS_NAMES];

test("a class of the checker that is no kind of the scenarios -> says what it is played as, and no other does", () => {
  const alone = FAULT_CLASS_NAMES.filter((name) => !(FAULT_NAMES as readonly string[]).includes(name));
  expect(Object.keys(PLAYED_AS).sort()).toEqual([...alone].sort());
});

test("what they are played as -> kinds of the scenarios, and a row of docs/scenarios.md", () => {
  for (const [name, as] of Object.entries(PLAYED_AS)) {
    const kinds = [...as.matchAll(/`([a-z-]+)`/g)].map(([, kind]) => kind);
    expect(FAULT_NAMES).toEqual(expect.arrayContaining(kinds));
    expect(docs).toContain(`| \`${name}\` | ${as}`);
  }
});

test.each(RENAMED_FAULTS)("%s -> a name no more; %s is one, and docs/scenarios.md has both", (old, now) => {
  expect(known).not.toContain(old);
  expect(known).toContain(now);
  expect(renamedFault(old)).toBe(now);
  expect(docs).toContain(`| \`${old}\` | \`${now}\` |`);
});

test.each(["toString", "power-cut", ""])("%j -> was never another name", (name) => {
  expect(renamedFault(name)).toBeUndefined();
});

/** What is said of a scenario whose one step has that fault. */
function saidOf(fault: string): string {
  try {
    parseScenario(
      `name: x\nline: x\ncluster: { nodes: 2 }\nduration: 1h\nsteps:\n  - { at: 1m, fault: ${fault}, chip: 0 }\nprotocols: { hardened: { expect: [readings lost: 0] } }\n`,
      "x.yaml",
    );
  } catch (error) {
    if (error instanceof ScenarioError) return error.message;
    throw error;
  }
  return "nothing";
}

test.each<[string, string]>([
  ["chip-lost", "chip-lost is called eeprom-dislodged: write fault: eeprom-dislodged"],
  [
    "chip-resets",
    "chip-resets is called eeprom-resets; in a scenario it is `eeprom-dislodged` in a write cycle",
  ],
  ["torn-write", "torn-write is a fault only of npm run verify; in a scenario it is `eeprom-dislodged` and"],
])("fault: %s in a scenario -> refused with what to write", (fault, said) => {
  expect(saidOf(fault)).toContain(said);
});
