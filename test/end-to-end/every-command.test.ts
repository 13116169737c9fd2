/** Every command as people meet it: --help, a slip of the finger, a narrow terminal, a pipe that is closed, Ctrl-C. */
import { spawn, spawnSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { type Finished, projectFolder, run } from "./support/commands.ts";

const { scripts } = JSON.parse(readFileSync(join(projectFolder, "package.json"), "utf8")) as {
  scripts: Record<string, string>;
};
/** Another program's command line: its own --help. */
const OF_OTHERS = ["synth", "format"];
const commands = Object.keys(scripts).filter((name) => !OF_OTHERS.includes(name));

const COLUMNS = 80;
const COMMANDS_DOC = readFileSync(join(projectFolder, "docs", "commands.md"), "utf8");
const NPM_RUN = /npm run (?:-s )?([a-z][\w-]*)/g;

/** As npm runs it, without npm's own start-up. */
function script(name: string, args: readonly string[]): Promise<Finished> {
  const [, ...words] = scripts[name]!.split(" ");
  const child = spawn(process.execPath, [...words, ...args], {
    cwd: projectFolder,
    env: { ...process.env, NO_COLOR: "1" },
  });
  const printed = { stdout: "", stderr: "" };
  for (const stream of ["stdout", "stderr"] as const)
    child[stream].setEncoding("utf8").on("data", (text: string) => {
      printed[stream] += text;
    });
  return new Promise((resolve) => child.on("close", (code) => resolve({ code, ...printed })));
}

// Synthesis and bundling, where they are due, are said on stderr.
beforeAll(() => run("prepare", []));

describe.each(commands)("npm run %s", (name) => {
  test("--help -> how to call it, no line wider than a terminal of 80 columns", async () => {
    const { code, stdout, stderr } = await script(name, ["--help"]);
    expect({ code, stderr }).toEqual({ code: 0, stderr: "" });
    expect(stdout).toContain(`npm run ${name}`);
    expect(stdout.split("\n").filter((line) => line.length > COLUMNS)).toEqual([]);
  });

  test("docs/commands.md -> has its --help as it is; npm run docs writes it anew", async () => {
    const { stdout } = await script(name, ["--help"]);
    expect(COMMANDS_DOC).toContain(`### ${name}\n\n\`\`\`\n${stdout.trimEnd()}\n\`\`\`\n`);
  });

  test("an option that does not exist -> named, with the way to the help; exit 2", async () => {
    const { code, stdout, stderr } = await script(name, ["--no-such-option"]);
    expect({ code, stdout }).toEqual({ code: 2, stdout: "" });
    expect(stderr).toMatch(
      new RegExp(`^Unknown option '--no-such-option'.* See: npm run ${name} -- --help\n$`),
    );
  });

  test("a word too many -> refused in a sentence; exit 2", async () => {
    const { code, stdout, stderr } = await script(name, ["one", "two", "three", "four", "five", "six"]);
    expect({ code, stdout }).toEqual({ code: 2, stdout: "" });
    expect(stderr).toMatch(/^[^\n]+\n$/);
    expect(stderr).not.toMatch(/\bat .*:\d+:\d+/);
  });
});

test("the documents at the top -> each command that they name exists", () => {
  const named = ["README.md", "RUNBOOK.md", "ARCHITECTURE.md", "CONTRIBUTING.md"].flatMap((file) =>
    [...readFileSync(join(projectFolder, file), "utf8").matchAll(NPM_RUN)].map(([, name]) => name!),
  );
  expect([...new Set(named)].filter((name) => scripts[name] === undefined)).toEqual([]);
  expect(named.length).toBeGreaterThan(20);
});

/** util-linux's `script` gives a command a terminal. */
const hasTerminal = spawnSync("script", ["--version"]).status === 0;
const inTerminal = hasTerminal ? test : test.skip;

/** What stands on the screen in the end: a line that is rewritten in place counts as it was last. */
function onScreen(args: readonly string[], columns: number): { code: number | null; lines: string[] } {
  const command = [process.execPath, "simulator/cli/start.mjs", ...args].map((word) => `'${word}'`).join(" ");
  const { status, stdout } = spawnSync(
    "script",
    ["-qec", `stty cols ${columns} rows 24; exec ${command}`, "/dev/null"],
    { cwd: projectFolder, encoding: "utf8", env: { ...process.env, NO_COLOR: "1", TERM: "xterm" } },
  );
  const lines = stdout.split(/\r?\n/).map((line) => line.slice(line.lastIndexOf("\r") + 1));
  return { code: status, lines };
}

describe("a terminal of 80 columns", () => {
  inTerminal.each([
    [["simulate", "--list"]],
    [["simulate", "--faults"]],
    [["simulate", "--scenario", "first-start", "--uplink", "memory"]],
    [["simulate", "--scenario", "fuse-blows", "--uplink", "memory"]],
    [["battery"]],
    [["battery", "--wear"]],
    [["cost"]],
    [["cost", "--clusters", "10000"]],
  ])("%p -> no line is wider, no word is broken", (args) => {
    const { code, lines } = onScreen(args, COLUMNS);
    expect(code).toBe(0);
    expect(lines.length).toBeGreaterThan(5);
    expect(lines.filter((line) => line.length > COLUMNS)).toEqual([]);
  });

  inTerminal("one that says it has none -> the same", () => {
    expect(onScreen(["simulate", "--list"], 0).lines).toEqual(
      onScreen(["simulate", "--list"], COLUMNS).lines,
    );
  });
});
