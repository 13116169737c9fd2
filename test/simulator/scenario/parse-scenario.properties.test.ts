import * as fc from "fast-check";
import { stringify } from "yaml";
import { formatScenario, scenarioObject } from "../../../simulator/scenario/format-scenario.ts";
import { parseScenario } from "../../../simulator/scenario/parse-scenario.ts";
import { ScenarioError } from "../../../simulator/scenario/scenario-error.ts";
import { arbitraryScenario } from "./arbitrary-scenario.ts";

test("any scenario, written as YAML -> parsed as it was", () => {
  fc.assert(
    fc.property(arbitraryScenario, (scenario) => {
      expect(parseScenario(formatScenario(scenario), "f.yaml")).toEqual(scenario);
    }),
  );
});

/** Parses, or refuses with problems in lines that the file has. @returns whether it was accepted */
function accepted(text: string): boolean {
  try {
    parseScenario(text, "f.yaml");
    return true;
  } catch (error) {
    if (!(error instanceof ScenarioError)) throw error;
    const lines = error.problems.map(({ line }) => line);
    expect(lines).toEqual([...lines].sort((x, y) => x - y));
    expect(lines.length).toBeGreaterThan(0);
    for (const line of lines) {
      expect(line).toBeGreaterThanOrEqual(1);
      expect(line).toBeLessThanOrEqual(text.split("\n").length);
    }
    for (const line of error.message.split("\n")) expect(line).toMatch(/^f\.yaml:\d+: \S|^and \d+ more$/);
    return false;
  }
}

/** To break; making a scenario takes longer than breaking it. */
const victim = fc.constantFrom(...fc.sample(arbitraryScenario, { numRuns: 25, seed: 1 }));

const SNIPPETS = [
  ..." \n\t:-#&*!|>%@`'\"{}[],?~0123456789.",
  "- ",
  ": ",
  "\r\n",
  "---\n",
  "null",
  "2d",
  "\u0000",
  "°",
  "<<: ",
];

/** Replaces, removes or adds characters, or copies a line elsewhere. */
const edit = fc.record({
  at: fc.double({ min: 0, max: 1, noNaN: true }),
  removed: fc.nat({ max: 12 }),
  added: fc.oneof(fc.constantFrom(...SNIPPETS), fc.string({ maxLength: 4 }), fc.constant("copy")),
});

function edited(
  text: string,
  { at, removed, added }: { at: number; removed: number; added: string },
): string {
  const offset = Math.floor(at * text.length);
  const lines = text.split("\n");
  const put = added === "copy" ? `\n${lines[Math.floor(at * 7919) % lines.length]}\n` : added;
  return text.slice(0, offset) + put + text.slice(offset + removed);
}

test("a file with random edits -> parsed, or refused with lines that it has", () => {
  let refused = 0;
  fc.assert(
    fc.property(victim, fc.array(edit, { minLength: 1, maxLength: 5 }), (scenario, edits) => {
      if (!accepted(edits.reduce(edited, formatScenario(scenario)))) refused += 1;
    }),
    { numRuns: 500 },
  );
  // Else the edits would be too small to show anything.
  expect(refused).toBeGreaterThan(250);
});

type Json = string | number | boolean | null | Json[] | { [key: string]: Json };

/** The value with the part at `path` replaced; each number of the path picks a child. */
function replaced(value: Json, path: readonly number[], other: Json): Json {
  const [first, ...rest] = path;
  if (first === undefined || typeof value !== "object" || value === null) return other;
  const keys = Object.keys(value);
  if (keys.length === 0) return other;
  const key = keys[first % keys.length]!;
  const child = replaced((value as Record<string, Json>)[key]!, rest, other);
  return Array.isArray(value)
    ? value.map((item, index) => (String(index) === key ? child : item))
    : { ...value, [key]: child };
}

test("a file with random values in random places -> parsed, or refused with lines that it has", () => {
  const other = fc.oneof(
    fc.constantFrom<Json>(null, true, 0, -1, 1.5, 1e300, "", "all", "others", "none", "0 to 1", [], {}, [[]]),
    fc.jsonValue({ maxDepth: 2 }) as fc.Arbitrary<Json>,
  );
  fc.assert(
    fc.property(victim, fc.array(fc.nat(), { maxLength: 5 }), other, (scenario, path, value) => {
      const object = JSON.parse(JSON.stringify(scenarioObject(scenario))) as Json;
      accepted(stringify(replaced(object, path, value)));
    }),
    { numRuns: 500 },
  );
});

test("any text at all -> parsed, or refused with lines that it has", () => {
  fc.assert(
    fc.property(fc.array(fc.oneof(fc.constantFrom(...SNIPPETS), fc.string()), { maxLength: 60 }), (parts) => {
      expect(accepted(parts.join(""))).toBe(false);
    }),
    { numRuns: 500 },
  );
});
