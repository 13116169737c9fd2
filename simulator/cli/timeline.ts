/**
 * The live timeline: what a person sees while days pass in seconds. One line for everything that matters; readings, which
 * come every quarter of an hour, share one line until something else happens.
 */
import type { Reading } from "../../lib/contract/messages.ts";
import type { Instant } from "../engine/time.ts";
import type { CloudLogEntry } from "../local-cloud/cloud-log.ts";
import type { NodeEvent } from "../node/virtual-node.ts";
import type { Change } from "../protocol/effects.ts";
import type { Step } from "../scenario/scenario.ts";
import { paint, type Style, sparkline, type Terminal } from "./terminal.ts";

const SPARK_WIDTH = 32;
/** Time, who, and the spaces around them; one column stays free. */
const MARGIN = 21;
const DAYS = ["Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat"];

/** `Mon 04:30`, by the wall clock of the run. */
export function wallClock(epochMs: number): string {
  const date = new Date(epochMs);
  return `${DAYS[date.getUTCDay()]} ${date.toISOString().slice(11, 16)}`;
}

interface Run {
  readonly node: number;
  readonly values: number[];
  readonly sinceMs: number;
}

const CHANGE_TEXT: Record<Change["kind"], (node: number) => string> = {
  suspected: (node) => `has not seen node ${node} move: suspects it, gives it another chance`,
  cleared: (node) => `sees node ${node} move again: no longer suspects it`,
  expelled: (node) => `has not seen node ${node} move twice: marks it dead`,
  "took-over": (node) => `takes over from node ${node}: is primary now`,
  "primary-corrected": (node) => `corrects the map: node ${node} is the primary`,
};
const CHANGE_STYLE: Record<Change["kind"], Style> = {
  suspected: "yellow",
  cleared: "green",
  expelled: "red",
  "took-over": "bold",
  "primary-corrected": "yellow",
};

export class Timeline {
  readonly #terminal: Terminal;
  readonly #epochMs: number;
  readonly #roles = new Map<number, string>();
  #run: Run | undefined;
  #suppressed = 0;

  constructor(terminal: Terminal, epochMs: number) {
    this.#terminal = terminal;
    this.#epochMs = epochMs;
  }

  step({ at, says }: Step): void {
    this.#line(this.#wall(at), "·", "cyan", says);
  }

  node(event: NodeEvent): void {
    const who = `node ${event.node}`;
    const at = this.#wall(event.at);
    switch (event.kind) {
      case "decided":
        return this.#decided(event, at, who);
      case "published":
        if (event.channel === "reading") this.#reading(event.node, JSON.parse(event.payload) as Reading);
        return;
      case "hung":
        return this.#line(at, who, "red", "hangs at its prompt");
      case "sensor-failed":
        return this.#line(at, who, "red", `gets no temperature: ${event.why}`);
      case "connect-failed":
      case "publish-failed":
        return this.#line(at, who, "red", `${event.kind}: ${event.why ?? ""}`);
      case "reset-node":
        return this.#reset(event, at, who);
      default:
        return;
    }
  }

  cloud(entry: CloudLogEntry): void {
    const at = wallClock(entry.at);
    if (entry.code === "mail-accepted")
      return this.#line(at, "mail", "magenta", `✉ ${String(entry.fields?.subject ?? entry.text)}`);
    if (entry.fields?.message === "decision") {
      if (entry.fields.send === false) this.#suppressed += 1;
      return;
    }
    if (entry.level !== "info")
      this.#line(at, entry.source, entry.level === "error" ? "red" : "yellow", entry.text);
  }

  /** Ends a line that is still open. */
  close(): void {
    const run = this.#run;
    if (run === undefined) return;
    this.#run = undefined;
    this.#terminal.write(`${this.#terminal.live ? "\r" : ""}${this.#runText(run)}\n`);
  }

  #decided({ node, decision }: NodeEvent & { kind: "decided" }, at: string, who: string): void {
    if (decision.formatted)
      this.#line(
        at,
        who,
        "bold",
        "finds blank EEPROMs: formats them, is primary; the others are not admitted yet",
      );
    for (const { kind, node: subject } of decision.changes)
      this.#line(at, who, CHANGE_STYLE[kind], CHANGE_TEXT[kind](subject));
    for (const chip of decision.unwritable)
      this.#line(at, who, "red", `cannot write the EEPROM of node ${chip}`);
    if (this.#roles.get(node) === decision.role) return;
    this.#roles.set(node, decision.role);
    const says = {
      primary: undefined,
      standby: "is standby: it only looks in",
      dead: "finds itself marked dead: does nothing until it is admitted",
      unknown: "can read no EEPROM: does nothing",
    }[decision.role];
    if (says !== undefined) this.#line(at, who, decision.role === "standby" ? "green" : "yellow", says);
  }

  #reset({ subject, outcome }: NodeEvent & { kind: "reset-node" }, at: string, who: string): void {
    if (outcome.done)
      this.#line(at, who, "green", `admits node ${subject}: clears its dead and retry bits in every EEPROM`);
    else this.#line(at, who, "red", `reset_node(${subject}) does nothing: ${outcome.why}`);
  }

  #reading(node: number, reading: Reading): void {
    if (this.#run !== undefined && this.#run.node !== node) this.close();
    this.#run ??= { node, values: [], sinceMs: Date.parse(reading.measured_at) };
    this.#run.values.push(reading.temperature_c);
    if (this.#terminal.live) this.#terminal.write(`\r${this.#runText(this.#run)}`);
  }

  #runText({ node, values, sinceMs }: Run): string {
    const [low, high] = [Math.min(...values), Math.max(...values)];
    const span = low === high ? `${low.toFixed(1)} °C` : `${low.toFixed(1)} to ${high.toFixed(1)} °C`;
    const count = `${values.length} reading${values.length === 1 ? "" : "s"}`;
    const quiet =
      this.#suppressed === 0
        ? ""
        : `, ${this.#suppressed} notification${this.#suppressed === 1 ? "" : "s"} suppressed`;
    const text = `${count}, ${span}${quiet}`;
    // A line that wraps cannot be rewritten in place: the bars give way first.
    const room = this.#terminal.columns - MARGIN - text.length;
    const bars = room > 0 ? ` ${sparkline(values, Math.min(SPARK_WIDTH, room))}` : "";
    return this.#format(wallClock(sinceMs), `node ${node}`, "dim", `${text}${bars}`);
  }

  #line(at: string, who: string, style: Style, text: string): void {
    this.close();
    this.#suppressed = 0;
    this.#terminal.write(`${this.#format(at, who, style, text)}\n`);
  }

  #format(at: string, who: string, style: Style, text: string): string {
    return `${paint(this.#terminal, "dim", at)}  ${who.padEnd(7)} ${paint(this.#terminal, style, text)}`;
  }

  #wall(at: Instant): string {
    return wallClock(this.#epochMs + at / 1_000);
  }
}
