/**
 * How fast the checker is: states a second of one check of the shipped protocol, beside a plain breadth-first search in
 * C++ (breadth-first.cpp) over as many states of the same size, with as many transitions. In between, the checker's own
 * search over the graph of the C++ program: what is lost to the language and the search, and what the protocol costs. The
 * ratios are what counts; the rates depend on the machine. Bundled, as `npm run verify` is: the loader costs a quarter.
 *
 *   npx esbuild test/bench/checker.bench.ts --bundle --platform=node --format=esm --outfile=.build/bench/checker.mjs
 *   node .build/bench/checker.mjs
 */
import { spawnSync } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type Check, runCheck } from "../../simulator/checker/checks.ts";
import { type Explorable, type Exploration, explore } from "../../simulator/checker/explore.ts";
import { Layout } from "../../simulator/checker/layout.ts";

const CHECK: Check = {
  protocol: "hardened",
  nodes: 2,
  witness: false,
  faults: ["power-cut"],
  budget: 1,
  crashes: 1,
  punctual: false,
  bookkeeping: false,
};
const ROUNDS = 3;
/** From the project's folder. */
const SOURCE = "test/bench/breadth-first.cpp";
const COMPILERS = ["c++", "g++", "clang++"];
const INTEGER_BYTES = 4;

/** Of the search: what the C++ program tells of its own. */
type Size = Pick<Exploration, "states" | "transitions" | "depth">;

/** The graph of breadth-first.cpp. */
function graph({ states, transitions }: Size, width: number): Explorable<{ readonly kind: "step" }> {
  const others = transitions - (states - 1);
  const next = new Int32Array(width);
  const expand = (index: number, into: Int32Array): Int32Array => {
    into[0] = index;
    for (let i = 1; i < width; i++) into[i] = mix(index * width + i);
    return into;
  };
  const label = () => ({ kind: "step" }) as const;
  return {
    layout: {
      width,
      packedWidth: width,
      pack: (state, into) => into.set(state),
      unpack: (packed, into) => into.set(packed),
    },
    initial: () => expand(0, new Int32Array(width)),
    successors(state, emit) {
      const index = state[0]!;
      for (let child = 2 * index + 1; child <= 2 * index + 2; child++)
        if (child < states) emit(expand(child, next), label, undefined);
      const end = Math.floor(((index + 1) * others) / states);
      for (let edge = Math.floor((index * others) / states); edge < end; edge++)
        emit(expand(mix(edge) % states, next), label, undefined);
    },
  };
}

/** MurmurHash3's finaliser. */
function mix(x: number): number {
  let h = Math.imul(x ^ (x >>> 16), 0x85ebca6b);
  h = Math.imul(h ^ (h >>> 13), 0xc2b2ae35);
  return (h ^ (h >>> 16)) >>> 0;
}

/** Seconds: the least of some rounds, because other work on the machine only ever slows one down. */
function least(round: () => number): number {
  let seconds = Number.POSITIVE_INFINITY;
  for (let i = 0; i < ROUNDS; i++) seconds = Math.min(seconds, round());
  return seconds;
}

function timed(run: () => Pick<Exploration, "exhausted">): number {
  const started = performance.now();
  const { exhausted } = run();
  if (!exhausted) throw new Error("a search came to no end: the benchmark measures nothing");
  return (performance.now() - started) / 1_000;
}

/** What the C++ program needs for the same graph; undefined where there is no compiler. */
function inCpp(
  size: Size,
  width: number,
): { readonly seconds: number; readonly compiler: string } | undefined {
  const folder = mkdtempSync(join(tmpdir(), "ha2m-bench-"));
  try {
    const program = join(folder, "breadth-first");
    const compiler = compile(SOURCE, program);
    if (compiler === undefined) return undefined;
    const seconds = least(() => {
      const { stdout } = outputOf(program, [String(size.states), String(size.transitions), String(width)])!;
      const told: Size & { seconds: number } = JSON.parse(stdout);
      if (told.states !== size.states || told.transitions !== size.transitions || told.depth !== size.depth)
        throw new Error(`the C++ program searched another graph: ${stdout.trim()}`);
      return told.seconds;
    });
    return { seconds, compiler };
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

/** @returns the compiler; undefined where there is none */
function compile(source: string, program: string): string | undefined {
  return COMPILERS.find((name) => outputOf(name, ["-O2", "-std=c++17", "-o", program, source]) !== undefined);
}

/** @returns undefined where there is no such command. @throws Error where it fails */
function outputOf(command: string, args: readonly string[]): { readonly stdout: string } | undefined {
  const { error, status, stdout, stderr } = spawnSync(command, args, { encoding: "utf8" });
  if ((error as NodeJS.ErrnoException | undefined)?.code === "ENOENT") return undefined;
  if (error !== undefined) throw error;
  if (status !== 0) throw new Error(`${command} failed:\n${stderr}`);
  return { stdout };
}

const { packedWidth } = new Layout(CHECK.nodes, CHECK.nodes, CHECK.punctual);
const first = runCheck(CHECK);
const checker = least(() => timed(() => runCheck(CHECK)));
const plain = graph(first, packedWidth);
const plainSize = explore(plain, { canonicalize: () => undefined });
const search = least(() => timed(() => explore(plain, { canonicalize: () => undefined })));
const cpp = inCpp(plainSize, packedWidth);

const count = (n: number): string => Math.round(n).toLocaleString("en");
const rate = (seconds: number): string => count(first.states / seconds).padStart(12);
const times = (ratio: number): string => `${ratio.toFixed(1).padStart(12)} × `;
const size = `${count(first.states)} states of ${INTEGER_BYTES * packedWidth} bytes, ${count(first.transitions)} transitions`;

console.log(`${rate(checker)} states/s  the checker: ${CHECK.faults.join()}, one reset; ${size}`);
console.log(`${rate(search)} states/s  its search alone, over a made-up graph of that size`);
if (cpp === undefined) {
  console.log(
    `             There is no C++ compiler (looked for: ${COMPILERS.join(", ")}): nothing to compare it with.`,
  );
} else {
  console.log(`${rate(cpp.seconds)} states/s  the same graph in plain C++ (${cpp.compiler} -O2)`);
  console.log(
    `${times(search / cpp.seconds)}         what the checker's search takes of the C++ program's time`,
  );
  console.log(`${times(checker / cpp.seconds)}         what the checker takes of it`);
  console.log(
    "             The C++ program runs no wake cycle (no generator), brings no state into one form for all that are alike\n" +
      "             (no canonical form), and asks of none whether somebody acts again: a successor is a few multiplications.",
  );
}
