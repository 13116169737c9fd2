/** A cluster in virtual time that publishes into a list, and a network that the test takes away and brings back. */
import type { ClusterEvent, Reading } from "../../../lib/contract/messages.ts";
import { Engine } from "../../../simulator/engine/engine.ts";
import { after, type Instant, type Micros, minutes, START } from "../../../simulator/engine/time.ts";
import { MemoryUplink } from "../../../simulator/node/memory-uplink.ts";
import { type Uplink, UplinkError } from "../../../simulator/node/uplink.ts";
import type { NodeEvent } from "../../../simulator/node/virtual-node.ts";
import type { Action, Step } from "../../../simulator/scenario/scenario.ts";
import { Score } from "../../../simulator/scenario/score.ts";
import { createWorld, type World } from "../../../simulator/scenario/world.ts";

export const EPOCH_MS = Date.UTC(2026, 2, 2);

/** `step(12.5, …)`: at twelve and a half minutes. */
export const step = (minute: number, action: Action): Step => ({
  at: after(START, minutes(minute)),
  action,
  says: action.kind,
});
export const powerOn = (minute: number, node: number): Step => step(minute, { kind: "power-on", node });

/** Both nodes up, node 1 admitted at minute 10; node 0 is primary. */
export const TWO_NODES: readonly Step[] = [
  powerOn(0, 0),
  powerOn(5, 1),
  step(10, { kind: "reset-node", node: 1, subject: 1 }),
];

export interface SmallWorldOptions {
  readonly seed?: number;
  readonly sleep?: Micros;
  readonly temperature?: (at: Instant) => number;
  /** Instead of the recording uplink. */
  readonly uplink?: (node: number, world: SmallWorld) => Uplink;
}

export class SmallWorld {
  readonly engine = new Engine();
  readonly score = new Score();
  readonly events: NodeEvent[] = [];
  readonly sent: { readonly topic: string; readonly payload: string }[] = [];
  readonly trace: string[] = [];
  readonly world: World;
  /** Nodes without Wi-Fi, and nodes that have it but whose messages the broker refuses. */
  readonly away = new Set<number>();
  readonly refused = new Set<number>();

  constructor(steps: readonly Step[], options: SmallWorldOptions = {}) {
    this.world = createWorld({
      engine: this.engine,
      scenario: {
        name: "small",
        line: "",
        protocol: "article",
        nodes: 2,
        daysDefault: 1,
        daysMin: 0,
        steps,
        expectations: [],
      },
      cluster: "kitchen",
      seed: options.seed ?? 1,
      sleep: options.sleep ?? minutes(15),
      epochMs: EPOCH_MS,
      temperature: options.temperature ?? (() => 21),
      uplink: (node) => options.uplink?.(node, this) ?? this.recordingUplink(node),
      onNode: (event) => {
        this.events.push(event);
        this.score.note(event);
      },
      onStep: () => undefined,
    });
    this.world.trace.listen((_, line) => this.trace.push(line));
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
