/** Virtual time that waits for real time, for a run against a cloud whose clock is nobody's. */
import type { Engine } from "../../../engine/engine.ts";
import { after, type Instant, millis, START } from "../../../engine/time.ts";

/** How fast virtual time goes on. */
export interface Pace {
  /** Virtual seconds in a real one; Infinity: as fast as it goes. */
  readonly speed: number;
  /** Real time, in milliseconds from any start. */
  readonly nowMs: () => number;
  readonly sleep: (ms: number) => Promise<void>;
  /** Asked between two slices. */
  readonly stopped: () => boolean;
}

/** What happens is at most so late, in real milliseconds, beside what a publish takes. */
const SLICE_MS = 50;

/**
 * Runs the engine to `until` in slices, each as far as real time has come. Where the real world was slower, at a publish
 * or because the machine slept, the next slice catches up.
 */
export async function runPaced(engine: Engine, until: Instant, pace: Pace): Promise<"reached" | "stopped"> {
  const begunMs = pace.nowMs();
  for (;;) {
    if (pace.stopped()) return "stopped";
    const due = after(
      START,
      millis((pace.nowMs() - begunMs) * Math.min(pace.speed, Number.MAX_SAFE_INTEGER)),
    );
    if ((await engine.run(due < until ? due : until)) === "stopped") return "stopped";
    if (engine.now >= until) return "reached";
    await pace.sleep(SLICE_MS);
  }
}
