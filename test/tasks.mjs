// @ts-check
/**
 * The developers' scripts as lists of steps: `node test/tasks.mjs check`. One list serves `npm run`, its --help and CI.
 * Exit code: that of the first step that fails; 2 for a wrong command line.
 */
import { spawnSync } from "node:child_process";
import { readdirSync } from "node:fs";
import { constants } from "node:os";

/**
 * `first` runs before `run`, and is a part of the step.
 * @typedef {{ readonly name: string, readonly first?: readonly string[], readonly run: readonly string[],
 *   readonly env?: Readonly<Record<string, string>> }} Step
 */
/**
 * @typedef {object} Task
 * @property {string} about what it does, for --help
 * @property {string} [words] what its words are, for --help; without it, it takes none
 * @property {readonly Step[]} steps
 * @property {() => readonly string[]} [choices] what its words may be
 * @property {boolean} [chosen] its words choose among the steps, by name
 * @property {(words: readonly string[]) => string[]} [wordArgs] its words as arguments of the last step
 */

const LINT = { name: "format and lint", run: ["biome", "ci", "--error-on-warnings", "."] };
const TYPES = { name: "types", run: ["tsc", "--noEmit", "-p", "."] };

/** @type {Readonly<Record<string, Task>>} */
const TASKS = {
  check: {
    about: "Runs the format check, lint, type check and quick tests.",
    steps: [LINT, TYPES, { name: "quick tests", run: ["jest", "--selectProjects", "unit"] }],
  },
  test: {
    about: "Runs all checks: format, lint, types, all tests, the strict synthesis.",
    steps: [
      LINT,
      TYPES,
      { name: "all tests", run: ["jest"] },
      { name: "strict synthesis", run: ["cdk", "synth", "--strict", "--quiet"] },
    ],
  },
  golden: {
    about:
      "Plays the scenarios and rewrites their timelines in test/golden.\nRead the difference before you commit it.",
    words: "SCENARIO …   only these; npm run simulate -- --list names them",
    choices: () =>
      readdirSync(new URL("../simulator/scenario/library", import.meta.url)).map((file) =>
        file.replace(/\.yaml$/, ""),
      ),
    steps: [
      {
        name: "timelines",
        run: ["jest", "test/end-to-end/scenarios", "--selectProjects", "end-to-end", "-t"],
        env: { HA2M_UPDATE_GOLDEN: "1" },
      },
    ],
    wordArgs: (words) => [words.length === 0 ? "golden" : `^(${words.map(literally).join("|")}), .*golden`],
  },
  docs: {
    about: "Rewrites docs/commands.md from the --help of each command.",
    steps: [{ name: "docs/commands.md", run: ["node", "test/commands-doc.mjs"] }],
  },
  bench: {
    about:
      "Runs the benchmarks. Rates depend on the machine, so each is printed beside a\nreference measured in the same run.",
    words: "NAME …   only these",
    chosen: true,
    steps: [
      { name: "bus", run: ["node", "--import", "tsx", "test/bench/bus.bench.ts"] },
      { name: "engine", run: ["node", "--expose-gc", "--import", "tsx", "test/bench/engine.bench.ts"] },
      {
        name: "checker",
        first: [
          ...["esbuild", "test/bench/checker.bench.ts", "--bundle", "--platform=node", "--format=esm"],
          ...["--outfile=.build/bench/checker.mjs", "--log-level=warning"],
        ],
        run: ["node", ".build/bench/checker.mjs"],
      },
      { name: "cloud", run: ["node", "--import", "tsx", "test/bench/cloud.bench.ts"] },
      { name: "cold-start", run: ["node", "--import", "tsx", "test/bench/cold-start.bench.ts"] },
    ],
  },
};

/** @param {string} word as a regular expression that it alone matches */
const literally = (word) => word.replace(/[^\w-]/g, "\\$&");

/** @param {string} message @returns {never} */
function usageError(message) {
  console.error(message);
  process.exit(2);
}

/** @param {string} name @param {Task} task */
function help(name, { about, words, steps, chosen }) {
  const usage = words === undefined ? `npm run ${name}` : `npm run ${name} -- [${words.split(" ")[0]} …]`;
  const list = steps.map((step) => `  ${step.name}\n      ${step.run.join(" ")}`);
  console.log(`${about}\n\n  ${usage}\n`);
  if (words !== undefined)
    console.log(`  ${words}${chosen ? `: ${steps.map((s) => s.name).join(", ")}` : ""}\n`);
  console.log(`Its steps:\n\n${list.join("\n")}`);
}

const [name = "", ...words] = process.argv.slice(2);
const task =
  TASKS[name] ?? usageError(`tasks.mjs: unknown task "${name}"; one of: ${Object.keys(TASKS).join(", ")}`);
if (words.includes("--help") || words.includes("-h")) {
  help(name, task);
  process.exit(0);
}
const flag = words.find((word) => word.startsWith("-"));
if (flag !== undefined) usageError(`Unknown option '${flag}'. See: npm run ${name} -- --help`);
if (words.length > 0 && task.words === undefined)
  usageError(`"${words[0]}": npm run ${name} takes no words. See: npm run ${name} -- --help`);
const choices = task.chosen ? task.steps.map((step) => step.name) : task.choices?.();
const stray = words.find((word) => choices?.includes(word) === false);
if (stray !== undefined)
  usageError(`"${stray}" is none of ${choices?.join(", ")}. See: npm run ${name} -- --help`);

/** @param {readonly string[]} line @param {Step} step */
function run([command = "", ...args], step) {
  const { status, signal, error } = spawnSync(command, args, {
    stdio: "inherit",
    // A package's command is a .cmd file there.
    shell: process.platform === "win32",
    env: { ...process.env, ...step.env },
  });
  if (error !== undefined) usageError(`${command} cannot be started (${error.message}): run npm ci first`);
  if (status === 0) return;
  console.error(`npm run ${name}: "${step.name}" failed: ${command} ${args.join(" ")}`);
  process.exit(status ?? 128 + (signal === null ? 0 : constants.signals[signal]));
}

for (const step of task.steps) {
  if (task.chosen && words.length > 0 && !words.includes(step.name)) continue;
  if (step.first !== undefined) run(step.first, step);
  run([...step.run, ...(task.wordArgs?.(words) ?? [])], step);
}
