/**
 * After a run with chaos: what is late arrives, what is to be tried again is, and what is left in the queues is replayed.
 * The devices are through by then; the cloud's time alone goes on.
 */
import type { ChaosKind, ChaosOptions } from "../../local-cloud/chaos.ts";
import type { CloudClock, EpochMs } from "../../local-cloud/clock.ts";
import { OWNER_KEY } from "../../local-cloud/dynamodb-client.ts";
import type { LocalCloud } from "../../local-cloud/local-cloud.ts";
import { closeClients, openClients, readQueue, release, replay } from "../replay/queue-messages.ts";

/** What went wrong by itself in a run. */
export interface ChaosReport {
  readonly rates: ChaosOptions["rates"];
  /** How often each kind came. */
  readonly struck: Readonly<Partial<Record<ChaosKind, number>>>;
  /** Messages that were left in queues, and repeated at the end. */
  readonly replayed: number;
}

/** Longer than the latest delivery, and than all of Lambda's retries; shorter than a cluster may be silent. */
const LATE_MS = 11 * 60_000;
const RETRIES_MS = 4 * 60_000;
/** More than a run leaves behind. */
const MESSAGES_MAX = 100_000;

/** A clock whose tasks can be run on after what drives it has come to its end. */
export class LastingClock implements CloudClock {
  readonly #inner: CloudClock;
  readonly #waiting = new Set<{ readonly at: number; readonly task: () => void }>();
  #reachedMs = 0;

  constructor(inner: CloudClock) {
    this.#inner = inner;
  }

  now(): EpochMs {
    return Math.max(this.#inner.now(), this.#reachedMs) as EpochMs;
  }

  schedule(delayMs: number, task: () => void): () => void {
    const entry = { at: this.now() + delayMs, task };
    this.#waiting.add(entry);
    const cancel = this.#inner.schedule(delayMs, () => {
      if (this.#waiting.delete(entry)) task();
    });
    return () => {
      this.#waiting.delete(entry);
      cancel();
    };
  }

  /** Runs what is due in the next `forMs`, in its order; `cloudIdle` is awaited after each. */
  async run(forMs: number, cloudIdle: () => Promise<void>): Promise<void> {
    const until = this.now() + forMs;
    for (;;) {
      const [next] = [...this.#waiting].filter(({ at }) => at <= until).sort((x, y) => x.at - y.at);
      if (next === undefined) break;
      this.#waiting.delete(next);
      this.#reachedMs = Math.max(this.#reachedMs, next.at);
      next.task();
      await cloudIdle();
    }
    this.#reachedMs = until;
  }
}

/** Lets what is late arrive, replays what is left in the queues, and says what chaos had done. */
export async function drainCloud(
  cloud: LocalCloud,
  clock: LastingClock,
  { rates }: ChaosOptions,
): Promise<ChaosReport> {
  cloud.chaos?.end();
  const cloudIdle = () => cloud.idle();
  await clock.run(LATE_MS, cloudIdle);
  const replayed = await replayAll(cloud);
  await cloudIdle();
  await clock.run(RETRIES_MS, cloudIdle);
  return { rates, struck: cloud.chaos?.struck ?? {}, replayed };
}

/** What `npm run replay -- --execute` does. */
async function replayAll({ queues, dynamodb, sqs, lambda, iotData }: LocalCloud): Promise<number> {
  const endpoints = { sqs: sqs.endpoint, lambda: lambda.endpoint, iotData: iotData.endpoint };
  const clients = openClients(dynamodb.region, endpoints, {
    accessKeyId: OWNER_KEY,
    secretAccessKey: "local",
  });
  let replayed = 0;
  try {
    for (const queue of queues) {
      const { url, failures } = await readQueue(clients, queue, MESSAGES_MAX);
      for (const failure of failures)
        if (failure.replay.action === "none") await release(clients, url, failure);
        else {
          await replay(clients, url, failure);
          replayed += 1;
        }
    }
    return replayed;
  } finally {
    closeClients(clients);
  }
}
