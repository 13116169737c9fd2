/** What mails, logs and queues say is explained in RUNBOOK.md, and its links lead somewhere. */
import { existsSync, readFileSync } from "node:fs";
import type { SendWhy, SilentWhy } from "../lambda/core/due-notification.ts";
import type { Unmoved } from "../lambda/core/observe.ts";
import { INCIDENT_KINDS } from "../lib/contract/incidents.ts";

const runbook = readFileSync("RUNBOOK.md", "utf8");
const headings = [...runbook.matchAll(/^## (.+)$/gm)].map(([, text]) => text!);
const sectionOf = (heading: string): string =>
  runbook.slice(runbook.indexOf(`## ${heading}\n`)).split(/\n## /, 1)[0]!;

/** As GitHub makes an anchor of a heading. */
const anchorOf = (heading: string): string =>
  heading
    .toLowerCase()
    .replace(/[^\w\- ]/g, "")
    .replaceAll(" ", "-");

test("every link of the runbook -> leads to a heading of it, or to a file", () => {
  const links = [...runbook.matchAll(/\]\(([^)]+)\)/g)].map(([, target]) => target!);
  const anchors = headings.map((heading) => `#${anchorOf(heading)}`);
  expect(links.length).toBeGreaterThan(20);
  expect(links.filter((link) => !(link.startsWith("#") ? anchors.includes(link) : existsSync(link)))).toEqual(
    [],
  );
});

test.each(INCIDENT_KINDS)(
  "%s -> a section that says first what to do, then whether it can wait until morning, then its mail",
  (kind) => {
    const section = sectionOf(kind);
    expect(section).toMatch(
      /^## .+\n\n\*\*Do:\*\* .+\n\n\*\*Can it wait until morning\?\*\* .+\n\n\*\*Mail:\*\* `\[ha2m\] FIRING /,
    );
    expect(section).toMatch(/\*\*(?:What to do|What it means)/);
    expect(runbook.slice(0, runbook.indexOf("\n## "))).toContain(`(#${kind})`);
  },
);

/** All of them, as the compiler knows. */
const WHYS: Readonly<Record<SendWhy | SilentWhy | Unmoved, true>> = {
  opened: true,
  reopened: true,
  recovered: true,
  settled: true,
  "reminder-due": true,
  joined: true,
  "in-hand": true,
  escalated: true,
  "escalates-later": true,
  "claim-lapsed": true,
  "storm-over": true,
  "week-over": true,
  "already-told": true,
  "being-told": true,
  "tried-lately": true,
  "quiet-hours": true,
  storm: true,
  flapping: true,
  "may-pass": true,
  "split-brain": true,
  "in-doubt": true,
  muted: true,
  acknowledged: true,
  snoozed: true,
  "nothing-to-resolve": true,
  "never-admitted": true,
  stale: true,
  "recovered-unseen": true,
};

test("every reason that a decision can have -> explained", () => {
  const explained = sectionOf("no mail came");
  expect(Object.keys(WHYS).filter((why) => !explained.includes(`\`${why}\``))).toEqual([]);
});

test("every code of an error -> has its row, and no row is of an error that is not there", () => {
  const codesIn = (text: string): string[] => [...new Set(text.match(/MAIL-\d{3}/g))].sort();
  const codes = codesIn(readFileSync("lambda/core/errors.ts", "utf8"));
  expect(codes.length).toBeGreaterThan(3);
  expect(codesIn(runbook)).toEqual(codes);
});
