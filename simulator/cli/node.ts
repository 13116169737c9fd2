/** `npm run node`: the published protocol by hand, one step at a time, on EEPROM image files. */
import { existsSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { nearest } from "../../lib/nearest.ts";
import { Engine, type Task } from "../engine/engine.ts";
import { after, hours, START } from "../engine/time.ts";
import { Trace } from "../engine/trace.ts";
import { At24c256 } from "../hardware/at24c256.ts";
import { BusyLine } from "../hardware/busy-line.ts";
import { EepromDriver } from "../hardware/eeprom-driver.ts";
import {
  blankEepromImage,
  EepromImageError,
  parseEepromImage,
  serializeEepromImage,
} from "../hardware/eeprom-image.ts";
import { I2cBus } from "../hardware/i2c-bus.ts";
import { addressOf, type Board, boardEffect, runCycle } from "../node/board.ts";
import { ARTICLE_NODES_MAX } from "../protocol/article/map.ts";
import { articleResetNode, articleWake, COLD_START } from "../protocol/article/wake.ts";
import type { Cycle, Decision, Effect, Reply } from "../protocol/effects.ts";
import { parseFlags, UsageError, wholeNumber } from "./arguments.ts";
import { dumpChip } from "./map-dump.ts";
import { runCommand } from "./run-command.ts";
import { paint, type Terminal, terminalOf } from "./terminal.ts";

const HELP = `The published protocol by hand, on EEPROM images of 32,768 bytes: a wake cycle, a re-admission, or a look at the map.

  npm run node -- K health-check       node K wakes, checks on the others, and writes the map back
  npm run node -- K reset-node J       at node K's prompt: admits node J
  npm run node -- [K] dump             the map on every chip, or on chip K, byte by byte

  --images DIR    where eeprom-0.bin, eeprom-1.bin, … are; a missing one is a chip as delivered (default .ha2m/eeproms)
  --nodes N       size of the cluster, 2 to ${ARTICLE_NODES_MAX} (default 2)
  --unplug CHIP   this chip does not answer; may be given more than once
  --help

Nothing is sent: a primary says what it would publish, and counts it as published.
Try: 0 health-check, 1 health-check, 1 reset-node 1, 1 health-check three times, and dump in between.
`;

const FLAGS = {
  images: { type: "string" },
  nodes: { type: "string" },
  unplug: { type: "string", multiple: true },
  help: { type: "boolean", short: "h" },
} as const;

const COMMANDS = ["health-check", "reset-node", "dump"] as const;

export const main = (argv: readonly string[]): Promise<number> =>
  runCommand(async () => {
    const { values, positionals } = parseFlags("node", argv, FLAGS);
    if (values.help === true || positionals.length === 0) {
      (values.help === true ? process.stdout : process.stderr).write(HELP);
      return values.help === true ? 0 : 2;
    }
    const nodes = wholeNumber("--nodes", values.nodes ?? "2", 2, ARTICLE_NODES_MAX);
    const number = (what: string, text: string) => wholeNumber(what, text, 0, nodes - 1);
    const call = readCall(positionals, number);
    const rig = new Rig(
      values.images ?? ".ha2m/eeproms",
      nodes,
      new Set((values.unplug ?? []).map((chip) => number("--unplug", chip))),
    );
    const terminal = terminalOf(process.stdout);
    if (call.command === "health-check") await healthCheck(terminal, rig, call.node);
    else if (call.command === "reset-node") return await resetNode(terminal, rig, call.node, call.subject);
    else for (const chip of call.chip === undefined ? rig.seats : [call.chip]) rig.dump(terminal, chip);
    return 0;
  });

type Call =
  | { readonly command: "health-check"; readonly node: number }
  | { readonly command: "reset-node"; readonly node: number; readonly subject: number }
  | { readonly command: "dump"; readonly chip: number | undefined };

/** @throws UsageError when the words are not one of the three calls. */
function readCall(words: readonly string[], number: (what: string, text: string) => number): Call {
  const [first = "", second = "", third, ...rest] = words;
  if (first === "dump" && words.length === 1) return { command: "dump", chip: undefined };
  const command = COMMANDS.find((name) => name === (/^\d+$/.test(first) ? second : first));
  if (command === undefined) {
    const near = nearest(second || first, COMMANDS);
    const hint = near === undefined ? `one of: ${COMMANDS.join(", ")}` : `did you mean "${near}"?`;
    throw new UsageError(`"${words.join(" ")}" is not a step; ${hint} See: npm run node -- --help`);
  }
  const node = number("the node", first);
  const wanted = command === "reset-node" ? 3 : 2;
  if (words.length !== wanted || rest.length > 0)
    throw new UsageError(`${command} takes ${wanted - 1} numbers. See: npm run node -- --help`);
  if (command === "reset-node") return { command, node, subject: number("the node to admit", third ?? "") };
  return command === "dump" ? { command, chip: node } : { command, node };
}

/** The chips of a cluster, loaded from files, on a bus. */
class Rig {
  readonly seats: readonly number[];
  readonly nodes: number;
  readonly #engine = new Engine();
  readonly #bus = new I2cBus({ clockHz: 400_000 });
  readonly #chips: readonly At24c256[];
  readonly #dir: string;

  constructor(dir: string, nodes: number, unplugged: ReadonlySet<number>) {
    this.#dir = dir;
    this.nodes = nodes;
    this.seats = Array.from({ length: nodes }, (_, node) => node);
    this.#chips = this.seats.map(
      (chip) => new At24c256({ address: addressOf(chip), image: this.#load(chip) }),
    );
    for (const chip of this.seats) if (!unplugged.has(chip)) this.#bus.attach(this.#chips[chip]!);
  }

  file(chip: number): string {
    return join(this.#dir, `eeprom-${chip}.bin`);
  }

  /** Runs a cycle of node `self` on the chips; the effects that need a network go to `elsewhere`. */
  async run<Result>(
    self: number,
    cycle: Cycle<Result>,
    elsewhere: (effect: Effect) => Reply,
  ): Promise<Result> {
    const engine = this.#engine;
    const board: Board = {
      self,
      eeprom: new EepromDriver(this.#bus),
      busyLine: new BusyLine(),
      trace: new Trace(),
      now: () => engine.now,
    };
    let result: { value: Result } | undefined;
    const task = function* (): Task {
      const value = yield* runCycle(cycle, function* (effect): Task<Reply> {
        const onBoard = boardEffect(board, effect);
        return onBoard === undefined ? elsewhere(effect) : yield* onBoard;
      });
      result = { value };
    };
    engine.spawn(`node-${self}`, task());
    await engine.run(after(START, hours(1)));
    if (result === undefined) throw new Error(`node ${self} did not finish its cycle within an hour`);
    this.#save();
    return result.value;
  }

  dump(terminal: Terminal, chip: number): void {
    const note = existsSync(this.file(chip))
      ? this.file(chip)
      : `${this.file(chip)} (not there yet: a chip as delivered)`;
    dumpChip(terminal, chip, this.#chips[chip]!.memory, this.nodes, note);
  }

  #load(chip: number): Uint8Array {
    const file = this.file(chip);
    if (!existsSync(file)) return blankEepromImage();
    try {
      return parseEepromImage(readFileSync(file), file);
    } catch (error) {
      if (error instanceof EepromImageError) throw new UsageError(error.message);
      throw new UsageError(`cannot read ${file}: ${error instanceof Error ? error.message : error}`);
    }
  }

  #save(): void {
    mkdirSync(this.#dir, { recursive: true });
    for (const chip of this.seats)
      writeFileSync(this.file(chip), serializeEepromImage(this.#chips[chip]!.memory));
  }
}

async function healthCheck(terminal: Terminal, rig: Rig, node: number): Promise<void> {
  const say = (text: string) => terminal.write(`  ${text}\n`);
  terminal.write(`${paint(terminal, "bold", `node ${node} wakes`)}\n`);
  await rig.run(node, articleWake(node, rig.nodes, COLD_START), (effect) => {
    if (effect.do === "decide") for (const line of decisionLines(effect.decision)) say(line);
    if (effect.do === "connect") say("joins the network (not here)");
    if (effect.do === "report")
      say(`would publish the event ${effect.report.type} about node ${effect.report.subject}`);
    if (effect.do === "publish-reading") say("would measure and publish a reading, and counts it");
    return true;
  });
}

function decisionLines({ role, why, formatted, changes, unwritable }: Decision): string[] {
  const lines = formatted
    ? ["finds blank chips and writes the first map: itself primary, the others dead"]
    : [];
  for (const { kind, node } of changes) lines.push(`${kind.replaceAll("-", " ")}: node ${node}`);
  for (const chip of unwritable) lines.push(`could not write the chip of node ${chip}`);
  if (role === "unknown") return [...lines, `does nothing: ${why.replaceAll("-", " ")}`];
  return [...lines, role === "dead" ? "finds itself marked dead, and does nothing" : `is ${role}`];
}

async function resetNode(terminal: Terminal, rig: Rig, node: number, subject: number): Promise<number> {
  const outcome = await rig.run(node, articleResetNode(node, rig.nodes, subject), () => undefined);
  if (!outcome.done) {
    const why = outcome.why === "blank" ? "the chips are blank; run a health-check first" : "no chip answers";
    process.stderr.write(`reset-node ${subject}: nothing done: ${why}\n`);
    return 1;
  }
  terminal.write(`node ${subject} is admitted: its dead and retry bits are cleared\n`);
  for (const chip of outcome.unwritable) terminal.write(`  could not write the chip of node ${chip}\n`);
  return 0;
}
