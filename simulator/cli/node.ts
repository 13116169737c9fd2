/** `npm run node`: the published protocol by hand, one step at a time, on EEPROM image files. */
import { nearest } from "../../lib/nearest.ts";
import { Engine, type Task } from "../engine/engine.ts";
import { after, hours, START } from "../engine/time.ts";
import { Trace } from "../engine/trace.ts";
import { At24c256 } from "../hardware/at24c256.ts";
import { BusyLine } from "../hardware/busy-line.ts";
import { EepromDriver } from "../hardware/eeprom-driver.ts";
import { blankEepromImage } from "../hardware/eeprom-image.ts";
import { I2cBus } from "../hardware/i2c-bus.ts";
import { addressOf, type Board, boardEffect, isBoardEffect, runCycle } from "../node/board.ts";
import { ARTICLE_NODES_MAX } from "../protocol/article/map.ts";
import { articleResetNode, articleWake, COLD_START } from "../protocol/article/wake.ts";
import type { Change, Cycle, Decision, Effect, Reply } from "../protocol/effects.ts";
import { parseFlags, UsageError, wholeNumber } from "./arguments.ts";
import { callersPath } from "./callers-path.ts";
import { ImageFolder } from "./image-folder.ts";
import { dumpChip, dumpUnplugged, nodesOfMap } from "./map-dump.ts";
import { runCommand } from "./run-command.ts";
import { paint, type Terminal, terminalOf } from "./terminal.ts";

/** In the project's folder. */
const IMAGES = ".ha2m/eeproms";

const HELP = `The published protocol by hand, on EEPROM images of 32,768 bytes: a wake cycle,
a re-admission, or a look at the map.

  npm run node -- K health-check    node K wakes, checks on the others, and
                                    writes the map back
  npm run node -- K reset-node J    at node K's prompt: admits node J
  npm run node -- [K] dump          the map on every chip, or on chip K, byte
                                    by byte

  --images DIR    where eeprom-0.bin, eeprom-1.bin, … are; a missing one is a
                  chip as delivered (default ${IMAGES})
  --nodes N       size of the cluster, 2 to ${ARTICLE_NODES_MAX} (default 2)
  --unplug CHIP   this chip does not answer; may be given more than once
  --help

Nothing is sent: a primary says what it would publish, and counts it as
published. Images stay from step to step; to start over, delete their folder:
rm -r ${IMAGES}

Try: 0 health-check, 1 health-check, 1 reset-node 1, 1 health-check three
times, and dump in between.
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
    const images = new ImageFolder(values.images === undefined ? IMAGES : callersPath("node", values.images));
    const unplugged = new Set((values.unplug ?? []).map((chip) => number("--unplug", chip)));
    const terminal = terminalOf(process.stdout);
    const seats = Array.from({ length: nodes }, (_, node) => node);
    if (call.command === "dump") {
      for (const chip of call.chip === undefined ? seats : [call.chip])
        if (unplugged.has(chip)) dumpUnplugged(terminal, chip);
        else dump(terminal, images, chip, nodes);
      return 0;
    }
    const rig = new Rig(images, seats, unplugged);
    if (call.command === "reset-node") return await resetNode(terminal, rig, call.node, call.subject);
    await healthCheck(terminal, rig, call.node);
    return 0;
  });

function dump(terminal: Terminal, images: ImageFolder, chip: number, nodes: number): void {
  const file = images.file(chip);
  const note = images.has(chip) ? file : `${file} (not there yet: a chip as delivered)`;
  dumpChip(terminal, chip, images.load(chip), nodes, note);
}

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
    throw new UsageError(
      `${command} takes ${wanted === 2 ? "1 number" : "2 numbers"}. See: npm run node -- --help`,
    );
  if (command === "reset-node") return { command, node, subject: number("the node to admit", third ?? "") };
  return command === "dump" ? { command, chip: node } : { command, node };
}

/** The chips of a cluster, loaded from files, on a bus. */
class Rig {
  readonly nodes: number;
  readonly #engine = new Engine();
  readonly #bus = new I2cBus({ clockHz: 400_000 });
  readonly #chips = new Map<number, At24c256>();
  readonly #images: ImageFolder;
  readonly #seats: readonly number[];

  /** @throws UsageError when the images cannot be read or written, or are of a cluster of another size. */
  constructor(images: ImageFolder, seats: readonly number[], unplugged: ReadonlySet<number>) {
    this.#images = images;
    this.#seats = seats;
    this.nodes = seats.length;
    images.prepare(seats);
    for (const chip of seats) {
      if (unplugged.has(chip)) continue;
      const device = new At24c256({ address: addressOf(chip), image: images.load(chip) });
      this.#chips.set(chip, device);
      this.#bus.attach(device);
    }
    this.#refuseAnotherSize();
  }

  /** A step on them would leave a map that is neither. One chip that differs is damage, and for the protocol to meet. */
  #refuseAnotherSize(): void {
    const sizes = [...this.#chips.values()].map(({ memory }) => nodesOfMap(memory));
    const held = sizes.filter((size) => size !== undefined);
    const [size] = held;
    if (size === undefined || held.includes(this.nodes)) return;
    const { dir } = this.#images;
    throw new UsageError(
      `the images in ${dir} hold the map of ${size} nodes, not of ${this.nodes}: add --nodes ${size}, choose another folder with --images DIR, or delete ${dir} to start over`,
    );
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
      const value = yield* runCycle(cycle, (effect) =>
        isBoardEffect(effect) ? boardEffect(board, effect) : elsewhere(effect),
      );
      result = { value };
    };
    engine.spawn(`node-${self}`, task());
    await engine.run(after(START, hours(1)));
    if (result === undefined) throw new Error(`node ${self} did not finish its cycle within an hour`);
    this.#save();
    return result.value;
  }

  /** An unplugged chip keeps what it has; one that had no file yet gets one, as delivered. */
  #save(): void {
    for (const chip of this.#seats) {
      const memory = this.#chips.get(chip)?.memory;
      if (memory !== undefined) this.#images.save(chip, memory);
      else if (!this.#images.has(chip)) this.#images.save(chip, blankEepromImage());
    }
  }
}

/** Printed when the images are saved: a reader that leaves early, as `head` does, must not stop the step halfway. */
async function healthCheck(terminal: Terminal, rig: Rig, node: number): Promise<void> {
  const said: string[] = [];
  await rig.run(node, articleWake(node, rig.nodes, COLD_START), (effect) => {
    if (effect.do === "decide") said.push(...decisionLines(effect.decision));
    if (effect.do === "connect") said.push("joins the network (not here)");
    if (effect.do === "report")
      said.push(`would publish the event ${effect.report.type} about node ${effect.report.subject}`);
    if (effect.do === "publish-reading") said.push("would measure and publish a reading, and counts it");
    return true;
  });
  terminal.write(`${paint(terminal, "bold", `node ${node} wakes`)}\n`);
  for (const line of said) terminal.write(`  ${line}\n`);
}

const changeText = ({ kind, node }: Change): string =>
  kind === "took-over" ? `took over from node ${node}` : `${kind.replaceAll("-", " ")}: node ${node}`;

function decisionLines({ role, why, formatted, changes, unwritable }: Decision): string[] {
  const lines = formatted
    ? ["finds blank chips and writes the first map: itself primary, the others dead"]
    : [];
  lines.push(...changes.map(changeText));
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
