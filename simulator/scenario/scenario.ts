/**
 * A scenario: a cluster, what happens to it and when, and what must hold at the end. `parse-scenario.ts` reads it from
 * YAML.
 */
import type { Instant, Micros } from "../engine/time.ts";
import type { PullUps, Unlifted } from "../hardware/i2c-lines.ts";
import type { OperationMark } from "../node/operations.ts";
import type { FirmwareVersion } from "../protocol/hardened/versions.ts";
import type { Readmission } from "../protocol/protocol.ts";
import type { Expectation } from "./expectations.ts";
import type { Fault } from "./faults.ts";

/** The protocols that a scenario can be played with, as `--protocol` names them. */
export const PROTOCOLS = ["article", "hardened"] as const;
/** Name of a protocol: `hardened`, or `article` for the published one. */
export type ProtocolName = (typeof PROTOCOLS)[number];

/** What a person does at the cluster. */
export type Action =
  | { readonly kind: "power-on" | "power-off" | "press-reset" | "replace-battery"; readonly node: number }
  /**
   * Another board in the node's place, with an empty flash, or the same one re-flashed. `as`: flashed with that node's
   * number; `cluster`: for a cluster of that name. Absent: as the one before was.
   */
  | {
      readonly kind: "replace-board";
      readonly node: number;
      readonly as?: number | undefined;
      readonly cluster?: string | undefined;
    }
  /** Other firmware is copied to the node, which is reset; its flash keeps its counters. */
  | { readonly kind: "update-firmware"; readonly node: number; readonly firmware: FirmwareVersion }
  /** `reset_node(subject)` typed at the prompt of `node`. */
  | { readonly kind: "reset-node"; readonly node: number; readonly subject: number };

/** When a step happens. */
export type Trigger =
  /** At `at`; with `every`, also after each such span from then on. */
  | { readonly kind: "at"; readonly at: Instant; readonly every?: Micros }
  /** When `node` meets the mark, counted from `from` on; once, or with `again` each time that it meets it. */
  | {
      readonly kind: "operation";
      readonly node: number;
      readonly from: Instant;
      readonly mark: OperationMark;
      readonly again?: true;
    }
  /** By chance, from `from` on, any number of times: on average `times` in each `per`. */
  | { readonly kind: "chance"; readonly times: number; readonly per: Micros; readonly from: Instant };

/** Whether the trigger says that a step happens more than once. By chance it may too, which does not count here. */
export const isRepeated = (trigger: Trigger): boolean =>
  (trigger.kind === "at" && trigger.every !== undefined) ||
  (trigger.kind === "operation" && trigger.again === true);

/** What a step does: an action of a person, or a fault. */
export type StepBody =
  | { readonly kind: "action"; readonly action: Action }
  /** A lasting fault heals after `lasts`; without it, never. */
  | { readonly kind: "fault"; readonly fault: Fault; readonly lasts: Micros | undefined };

/** A step of the story: what happens, and when. */
export type Step = StepBody & {
  readonly trigger: Trigger;
  /** The line of the story; undefined: the fault's own description. */
  readonly says: string | undefined;
};

/** How the cluster is built and how it starts. */
export interface ClusterSetup {
  /** 2 to 8. */
  readonly nodes: number;
  /**
   * `blank`: EEPROMs as delivered, nodes without power; the steps switch them on and admit them. `running`: all nodes
   * are members and node 0 is primary; node k boots k/N of a sleep after the start.
   */
  readonly start: "blank" | "running";
  /** The counter of each node at the start; with `running` only. @default all 1 */
  readonly counters: readonly number[] | undefined;
  /**
   * `shared`: every EEPROM has power as long as any node has, by a diode from each. `own`: EEPROM k has it from node k
   * alone. @default shared
   */
  readonly eepromPower: "shared" | "own";
  /** One more EEPROM, which belongs to no node and has power as long as any node has; with at most 7 nodes. */
  readonly witness: boolean;
  /** @default external */
  readonly pullUps: PullUps;
  /** What a node without power does to the lines where only internal pull-ups lift them. @default stuck */
  readonly unpowered: Unlifted;
  /**
   * Longest time awake before the hardware watchdog resets a node; undefined: the protocol's own, none in the article.
   */
  readonly watchdog: Micros | undefined;
  /**
   * How often a node that is held to be dead may come back by itself; undefined: the protocol's own, never in the
   * article.
   */
  readonly readmission: Readmission | undefined;
  /** Version of each node's firmware, relative to the one that is simulated; absent: that one, for all. Hardened only. */
  readonly firmware?: readonly FirmwareVersion[] | undefined;
  /** Sleep between two wakes of each node; absent: that of the run, for all. */
  readonly sleeps?: readonly Micros[] | undefined;
  /**
   * Sleep timer error of each node in percent, positive: sleeps too long. Undefined: drawn from the seed, within 1 %.
   */
  readonly drift: readonly number[] | undefined;
  /** State of charge of each node's pack at the start, percent. @default all 100 */
  readonly charge: readonly number[] | undefined;
}

/** The air temperature of a run: that of a room over the day, or constant, in °C. */
export type TemperatureSpec =
  | { readonly kind: "room" }
  | { readonly kind: "constant"; readonly celsius: number };

/** What is known of a protocol in this scenario. */
export interface KnownAnswer {
  /** A sentence on how the protocol fails its user here, which the expectations then record; undefined: it does not. */
  readonly fails: string | undefined;
  readonly expect: readonly Expectation[];
}

/** A scenario file, parsed: a cluster, a story, and what is known of each protocol in it. */
export interface Scenario {
  readonly name: string;
  /** One line for `--list`. */
  readonly line: string;
  readonly cluster: ClusterSetup;
  readonly duration: Micros;
  /** Shortest duration in which the story ends: up to its last timed step. */
  readonly shortest: Micros;
  readonly temperatures: TemperatureSpec;
  readonly steps: readonly Step[];
  /** The protocols for which the answer is known; the first one is played unless another is asked for. */
  readonly protocols: ReadonlyMap<ProtocolName, KnownAnswer>;
}
