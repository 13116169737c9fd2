/** A cluster in virtual time that publishes into a list, and a network that the test takes away and brings back. */
import type { ClusterEvent, Reading } from "../../../lib/contract/messages.ts";
import { Engine } from "../../../simulator/engine/engine.ts";
import { after, type Instant, type Micros, minutes, START } from "../../../simulator/engine/time.ts";
import type { TraceEvent } from "../../../simulator/engine/trace.ts";
import { MemoryUplink } from "../../../simulator/node/memory-uplink.ts";
import type { NodeEvent } from "../../../simulator/node/node-event.ts";
import type { OperationMark } from "../../../simulator/node/operations.ts";
import { type Uplink, UplinkError } from "../../../simulator/node/uplink.ts";
import type { VirtualNode } from "../../../simulator/node/virtual-node.ts";
import { ARTICLE } from "../../../simulator/protocol/article/article.ts";
import type { Protocol } from "../../../simulator/protocol/protocol.ts";
import type { Metric } from "../../../simulator/scenario/expectations.ts";
import type { Fault } from "../../../simulator/scenario/faults.ts";
import type { Action, ClusterSetup, Step } from "../../../simulator/scenario/scenario.ts";
import { Score } from "../../../simulator/scenario/score.ts";
import { World } from "../../../simulator/scenario/world.ts";
import { clusterSetup } from "../scenario/cluster-setup.ts";

export const EPOCH_MS = Date.UTC(2026, 2, 2);

const atMinute = (minute: number) => ({ kind: "at", at: after(START, minutes(minute)) }) as const;

/** `step(12.5, …)`: at twelve and a half minutes. */
export const step = (minute: number, action: Action): Step => ({
  trigger: atMinute(minute),
  kind: "action",
  action,
  says: undefined,
});
/** A fault at a minute, for so many minutes, or for good. */
export const fault = (minute: number, struck: Fault, lasts?: number): Step => ({
  trigger: atMinute(minute),
  kind: "fault",
  fault: struck,
  lasts: lasts === undefined ? undefined : minutes(lasts),
  says: undefined,
});
/** A fault when a node meets a mark, counted from a minute on; for so many minutes, or for good. */
export const faultOn = (
  minute: number,
  node: number,
  mark: OperationMark,
  struck: Fault,
  lasts?: number,
): Step => ({
  ...fault(minute, struck, lasts),
  trigger: { kind: "operation", node, from: after(START, minutes(minute)), mark },
});
export const powerOn = (minute: number, node: number): Step => step(minute, { kind: "power-on", node });

/** Both nodes up, node 1 admitted at minute 10; node 0 is primary. */
export const TWO_NODES: readonly Step[] = [
  powerOn(0, 0),
  powerOn(5, 1),
  step(10, { kind: "reset-node", node: 1, subject: 1 }),
];

/**
 * Two members, node 0 primary, whose sleeps take exactly 15 minutes: node 0 boots at 0 and is awake for some 5 s, node 1
 * boots at 7.5 minutes.
 */
export const RUNNING = { start: "running", drift: [0, 0] } as const satisfies Partial<ClusterSetup>;

export interface SmallWorldOptions {
  readonly seed?: number;
  readonly sleep?: Micros;
  readonly temperature?: (at: Instant) => number;
  readonly cluster?: Partial<ClusterSetup>;
  /** @default the published one */
  readonly protocol?: Protocol;
  /** False: no trace, for long runs. @default true */
  readonly traced?: boolean;
  /** Instead of the recording uplink. */
  readonly uplink?: (node: number, world: SmallWorld) => Uplink;
}

export class SmallWorld {
  readonly engine = new Engine();
  readonly score: Score;
  readonly events: NodeEvent[] = [];
  readonly sent: { readonly topic: string; readonly payload: string }[] = [];
  readonly trace: string[] = [];
  readonly #traced: TraceEvent[] = [];
  readonly story: string[] = [];
  readonly world: World;
  /** Nodes without Wi-Fi, and nodes that have it but whose messages the broker refuses. */
  readonly away = new Set<number>();
  readonly refused = new Set<number>();

  constructor(steps: readonly Step[], options: SmallWorldOptions = {}) {
    const temperature = options.temperature ?? (() => 21);
    this.score = new Score({ epochMs: EPOCH_MS, temperature, periodS: 900 });
    this.world = new World({
      engine: this.engine,
      protocol: options.protocol ?? ARTICLE,
      scenario: {
        name: "small",
        line: "",
        cluster: clusterSetup(options.cluster),
        duration: minutes(1_440),
        shortest: minutes(0),
        temperatures: { kind: "room" },
        steps,
        protocols: new Map(),
      },
      cluster: "kitchen",
      seed: options.seed ?? 1,
      sleep: options.sleep ?? minutes(15),
      epochMs: EPOCH_MS,
      temperature,
      traced: options.traced ?? true,
      uplink: (node) => options.uplink?.(node, this) ?? this.recordingUplink(node),
      onNode: (event) => {
        this.events.push(event);
        this.score.note(event);
      },
      onStory: ({ text }) => void this.story.push(text),
    });
    this.world.trace.listen((event, line) => {
      this.#traced.push(event);
      this.trace.push(line);
    });
  }

  recordingUplink(node: number): Uplink {
    return new MemoryUplink({
      reach: () => {
        if (this.away.has(node)) throw new UplinkError("connect-failed", "no Wi-Fi");
      },
      accept: (topic, payload) => {
        if (this.refused.has(node)) throw new UplinkError("publish-failed", "the broker refuses it");
        this.sent.push({ topic, payload });
      },
    });
  }

  /** Runs to this minute of virtual time. */
  async runTo(minute: number): Promise<this> {
    await this.engine.run(after(START, minutes(minute)));
    return this;
  }

  of<Kind extends NodeEvent["kind"]>(kind: Kind, node?: number): (NodeEvent & { kind: Kind })[] {
    return this.events.filter(
      (event): event is NodeEvent & { kind: Kind } =>
        event.kind === kind && (node === undefined || event.node === node),
    );
  }

  /** Minutes at which something happened, to the millisecond. */
  minutesOf(kind: NodeEvent["kind"], node?: number): number[] {
    return this.of(kind, node).map(({ at }) => Math.round(at / 1_000) / 60_000);
  }

  /** What the trace has of one kind of event of a device: when, in minutes to the millisecond, and the detail. */
  traced(device: string, event: string): { readonly minute: number; readonly detail: string }[] {
    return this.#traced
      .filter((entry) => entry.device === device && entry.event === event)
      .map(({ at, detail }) => ({ minute: Math.round(at / 1_000) / 60_000, detail }));
  }

  node(node: number): VirtualNode {
    return this.world.devices[node]!.node;
  }

  /** What a chip holds in its first bytes. */
  bytes(chip: number, length: number): Uint8Array {
    return this.world.rig.chip(chip).memory.slice(0, length);
  }

  /** The score as it stands, with all readings stored that the cloud took. */
  metrics(): Record<Metric, number> {
    return this.score.metrics({ stored: this.score.published.length, mails: [], queued: 0 }, this.engine.now);
  }

  readings(node: number): Reading[] {
    return this.#messages("reading", node) as Reading[];
  }

  clusterEvents(node: number): ClusterEvent[] {
    return this.#messages("event", node) as ClusterEvent[];
  }

  #messages(channel: string, node: number): unknown[] {
    const topic = `rosie/${channel}/kitchen/${node}`;
    return this.sent.filter((message) => message.topic === topic).map(({ payload }) => JSON.parse(payload));
  }
}
