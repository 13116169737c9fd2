/**
 * The live timeline: what a person sees while days pass in seconds. One line for everything that matters; readings, which
 * come every quarter of an hour, share one line until something else happens.
 */
import type { Reading } from "../../../lib/contract/messages.ts";
import type { Instant } from "../../engine/time.ts";
import type { CloudLogEntry } from "../../local-cloud/cloud-log.ts";
import type { NodeEvent } from "../../node/node-event.ts";
import type { Change } from "../../protocol/effects.ts";
import { counted } from "../shared/counted.ts";
import { paint, type Style, sparkline, type Terminal, wrapped } from "../shared/terminal.ts";
import { CHANGE_STYLE, CHANGE_TEXT, roleText } from "./decision-text.ts";

const SPARK_WIDTH = 32;
/** `node 0 `; who has a longer name pushes the text of its line to the right. */
const WHO_WIDTH = 7;
const DAYS = ["Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat"];
const WEEK_DAYS = 7;
/** Six hours: what happens in so short a run happens within minutes. */
const SECONDS_DAYS = 0.25;

/**
 * `Mon 04:30`, by the wall clock of the run; in a run of more than a week, which has several Mondays,
 * `2026-03-02 04:30`; in one of less than six hours `Mon 04:30:15`.
 */
export function wallClock(epochMs: number, runDays = 0): string {
  const date = new Date(epochMs);
  const text = date.toISOString();
  const day = runDays > WEEK_DAYS ? text.slice(0, 10) : DAYS[date.getUTCDay()];
  return `${day} ${text.slice(11, runDays > 0 && runDays < SECONDS_DAYS ? 19 : 16)}`;
}

/** What the story itself says: somebody does something, or a fault strikes. */
export interface StoryLine {
  readonly at: Instant;
  readonly says: string;
}

/** Readings of one node that share a line. */
interface Run {
  readonly node: number;
  readonly values: number[];
  readonly sinceMs: number;
}

/** Prints a run as it happens: the story, decisions, mails, and what the cloud refused. */
export class Timeline {
  readonly #terminal: Terminal;
  readonly #epochMs: number;
  readonly #runDays: number;
  readonly #everySuspicion: boolean;
  /** Nodes that somebody has marked dead, and nobody has seen move since. */
  readonly #expelled = new Set<number>();
  readonly #roles = new Map<number, string>();
  /** By node: the chips that it could not write when it last tried. */
  readonly #unwritable = new Map<number, readonly number[]>();
  #run: Run | undefined;
  #suppressed = 0;

  /**
   * `runDays`: how long the run is, which decides how times are shown; 0: not known. `everySuspicion`: also say when a node
   * misses another once. Wakes of healthy nodes slide through one another, so most of these mean nothing.
   */
  constructor(terminal: Terminal, epochMs: number, runDays = 0, everySuspicion = false) {
    this.#terminal = terminal;
    this.#epochMs = epochMs;
    this.#runDays = runDays;
    this.#everySuspicion = everySuspicion;
  }

  step({ at, says }: StoryLine): void {
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
      case "reset":
        // Other causes are said by the story, or by what follows; only a watchdog acts unseen.
        if (event.cause === "watchdog")
          this.#line(at, who, "yellow", "is reset by its watchdog: it was awake for too long");
        return;
      case "hung":
        return this.#line(at, who, "red", "hangs at its prompt");
      case "frozen":
        return this.#line(at, who, "red", "freezes: stays awake, and does nothing");
      case "never-wakes":
        return this.#line(at, who, "red", "falls asleep, and will not wake");
      case "battery-flat":
        return this.#line(at, who, "red", "stops: its batteries are flat");
      case "sensor-failed":
        return this.#line(at, who, "red", `gets no temperature: ${event.why}`);
      case "connect-failed":
      case "publish-failed":
        return this.#line(at, who, "red", `${event.kind}: ${event.why}`);
      case "reset-node":
        return this.#reset(event, at, who);
      default:
        return;
    }
  }

  cloud(entry: CloudLogEntry): void {
    const at = this.#clock(entry.at);
    if (entry.code === "mail-accepted")
      return this.#line(at, "mail", "magenta", `✉ ${String(entry.fields?.subject ?? entry.text)}`);
    if (entry.code === "alarm-state") {
      const { alarm, state, reason } = entry.fields ?? {};
      return this.#line(at, "alarm", state === "ALARM" ? "red" : "green", `${state} ${alarm}: ${reason}`);
    }
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
        decision.role === "claiming"
          ? "finds blank EEPROMs"
          : "finds blank EEPROMs: formats them, is primary; the others are not admitted yet",
      );
    for (const change of decision.changes)
      if (this.#isTold(change))
        this.#line(at, who, CHANGE_STYLE[change.kind], CHANGE_TEXT[change.kind](change.node));
    // A node that does nothing has not tried to write either.
    if (decision.role !== "unknown" && decision.why !== "dead")
      this.#unwritableChips(node, decision.unwritable, at, who);
    if (this.#roles.get(node) === decision.role) return;
    this.#roles.set(node, decision.role);
    const says = roleText(decision);
    if (says !== undefined) this.#line(at, who, decision.role === "standby" ? "green" : "yellow", says);
  }

  /** A suspicion is told when it comes true, and then its end as well. */
  #isTold({ kind, node }: Change): boolean {
    if (kind === "expelled") this.#expelled.add(node);
    if (kind !== "suspected" && kind !== "cleared") return true;
    return this.#everySuspicion || (kind === "cleared" && this.#expelled.delete(node));
  }

  /** Said when it begins, and when it is over. */
  #unwritableChips(node: number, chips: readonly number[], at: string, who: string): void {
    const before = this.#unwritable.get(node) ?? [];
    this.#unwritable.set(node, chips);
    for (const chip of chips)
      if (!before.includes(chip)) this.#line(at, who, "red", `cannot write EEPROM ${chip}`);
    for (const chip of before)
      if (!chips.includes(chip)) this.#line(at, who, "green", `can write EEPROM ${chip} again`);
  }

  #reset({ subject, outcome }: NodeEvent & { kind: "reset-node" }, at: string, who: string): void {
    if (outcome.done) this.#expelled.delete(subject);
    if (outcome.done) this.#line(at, who, "green", `writes to every EEPROM: admit node ${subject}`);
    else this.#line(at, who, "red", `reset_node(${subject}) does nothing: ${outcome.why}`);
  }

  #reading(node: number, reading: Reading): void {
    if (this.#run !== undefined && this.#run.node !== node) this.close();
    this.#run ??= { node, values: [], sinceMs: Date.parse(reading.measured_at) };
    this.#run.values.push(reading.temperature_c);
    if (this.#terminal.live) this.#terminal.write(`\r${this.#runText(this.#run)}`);
  }

  #runText({ node, values, sinceMs }: Run): string {
    const at = this.#clock(sinceMs);
    const [low, high] = [Math.min(...values), Math.max(...values)];
    const span = low === high ? `${low.toFixed(1)} °C` : `${low.toFixed(1)} to ${high.toFixed(1)} °C`;
    const base = `${counted(values.length, "reading")}, ${span}`;
    // A line that wraps cannot be rewritten in place: bars and words give way first. One column stays free.
    const room = this.#terminal.columns - 1 - at.length - WHO_WIDTH - 3;
    const said =
      this.#suppressed === 0
        ? [base]
        : [
            `${base}, ${counted(this.#suppressed, "notification")} suppressed`,
            `${base}, ${this.#suppressed.toLocaleString("en-US")} suppressed`,
            base,
          ];
    const text = said.find((words) => !this.#terminal.live || words.length <= room) ?? base;
    const width = Math.min(SPARK_WIDTH, room - text.length - 1);
    const bars = width > 0 ? ` ${sparkline(values, width)}` : "";
    return `${this.#head(at, `node ${node}`)}${paint(this.#terminal, "dim", `${text}${bars}`)}`;
  }

  #line(at: string, who: string, style: Style, text: string): void {
    this.close();
    this.#suppressed = 0;
    const indent = at.length + WHO_WIDTH + 3;
    const room = this.#terminal.columns - 1 - indent;
    const firstRoom = room - Math.max(0, who.length - WHO_WIDTH);
    const lines = this.#terminal.wraps ? wrapped(text, firstRoom, room) : [text];
    const painted = lines.map((line) => paint(this.#terminal, style, line));
    this.#terminal.write(`${this.#head(at, who)}${painted.join(`\n${" ".repeat(indent)}`)}\n`);
  }

  #head(at: string, who: string): string {
    return `${paint(this.#terminal, "dim", at)}  ${who.padEnd(WHO_WIDTH)} `;
  }

  #wall(at: Instant): string {
    return this.#clock(this.#epochMs + at / 1_000);
  }

  #clock(epochMs: number): string {
    return wallClock(epochMs, this.#runDays);
  }
}
