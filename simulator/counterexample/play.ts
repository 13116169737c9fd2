/** Plays a scenario on simulated devices, without a cloud. */
import { Engine } from "../engine/engine.ts";
import { after, START, seconds } from "../engine/time.ts";
import { MemoryUplink } from "../node/memory-uplink.ts";
import type { Protocol } from "../protocol/protocol.ts";
import { brokenBy, expectationText } from "../scenario/expectations.ts";
import { runDevices } from "../scenario/run.ts";
import type { KnownAnswer, Scenario } from "../scenario/scenario.ts";

const EPOCH_MS = Date.UTC(2026, 0, 1);
const CELSIUS = 21;

/**
 * Plays a scenario to its end. There are no mails, so that expectations of mails do not hold.
 * @param periodS sleep between two wakes, in seconds
 * @param onTrace takes each line of the trace; absent: nothing is traced
 * @returns the expectations that did not hold, each with what was found instead
 */
export async function playOnDevices(
  scenario: Scenario,
  { expect }: KnownAnswer,
  protocol: Protocol,
  periodS: number,
  onTrace?: (line: string) => void,
): Promise<string[]> {
  const { score } = await runDevices({
    engine: new Engine(),
    scenario,
    protocol,
    cluster: "c",
    seed: 1,
    sleep: seconds(periodS),
    epochMs: EPOCH_MS,
    temperature: () => CELSIUS,
    uplink: () => new MemoryUplink({ accept: () => undefined }),
    onNode: () => undefined,
    onStory: () => undefined,
    duration: scenario.duration,
    ...(onTrace === undefined ? { traced: false } : { onTrace }),
  });
  const end = after(START, scenario.duration);
  const result = {
    metrics: score.metrics({ stored: score.published.length, mails: [], queued: 0 }, end),
    failovers: [],
    mails: [],
    primaries: score.primaries,
    sleepS: periodS,
  };
  return expect.flatMap((expectation) => {
    const found = brokenBy(expectation, result);
    return found === undefined ? [] : [`${expectationText(expectation)}; found: ${found}`];
  });
}
