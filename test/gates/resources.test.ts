/**
 * Every resource of the stacks in a line: what a change adds, takes away or replaces is seen in a review, without assets
 * and without the whole template. Written anew by HA2M_UPDATE_GOLDEN=1; what changed is to be read: a logical id that is
 * gone is a resource that a deploy deletes.
 */
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { templatesOf, variants } from "./variants.ts";

const GOLDEN = join(__dirname, "resources.txt");
/** Longer values are policies, SQL, a dashboard: they have tests of their own. */
const SHOWN_MAX = 60;

const little = variants["as little as can be"];
const everything = variants["everything there is"];

const isShown = (value: unknown): boolean =>
  ["string", "number", "boolean"].includes(typeof value) && String(value).length <= SHOWN_MAX;

interface Resource {
  readonly Type: string;
  readonly Properties?: Readonly<Record<string, unknown>>;
  readonly DeletionPolicy?: string;
}

/** By stack and logical id: its type, what becomes of it with its stack, and the properties that are a word. */
const linesOf = (variant: typeof little): ReadonlyMap<string, string> =>
  new Map(
    Object.entries(templatesOf(variant)).flatMap(([stack, template]) =>
      Object.entries(template.toJSON().Resources as Record<string, Resource>).map(([id, resource]) => [
        `${stack} ${id}`,
        lineOf(resource),
      ]),
    ),
  );

function lineOf({ Type, Properties = {}, DeletionPolicy }: Resource): string {
  const shown = Object.entries(Properties)
    .filter(([, value]) => isShown(value))
    .map(([name, value]) => `${name}=${value}`)
    .sort();
  return [Type, ...(DeletionPolicy === undefined ? [] : [`(${DeletionPolicy})`]), ...shown].join(" ");
}

/** `+` stands before what is there only where it is asked for. */
function snapshot(): string {
  const always = linesOf(little);
  return [...linesOf(everything)]
    .map(([name, line]) => `${always.has(name) ? " " : "+"} ${name}: ${line}\n`)
    .sort((x, y) => (x.slice(2) < y.slice(2) ? -1 : 1))
    .join("");
}

test("the resources -> those that were reviewed", () => {
  const now = snapshot();
  if (process.env.HA2M_UPDATE_GOLDEN === "1") writeFileSync(GOLDEN, now);
  expect(now.split("\n")).toEqual(readFileSync(GOLDEN, "utf8").split("\n"));
});

test("what is there without being asked for -> is there in the whole form too", () => {
  const whole = linesOf(everything);
  expect([...linesOf(little).keys()].filter((name) => !whole.has(name))).toEqual([]);
});
