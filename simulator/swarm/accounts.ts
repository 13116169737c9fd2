/** The accounts of a run: every wake in which a node acts has exactly one outcome, and readings add up. */
import type { Reading } from "../../lib/contract/messages.ts";
import { readingKey } from "../../lib/contract/tables.ts";
import type { NodeEvent } from "../node/node-event.ts";
import type { Score } from "../scenario/score.ts";

/** Follows each wake in which a node acts, and each message that the cloud takes, and finds where the two disagree. */
export class Accounts {
  /** The first thing that does not add up; undefined: all does. */
  wrong: string | undefined;
  /** The cloud's table: by key, the reading that came last. */
  readonly #table = new Map<string, string>();
  /** By board: the last message that the cloud took on each channel, and the key of each reading. */
  readonly #taken = new Map<string, string>();
  readonly #keys = new Map<string, string>();
  /** By node: the last reading that it has delivered. `#delivered` counts those of all nodes, each once. */
  readonly #lastDelivered = new Map<number, string>();
  #delivered = 0;
  #lost = 0;
  /**
   * By node that acts: how many outcomes its reading has had, and whether it may have none: an event before it could not
   * be published, or the node lets this wake's join pass.
   */
  readonly #open = new Map<number, { ends: number; mayHaveNone: boolean }>();
  /** The last decision was to let the join pass. */
  #skipsJoin = false;

  /** Takes a message that has reached the cloud. @param board who sent it: its topic may have another board's number */
  take(board: number, topic: string, payload: string): void {
    const [, channel, , node] = topic.split("/");
    this.#taken.set(`${channel} ${board}`, payload);
    if (channel !== "reading") return;
    const key = keyOf(Number(node), payload);
    this.#table.set(key, payload);
    this.#keys.set(`${board} ${payload}`, key);
  }

  /** Takes an event of a node. */
  node(event: NodeEvent): void {
    const { node } = event;
    switch (event.kind) {
      case "decided":
        this.#skipsJoin = event.decision.skipsJoin === true;
        return;
      case "acting":
        this.#open.set(node, { ends: 0, mayHaveNone: this.#skipsJoin });
        return;
      case "reset":
      case "reset-node":
      case "frozen":
      case "powered-off":
      case "battery-flat":
        this.#open.delete(node);
        return;
      case "asleep":
        return this.#close(node);
      case "delivered":
        if (event.channel === "reading") this.#deliver(node, event.payload);
        return this.#mustBeTaken(event);
      case "published":
        this.#mustBeTaken(event);
        return event.channel === "reading" ? this.#end(node) : undefined;
      case "publish-failed":
        if (event.channel === "event") return this.#untold(node);
        if (this.#lastDelivered.get(node) !== event.payload) this.#lost += 1;
        return this.#end(node);
      case "connect-failed":
      case "sensor-failed":
        this.#lost += 1;
        return this.#end(node);
      default:
        return;
    }
  }

  /** Compares the score's figures with these, at the end of the run. */
  balance(score: Score): void {
    const due = this.#delivered + this.#lost;
    if (score.expected !== due) this.wrong ??= `${due} readings were due, the score has ${score.expected}`;
    if (score.published.length !== this.#delivered)
      this.wrong ??= `the cloud took ${this.#delivered} readings, the score has ${score.published.length}`;
    const stored = score.published.filter(
      ({ node, payload }) => this.#table.get(this.#keys.get(`${node} ${payload}`) ?? "") === payload,
    );
    if (stored.length !== score.published.length)
      this.wrong ??= `${score.published.length} readings were published, ${stored.length} are stored`;
  }

  /** Counts a delivered reading. One that is sent again without a PUBACK is the same reading. */
  #deliver(node: number, payload: string): void {
    if (this.#lastDelivered.get(node) === payload) return;
    this.#lastDelivered.set(node, payload);
    this.#delivered += 1;
  }

  #end(node: number): void {
    const open = this.#open.get(node);
    if (open === undefined) this.wrong ??= `node ${node} publishes a reading without acting`;
    else open.ends += 1;
  }

  #untold(node: number): void {
    const open = this.#open.get(node);
    if (open !== undefined) open.mayHaveNone = true;
  }

  #close(node: number): void {
    const open = this.#open.get(node);
    this.#open.delete(node);
    if (open !== undefined && open.ends !== 1 && !(open.ends === 0 && open.mayHaveNone))
      this.wrong ??= `a wake of node ${node} that acts ends with ${open.ends} readings`;
  }

  #mustBeTaken({ node, kind, channel, payload }: NodeEvent & { kind: "delivered" | "published" }): void {
    if (this.#taken.get(`${channel} ${node}`) !== payload)
      this.wrong ??= `node ${node} believes its ${channel} ${kind}, but the cloud does not have it`;
  }
}

const keyOf = (node: number, payload: string): string =>
  readingKey((JSON.parse(payload) as Reading).measured_at, node);
