/** What each part of the local cloud starts from. */
import type { Chaos } from "./chaos.ts";
import type { CloudClock } from "./clock.ts";
import type { CloudLog } from "./cloud-log.ts";
import type { Roles } from "./policy/roles.ts";
import type { Assembly } from "./template/assembly.ts";

/** Registers a function that ends a part; the last registered is called first. */
export type OnStop = (end: () => Promise<void> | void) => void;

/** What every part needs: the template, its roles, the time, the log, and where to register its end. */
export interface CloudContext {
  readonly assembly: Assembly;
  readonly roles: Roles;
  /** Undefined: no faults are injected. */
  readonly chaos: Chaos | undefined;
  readonly clock: CloudClock;
  readonly log: CloudLog;
  readonly onStop: OnStop;
  /** Waits for a part to start, and registers its `stop`. */
  readonly started: <T extends { stop(): Promise<void> }>(part: Promise<T>) => Promise<T>;
}
