/** All nodes of a cluster wake at once and nothing is wrong: nobody's read or write fails, as in the checker's model. */
import { Engine, type Task } from "../../../../simulator/engine/engine.ts";
import { rngStream } from "../../../../simulator/engine/rng.ts";
import { after, micros, START, seconds } from "../../../../simulator/engine/time.ts";
import { Trace } from "../../../../simulator/engine/trace.ts";
import {
  type Board,
  boardEffect,
  isBoardEffect,
  runCycle,
  runEffect,
} from "../../../../simulator/node/board.ts";
import type { Reply } from "../../../../simulator/protocol/effects.ts";
import { HARDENED } from "../../../../simulator/protocol/hardened/hardened.ts";
import { COLD } from "../../../../simulator/protocol/hardened/memory.ts";
import { Rig } from "../../../../simulator/scenario/rig.ts";
import { clusterSetup } from "../../scenario/cluster-setup.ts";

/** Within so much they wake: within a START of one another, and within a wake. */
const SPREADS_US = [4, 100_000] as const;
const SEEDS = 4;

/** Replies to the reads and writes of a wake of each node. */
async function wakeAll(nodes: number, busyLine: "works" | "stuck high", spreadUs: number, seed: number) {
  const engine = new Engine();
  const rig = new Rig(engine, clusterSetup({ nodes }), seed);
  const rng = rngStream(seed, "wakes");
  if (busyLine === "stuck high") rig.busyLine.holdHigh();
  const replies = { fine: 0, failed: 0 };
  for (let self = 0; self < nodes; self++) {
    rig.powerOn(self);
    const board: Board = {
      self,
      eeprom: rig.driver(self),
      busyLine: rig.busyLine,
      trace: new Trace(false),
      now: () => engine.now,
    };
    const at = micros(rng.below(spreadUs));
    const start = { cause: "power-on", boot: 1, coldStarts: 1 } as const;
    const task = function* (): Task {
      yield at;
      yield* runCycle(HARDENED.wake({ self, nodes, chips: nodes, cluster: "c" }, COLD, start), (effect) => {
        if (!isBoardEffect(effect)) return true;
        const reply = boardEffect(board, effect);
        return effect.do === "read" || effect.do === "write" ? counted(reply) : reply;
      });
    };
    const counted = function* (pending: Task<Reply> | Reply): Task<Reply> {
      const reply = yield* runEffect(pending);
      replies[reply === undefined || reply === false ? "failed" : "fine"] += 1;
      return reply;
    };
    engine.spawn(`node-${self}`, task());
  }
  await engine.run(after(START, seconds(60)));
  return replies;
}

describe.each([2, 3, 5, 8])("%d nodes wake together", (nodes) => {
  test.each(["works", "stuck high"] as const)(
    "busy line %s -> every read and every write succeeds",
    async (line) => {
      for (const spread of SPREADS_US)
        for (let seed = 0; seed < SEEDS; seed++)
          expect(await wakeAll(nodes, line, spread, seed)).toEqual({ fine: 2 * nodes * nodes, failed: 0 });
    },
  );
});
