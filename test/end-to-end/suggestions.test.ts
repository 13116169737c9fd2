/** What the commands and documents tell a person to type works when it is typed. */
import { mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { projectFolder, type Running, run, start } from "./support/commands.ts";

let folder: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), "ha2m-typed-"));
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

/** `npm run readings -- kitchen --from 2026-03-02` as command and words. */
function typed(line: string): { command: string; words: string[] } {
  const [, command = "", rest = ""] = /npm run (?:-s )?([\w-]+)(?: -- (.*))?/.exec(line) ?? [];
  return { command, words: rest.split(" ").filter((word) => word !== "") };
}

async function interrupted({ child, finished }: Running): Promise<void> {
  child.kill("SIGINT");
  expect((await finished).code).toBe(0);
}

describe("after simulate --keep", () => {
  let running: Running;
  let said: string;
  let story: string;
  beforeAll(async () => {
    running = start("simulate", ["--keep", "--uplink", "memory", "--seed", "3"]);
    said = await running.until("stderr", /npm run readings -- .*\n/);
    story = await running.until("stdout", /RUNBOOK\.md/);
  });
  afterAll(() => interrupted(running));

  test("the readings as suggested -> the story's, and none is called missing that was never due", async () => {
    const { command, words } = typed(/npm run readings.*/.exec(said)?.[0] ?? "");
    const { code, stdout } = await run(command, words);
    expect(code).toBe(0);
    expect(stdout).toMatch(/kitchen, 2026-03-02 00:00 to 2026-03-04 00:00 UTC/);
    expect(stdout).not.toMatch(/missing/);
  });

  test("the inbox -> its mails have the story's time", async () => {
    const inbox = /Mails: (http:\S+)/.exec(said)?.[1];
    const { emails } = (await (await fetch(`${inbox}store`)).json()) as { emails: { at: number }[] };
    const at = emails.map((mail) => new Date(mail.at * 1_000).toISOString().slice(0, 13));
    expect(at).toEqual(["2026-03-02T03", "2026-03-02T20"]);
  });

  test("the readings without a time -> the last day of the story", async () => {
    const { words } = typed(/npm run readings.*/.exec(said)?.[0] ?? "");
    const from = words.indexOf("--from");
    const { code, stdout } = await run("readings", words.toSpliced(from, 2));
    expect([code, stdout]).toEqual([0, expect.stringMatching(/2026-03-03 00:00 to 2026-03-04 00:00 UTC/)]);
  });

  test("where to look next -> each command ends well", async () => {
    const next = story.slice(story.indexOf("Where to look next")).match(/npm run .*?(?= {3})/g) ?? [];
    expect(next).toHaveLength(2);
    for (const line of next) {
      const { command, words } = typed(line);
      const inFolder = words.map((word) => (word === "trace.txt" ? join(folder, word) : word));
      const own = command === "node" ? ["--images", folder] : ["--uplink", "memory"];
      expect({ line, code: (await run(command, [...inFolder, ...own])).code }).toEqual({ line, code: 0 });
    }
    expect(readdirSync(folder)).toContain("trace.txt");
  });
});

test("what npm run cloud prints -> the readings of that cloud, wherever its keys are", async () => {
  const ports = ["--mqtt-port", "0", "--dynamodb-port", "0", "--ses-port", "0"];
  const cloud = start("cloud", ["--keys", join(folder, "keys"), ...ports]);
  const welcome = await cloud.until("stdout", /--table-name \S+\n/);
  const { command, words } = typed(/npm run readings.*/.exec(welcome)?.[0] ?? "");
  const { code, stdout } = await run(command, words);
  // Nobody has published anything yet.
  expect([code, stdout]).toEqual([1, expect.stringMatching(/^no readings: kitchen/)]);
  await interrupted(cloud);
});

/** Every `npm run X -- …` of the documents, and of what the commands print. */
function commandsNamed(): Map<string, Set<string>> {
  const sources = ["simulator", "lib", "lambda", "bin", "docs"].flatMap((part) =>
    readdirSync(join(projectFolder, part), { recursive: true, encoding: "utf8" }).map(
      (name) => `${part}/${name}`,
    ),
  );
  const files = [
    ...sources.filter((name) => /\.(ts|md)$/.test(name)),
    "README.md",
    "RUNBOOK.md",
    "ARCHITECTURE.md",
  ];
  const named = new Map<string, Set<string>>();
  for (const file of files) {
    const text = readFileSync(join(projectFolder, file), "utf8");
    for (const [, command = "", rest = ""] of text.matchAll(
      /npm run (?:-s )?([a-z][\w-]*)((?: -- [^`"\n\\;)]*)?)/g,
    )) {
      const flags = named.get(command) ?? new Set();
      for (const [flag] of rest.matchAll(/(?<= )--[a-z][\w-]*/g)) flags.add(flag);
      named.set(command, flags);
    }
  }
  return named;
}

describe("every command and option that documents and messages name", () => {
  const named = [...commandsNamed()].map(([command, flags]) => ({ command, flags: [...flags] }));
  const { scripts } = JSON.parse(readFileSync(join(projectFolder, "package.json"), "utf8"));

  test("there is such a script", () => {
    expect(named.length).toBeGreaterThan(10);
    expect(named.map(({ command }) => command).filter((command) => !(command in scripts))).toEqual([]);
  });

  const ofOurs = named.filter(({ command }) =>
    String(scripts[command]).startsWith("node simulator/cli/start.mjs"),
  );
  test.each(ofOurs)("$command -> --help knows $flags", async ({ command, flags }) => {
    if (command === "prepare") return;
    const { code, stdout } = await run(command, ["--help"]);
    expect(code).toBe(0);
    expect(flags.filter((flag) => !stdout.includes(flag))).toEqual([]);
  });
});
