/** Median and worst time until somebody publishes after an outage: `node --import tsx test/bench/rejoin.bench.ts [SEEDS]`. */
import { rejoinsWithinS } from "../../simulator/protocol/hardened/bounds.ts";
import { TIMING } from "../../simulator/protocol/timing.ts";
import { rejoinS } from "./rejoin.ts";

const seeds = Number(process.argv[2] ?? 200);
for (const returning of ["both", "one"] as const) {
  const found: number[] = [];
  for (let seed = 1; seed <= seeds; seed++) found.push(await rejoinS(seed, returning));
  found.sort((x, y) => x - y);
  const [median, worst] = [found[Math.floor(seeds / 2)]!, found.at(-1)!].map((s) => Math.round(s / 60));
  const bound = Math.round(rejoinsWithinS(TIMING) / 60);
  console.log(
    `${returning} online again, ${seeds} seeds: median ${median} min, worst ${worst} min; bound ${bound} min`,
  );
}
