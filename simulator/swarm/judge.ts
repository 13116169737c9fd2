/** Plays a scenario without a cloud, and finds what it breaks. */
import { Engine } from "../engine/engine.ts";
import { rngStream } from "../engine/rng.ts";
import { after, type Instant, START, seconds } from "../engine/time.ts";
import { type At24c256, PAGE_BYTES } from "../hardware/at24c256.ts";
import { constantTemperature, roomTemperature } from "../hardware/temperature.ts";
import { MemoryUplink } from "../node/memory-uplink.ts";
import type { Law } from "../protocol/laws.ts";
import type { Protocol } from "../protocol/protocol.ts";
import { PERIOD_S } from "../protocol/timing.ts";
import type { Scenario } from "../scenario/scenario.ts";
import { Score } from "../scenario/score.ts";
import { World } from "../scenario/world.ts";
import { Accounts } from "./accounts.ts";
import type { Beyond } from "./conditions.ts";
import { chipsOf } from "./draw-fault.ts";
import { type Breach, Referee } from "./referee.ts";

/** One run to be judged. */
export interface JudgeOptions {
  readonly scenario: Scenario;
  readonly protocol: Protocol;
  readonly seed: number;
  /** Hashes the trace. @default false */
  readonly traced?: boolean;
}

/** The result of a run: what it broke, and how much of it was tested. */
export interface Judgement {
  /** The first breach of each rule. */
  readonly violations: readonly Breach[];
  /** Number of wakes of all nodes. */
  readonly wakes: number;
  readonly acts: number;
  /** Why "one acts at a time" was not asserted to the end of the run; undefined: it was. */
  readonly beyond: Beyond | undefined;
  /** Number of silences compared with the bound; `longest` is the longest, as a share of its bound. */
  readonly judged: number;
  readonly longest: number;
  /** Laws that were put to the test. */
  readonly occasions: readonly Law[];
  readonly score: Score;
  readonly traceSha256: string;
}

/** Start and cluster as in `npm run simulate`, so that it plays the same. */
const EPOCH_MS = Date.UTC(2026, 2, 2);
/** Sleep between two wakes. */
export const PERIOD = seconds(PERIOD_S);
const CLUSTER = "kitchen";

/** Plays a scenario without a cloud, and checks every rule that applies under its conditions. */
export async function judge({ scenario, protocol, seed, traced = false }: JudgeOptions): Promise<Judgement> {
  const engine = new Engine();
  const temperature =
    scenario.temperatures.kind === "constant"
      ? constantTemperature(scenario.temperatures.celsius)
      : roomTemperature(rngStream(seed, "room"));
  const score = new Score({ epochMs: EPOCH_MS, temperature, periodS: PERIOD_S });
  const accounts = new Accounts();
  const world = new World({
    engine,
    scenario,
    protocol,
    cluster: CLUSTER,
    seed,
    sleep: PERIOD,
    epochMs: EPOCH_MS,
    temperature,
    traced,
    uplink: (board) => new MemoryUplink({ accept: (topic, payload) => accounts.take(board, topic, payload) }),
    onNode: (event) => {
      score.note(event);
      accounts.node(event);
      referee.node(event);
    },
    onStory: (line) => referee.story(line),
  });
  const referee = new Referee(world, scenario.cluster, PERIOD, protocol.watchdogS !== undefined);
  const end = after(START, scenario.duration);
  try {
    await engine.run(end);
    referee.close(end);
    accounts.balance(score);
    if (accounts.wrong !== undefined) referee.broken("accounts", end, accounts.wrong);
    checkStrayWrites(scenario, protocol, world, referee, end);
  } catch (error) {
    referee.broken("threw", engine.now, error instanceof Error ? error.message : String(error));
  }
  return {
    violations: referee.violations,
    wakes: referee.wakes,
    acts: referee.acts,
    beyond: referee.conditions.beyond,
    judged: referee.judged,
    longest: referee.longest,
    occasions: referee.occasions.laws,
    score,
    traceSha256: world.trace.sha256(),
  };
}

/** Plays a scenario twice; two different traces are a breach of `trace`. */
export async function judgeTwice(options: JudgeOptions): Promise<Judgement> {
  const first = await judge({ ...options, traced: true });
  const again = await judge({ ...options, traced: true });
  if (first.traceSha256 === again.traceSha256) return first;
  const at = after(START, options.scenario.duration);
  const violation: Breach = { rule: "trace", at, detail: "played again, the trace differs" };
  return { ...first, violations: [...first.violations, violation] };
}

/** Number of bytes, from the first on, in which a protocol keeps something. */
const areaOf = ({ name }: Protocol, nodes: number): number =>
  PAGE_BYTES * (name === "hardened" ? 2 * nodes : 1);

/** Where pages begin that lie beyond the area and were written. */
const strayWrites = (chip: At24c256, area: number): number[] =>
  Array.from({ length: chip.pages }, (_, page) => page)
    .filter((page) => page * chip.pageBytes >= area && chip.pageWrites(page) > 0)
    .map((page) => page * chip.pageBytes);

/** Checks that no page was written in which the protocol keeps nothing. */
function checkStrayWrites(
  { cluster, steps }: Scenario,
  protocol: Protocol,
  world: World,
  referee: Referee,
  end: Instant,
): void {
  const elsewhere = steps.some(
    (step) =>
      step.kind === "fault" && (step.fault.kind === "straddling-records" || step.fault.kind === "worn-page"),
  );
  if (elsewhere) return;
  for (let chip = 0; chip < chipsOf(cluster); chip++)
    for (const at of strayWrites(world.rig.chip(chip), areaOf(protocol, cluster.nodes)))
      referee.broken("stray-write", end, `chip ${chip} was written at ${at}, where no node keeps anything`);
}
