/** `npm run swarm`: random scenarios on two threads, until something breaks that must hold. */
import { existsSync, mkdirSync } from "node:fs";
import { join } from "node:path";
import { Worker } from "node:worker_threads";
import { nearest } from "../../lib/nearest.ts";
import { projectRoot } from "../project-root.ts";
import { renamedFault } from "../protocol/fault-names.ts";
import { LAWS, type Law } from "../protocol/laws.ts";
import { FAULT_NAMES, type FaultName } from "../scenario/faults.ts";
import { PROTOCOLS } from "../scenario/scenario.ts";
import type { DrawOptions } from "../swarm/draw-scenario.ts";
import type { Rule } from "../swarm/referee.ts";
import { type Regression, seedOf } from "../swarm/regression.ts";
import { untestedLaws } from "../swarm/untested-laws.ts";
import { writeFile } from "../write-file.ts";
import {
  decimalNumber,
  oneOf,
  parseFlags,
  refuseWords,
  UsageError,
  wholeNumber,
} from "./shared/arguments.ts";
import { chosenProtocol } from "./shared/protocol-choice.ts";
import { INTERRUPTED, runCommand, untilInterrupted } from "./shared/run-command.ts";
import { findScenario } from "./shared/scenario-files.ts";
import { paint, type Terminal, terminalOf } from "./shared/terminal.ts";
import { allHeld, playUnderRules, printPlay } from "./swarm/play-one.ts";
import type { FromSwarmWorker, SwarmCount, SwarmFailure, SwarmJob } from "./swarm/worker.ts";

const HELP = `Plays random scenarios on the simulated hardware, each with a few kinds of
faults, and checks in each: at most one node acts at a time, terms only rise,
some node acts again within the stated bound, and readings add up. Failures are
shrunk to a minimal scenario, which is written to test/regressions.

  npm run swarm -- [options]

  --minutes M        duration (default 1)
  --runs N           number of runs, instead of --minutes
  --seed N           the first seed (default: another each time); with --runs 1
                     it replays a single run
  --protocol NAME    "hardened" (default), or "article", the published one, to
                     see it fail; its failures are written to .build/swarm
  --nodes N          2 to 8 (default: random, mostly 2 or 3)
  --only FAULT       uses only this kind of fault; may be given more than once.
                     The kinds: npm run simulate -- --faults
  --scenario NAME|FILE
                     plays this scenario instead, and checks the same in it and
                     its own expectations, except those about mails; with --seed
                     (default 1, or the number at the end of its name) and
                     --protocol
  --json             prints one JSON object on stdout
  --help

Ctrl-C ends it and shows what was found so far.

Exit code: 0 everything held; 1 something broke, or in 128 runs or more a law
was never tested (VACUOUS); 2 the command line was wrong; 130 interrupted
before anything broke.
`;

const FLAGS = {
  minutes: { type: "string" },
  runs: { type: "string" },
  seed: { type: "string" },
  protocol: { type: "string" },
  nodes: { type: "string" },
  only: { type: "string", multiple: true },
  scenario: { type: "string" },
  json: { type: "boolean" },
  help: { type: "boolean", short: "h" },
} as const;

const WORKERS = 2;
const SEED_MAX = 4_294_967_295;
const RUNS_MAX = 1_000_000_000;
const MINUTES_MAX = 10_080;
const ARTICLE_NODES_MAX = 4;
/** Seeds that a thread is handed at a time. */
const ROW = 16;
/** So many that broke one rule are made small; the rest is only listed. */
const SHRUNK_MAX = 2;
const LISTED_MAX = 20;

interface Plan {
  readonly options: DrawOptions;
  readonly seed: number;
  readonly runs: number;
  /** Real time; Infinity where `runs` says when it ends. */
  readonly ms: number;
  /** Where what broke is written, below the project's root. */
  readonly folder: string;
}

/** `npm run swarm`. @param argv what stands behind `--` @returns the exit code */
export const main = (argv: readonly string[]): Promise<number> =>
  runCommand(async () => {
    const { values, positionals } = parseFlags("swarm", argv, FLAGS);
    if (values.help === true) {
      process.stdout.write(HELP);
      return 0;
    }
    refuseWords("swarm", positionals);
    if (values.scenario !== undefined) return playOne(values, values.scenario);
    const plan = planOf(values);
    const terminal = terminalOf(values.json === true ? process.stderr : process.stdout);
    const swarm = new Swarm(plan, terminal);
    await swarm.run();
    if (values.json === true) printJson(swarm.report());
    else swarm.printEnd();
    return swarm.exitCode;
  });

type Values = ReturnType<typeof parseFlags<typeof FLAGS>>["values"];

/** @throws UsageError, ScenarioError */
async function playOne(values: Values, nameOrFile: string): Promise<number> {
  const other = (["minutes", "runs", "nodes", "only"] as const).find((flag) => values[flag] !== undefined);
  if (other !== undefined)
    throw new UsageError(`--scenario plays one scenario unchanged: leave --${other} out.`);
  const scenario = findScenario(nameOrFile, undefined, "swarm");
  const seed =
    values.seed === undefined ? seedOf(scenario.name) : wholeNumber("--seed", values.seed, 0, SEED_MAX);
  const report = await playUnderRules(scenario, chosenProtocol(scenario, values.protocol), seed);
  if (values.json === true) printJson(report);
  else printPlay(terminalOf(process.stdout), report);
  return allHeld(report) ? 0 : 1;
}

const printJson = (value: unknown): void => void process.stdout.write(`${JSON.stringify(value, null, 2)}\n`);

/** @throws UsageError */
function planOf(values: Values): Plan {
  if (values.minutes !== undefined && values.runs !== undefined)
    throw new UsageError("--minutes and --runs: keep one of them.");
  const protocol = oneOf("--protocol", values.protocol ?? "hardened", PROTOCOLS);
  const nodesMax = protocol === "article" ? ARTICLE_NODES_MAX : 8;
  const nodes = values.nodes === undefined ? undefined : wholeNumber("--nodes", values.nodes, 2, nodesMax);
  const seed =
    values.seed === undefined
      ? Math.floor(Math.random() * (SEED_MAX + 1))
      : wholeNumber("--seed", values.seed, 0, SEED_MAX);
  return {
    options: { protocol, nodes, only: values.only?.map(faultNamed) },
    seed,
    runs: values.runs === undefined ? RUNS_MAX : wholeNumber("--runs", values.runs, 1, RUNS_MAX),
    ms:
      values.runs === undefined
        ? 60_000 * decimalNumber("--minutes", values.minutes ?? "1", 0.01, MINUTES_MAX)
        : Number.POSITIVE_INFINITY,
    folder: protocol === "hardened" ? "test/regressions" : ".build/swarm",
  };
}

function faultNamed(name: string): FaultName {
  const found = FAULT_NAMES.find((known) => known === name);
  if (found !== undefined) return found;
  const now = FAULT_NAMES.find((known) => known === renamedFault(name));
  if (now !== undefined) throw new UsageError(`--only: ${name} is called ${now}: --only ${now}`);
  const near = nearest(name, FAULT_NAMES);
  const hint = near === undefined ? "See: npm run simulate -- --faults" : `Did you mean "${near}"?`;
  throw new UsageError(`--only: the fault "${name}" is unknown. ${hint}`);
}

/** What was found, and where it now stands. */
type Found = SwarmFailure & { readonly file?: string; readonly replay?: string };

class Swarm {
  readonly failures: Found[] = [];
  readonly #plan: Plan;
  readonly #terminal: Terminal;
  readonly #startedMs = performance.now();
  #next: number;
  readonly #shrunk = new Map<Rule, number>();
  #stopped = false;
  #interrupted = false;
  /** Undefined, once somebody asks it to end: what is under way is given up. */
  readonly #stop = untilInterrupted().then(() => {
    this.#stopped = true;
    this.#interrupted = true;
    return undefined;
  });
  #sum: SwarmCount = { runs: 0, wakes: 0, acts: 0, within: 0, silences: 0, longest: 0, occasions: [] };

  constructor(plan: Plan, terminal: Terminal) {
    this.#plan = plan;
    this.#terminal = terminal;
    this.#next = plan.seed;
  }

  /** Until the time is over, all seeds have been played, or somebody asks it to end. */
  async run(): Promise<void> {
    await Promise.all(Array.from({ length: WORKERS }, () => this.#work()));
    this.#clearLine();
  }

  async #work(): Promise<void> {
    const worker = new Worker(new URL("./swarm-worker.mjs", import.meta.url));
    try {
      for (let row = this.#take(); row !== undefined; row = this.#take()) {
        const played = await this.#ask(worker, { kind: "play", ...row, options: this.#plan.options });
        if (played === undefined) return;
        if (played.kind !== "played") throw new Error("a swarm worker answered what it was not asked");
        this.#count(played.count);
        for (const failure of played.failures) await this.#failed(worker, failure);
        this.#printProgress();
      }
    } catch (error) {
      // The other thread would go on to the end.
      this.#stopped = true;
      throw error;
    } finally {
      await worker.terminate();
    }
  }

  /** The next row of seeds. */
  #take(): { from: number; count: number } | undefined {
    const { seed, runs, ms } = this.#plan;
    const left = seed + runs - this.#next;
    if (left <= 0 || this.#stopped || this.#elapsedMs > ms) return undefined;
    const row = { from: this.#next, count: Math.min(ROW, left) };
    this.#next += row.count;
    return row;
  }

  #count(count: SwarmCount): void {
    const sum = this.#sum;
    this.#sum = {
      runs: sum.runs + count.runs,
      wakes: sum.wakes + count.wakes,
      acts: sum.acts + count.acts,
      within: sum.within + count.within,
      silences: sum.silences + count.silences,
      longest: Math.max(sum.longest, count.longest),
      occasions: [...new Set([...sum.occasions, ...count.occasions])],
    };
  }

  async #failed(worker: Worker, failure: SwarmFailure): Promise<void> {
    const { rule } = failure.violation;
    const shrunk = this.#shrunk.get(rule) ?? 0;
    if (shrunk >= SHRUNK_MAX) {
      this.failures.push(failure);
      return;
    }
    this.#shrunk.set(rule, shrunk + 1);
    const answer = await this.#ask(worker, { kind: "shrink", failure, options: this.#plan.options });
    if (answer === undefined) {
      this.failures.push(failure);
      return;
    }
    if (answer.kind !== "shrunk") throw new Error("a swarm worker answered what it was not asked");
    const { regression } = answer;
    const file = this.#write(regression);
    const replay = `npm run ${regression.command} -- --scenario ${file}${regression.options}`;
    const found = { ...failure, file, replay };
    this.failures.push(found);
    this.#clearLine();
    this.#printFailure(found);
  }

  #ask(worker: Worker, job: SwarmJob): Promise<FromSwarmWorker | undefined> {
    return Promise.race([ask(worker, job), this.#stop]);
  }

  /** With faults of the user's choice a law may well have no occasion. */
  get #untested(): Law[] {
    const { only } = this.#plan.options;
    return only === undefined ? untestedLaws(this.#sum.runs, this.#sum.occasions) : [];
  }

  /** 130 where nothing was found before somebody asked it to end. */
  get exitCode(): number {
    if (this.failures.length > 0 || this.#untested.length > 0) return 1;
    return this.#interrupted ? INTERRUPTED : 0;
  }

  #write({ name, text }: Regression): string {
    const { folder } = this.#plan;
    mkdirSync(join(projectRoot(), folder), { recursive: true });
    const file = `${folder}/${name}.yaml`;
    if (!existsSync(join(projectRoot(), file))) writeFile({ path: join(projectRoot(), file), data: text });
    return file;
  }

  report() {
    const { seed, options } = this.#plan;
    const { runs, wakes, acts, within, silences, longest } = this.#sum;
    return {
      seed,
      protocol: options.protocol,
      seconds: Math.round(this.#elapsedMs) / 1_000,
      completed: !this.#interrupted,
      runs,
      wakes,
      acts,
      runs_within_assumptions: within,
      silences_judged: silences,
      longest_silence_share_of_bound: Math.round(longest * 1_000) / 1_000,
      laws_never_tested: this.#untested,
      failures: this.failures.map(({ seed, violation, file, replay = this.#again(seed) }) => ({
        seed,
        rule: violation.rule,
        detail: violation.detail,
        at_s: violation.at / 1_000_000,
        scenario: file ?? null,
        replay,
      })),
    };
  }

  printEnd(): void {
    const { seed } = this.#plan;
    const { runs, wakes, within, silences, longest } = this.#sum;
    for (const failure of this.failures.filter(({ file }) => file === undefined).slice(0, LISTED_MAX))
      this.#printFailure(failure);
    for (const law of this.#untested)
      this.#terminal.write(
        `${paint(this.#terminal, "red", "VACUOUS")} ${law}: in no run ${LAWS[law].sometimes}\n`,
      );
    this.#terminal.write(
      `${this.#interrupted ? "interrupted; " : ""}${this.failures.length + this.#untested.length === 0 ? paint(this.#terminal, "green", "all held") : paint(this.#terminal, "red", this.failures.length > 0 ? `${this.failures.length} broke` : "nothing broke, but not everything was tested")}: ` +
        `${counted(runs)} runs from seed ${seed} on, ${counted(wakes)} wakes, in ${(this.#elapsedMs / 1_000).toFixed(1)} s; ` +
        `${counted(within)} runs within all assumptions; the longest of ${counted(silences)} silences took ${Math.round(100 * longest)} % of its bound\n`,
    );
  }

  #printFailure({ seed, violation, replay = this.#again(seed) }: Found): void {
    const { rule, detail } = violation;
    this.#terminal.write(
      `${paint(this.#terminal, "red", "BROKEN")}  seed ${seed}: ${rule}: ${detail}\n        ${replay}\n`,
    );
  }

  #again(seed: number): string {
    const { protocol, nodes, only } = this.#plan.options;
    const more = [
      ...(protocol === "hardened" ? [] : [`--protocol ${protocol}`]),
      ...(nodes === undefined ? [] : [`--nodes ${nodes}`]),
      ...(only ?? []).map((name) => `--only ${name}`),
    ];
    return ["npm run swarm --", `--seed ${seed}`, "--runs 1", ...more].join(" ");
  }

  #printProgress(): void {
    if (!this.#terminal.live) return;
    const { runs, wakes } = this.#sum;
    const left =
      this.#plan.ms === Number.POSITIVE_INFINITY
        ? `${counted(this.#plan.runs - runs)} runs left`
        : `${Math.max(0, Math.ceil((this.#plan.ms - this.#elapsedMs) / 1_000))} s left`;
    const rate = Math.round(runs / (this.#elapsedMs / 1_000));
    const text = `${counted(runs)} runs, ${rate}/s, ${counted(wakes)} wakes, ${this.failures.length} broke; ${left}`;
    this.#terminal.write(`\r${text.slice(0, this.#terminal.columns - 1).padEnd(this.#terminal.columns - 1)}`);
  }

  #clearLine(): void {
    if (this.#terminal.live) this.#terminal.write(`\r${" ".repeat(this.#terminal.columns - 1)}\r`);
  }

  get #elapsedMs(): number {
    return performance.now() - this.#startedMs;
  }
}

/** One question at a time. */
function ask(worker: Worker, job: SwarmJob): Promise<FromSwarmWorker> {
  return new Promise((resolve, reject) => {
    const fail = (error: unknown): void => {
      worker.off("message", hear);
      reject(error);
    };
    const hear = (answer: FromSwarmWorker): void => {
      worker.off("error", fail);
      resolve(answer);
    };
    worker.once("message", hear);
    worker.once("error", fail);
    worker.postMessage(job);
  });
}

const counted = (n: number): string => n.toLocaleString("en");
