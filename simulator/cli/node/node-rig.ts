/** The chips of a cluster, loaded from image files, on a bus: what a step of `npm run node` runs on. */
import { Engine, type Task } from "../../engine/engine.ts";
import { after, hours, START } from "../../engine/time.ts";
import { Trace } from "../../engine/trace.ts";
import { At24c256 } from "../../hardware/at24c256.ts";
import { BusyLine } from "../../hardware/busy-line.ts";
import { EepromDriver } from "../../hardware/eeprom-driver.ts";
import { blankEepromImage } from "../../hardware/eeprom-image.ts";
import { I2cBus } from "../../hardware/i2c-bus.ts";
import { addressOf, type Board, boardEffect, isBoardEffect, runCycle } from "../../node/board.ts";
import type { Cycle, Effect, Reply } from "../../protocol/effects.ts";
import { clusterTag, isLater, latestOn, type NodeRecord } from "../../protocol/hardened/record.ts";
import { UsageError } from "../shared/arguments.ts";
import { misfitOf } from "./image-check.ts";
import type { ImageFolder } from "./image-folder.ts";
import { type KeptNode, type KeptNodes, KeptNodesError, neverOn, type Setting } from "./node-state-file.ts";

/** EEPROMs of a cluster: one for each node, and the witness. */
export const chipsOf = ({ nodes, witness }: Setting): number => nodes + (witness ? 1 : 0);

/**
 * The emulated chips and bus of `npm run node`, loaded from images, on which one node at a time takes a step.
 */
export class NodeRig {
  readonly setting: Setting;
  readonly #engine = new Engine();
  readonly #bus = new I2cBus({ clockHz: 400_000 });
  /** Those that are plugged in. */
  readonly #chips = new Map<number, At24c256>();
  readonly #images: ImageFolder;
  #kept: KeptNodes;

  /**
   * @param force takes images and kept nodes that do not fit as they are, and says so to `warn`
   * @throws UsageError when a file cannot be read or written, or holds what is not of this cluster.
   */
  constructor(
    images: ImageFolder,
    setting: Setting,
    unplugged: ReadonlySet<number>,
    force: boolean,
    warn: (line: string) => void,
  ) {
    this.setting = setting;
    this.#images = images;
    images.prepare(Array.from({ length: chipsOf(setting) }, (_, chip) => chip));
    for (let chip = 0; chip < chipsOf(setting); chip++) {
      if (unplugged.has(chip)) continue;
      const device = new At24c256({ address: addressOf(chip), image: images.load(chip) });
      this.#chips.set(chip, device);
      this.#bus.attach(device);
    }
    const kept = images.loadKept();
    const problems = [...this.#misfits(), ...this.#keptProblems(kept)];
    if (problems.length > 0 && !force) throw new UsageError(refusal(problems, images.dir));
    for (const problem of problems) warn(`used anyway: ${problem}`);
    const fits = kept !== undefined && !(kept instanceof KeptNodesError) && same(kept.setting, setting);
    this.#kept = fits ? kept : neverOn(setting);
  }

  /** What is wrong with the images themselves. */
  #misfits(): string[] {
    return [...this.#chips].flatMap(([chip, { memory }]) => {
      const misfit = misfitOf(memory, this.setting);
      if (misfit === undefined) return [];
      const option = misfit.option === undefined ? "" : ` (see ${misfit.option})`;
      return [`${this.#images.file(chip)}: ${misfit.found}${option}`];
    });
  }

  #keptProblems(kept: KeptNodes | KeptNodesError | undefined): string[] {
    const file = this.#images.keptFile;
    if (kept instanceof KeptNodesError) return [`${file}: ${kept.message}`];
    if (kept !== undefined && !same(kept.setting, this.setting))
      return [`${file}: is of ${settingText(kept.setting)}, not of ${settingText(this.setting)}`];
    return this.#recordsAhead(kept ?? neverOn(this.setting));
  }

  /** A record that its node cannot have written yet: then the images and the file are not of one moment. */
  #recordsAhead({ kept }: KeptNodes): string[] {
    if (this.setting.protocol !== "hardened") return [];
    const cluster = clusterTag(this.setting.cluster);
    return kept.flatMap((node, self) => {
      for (const [chip, { memory }] of this.#chips) {
        const record = latestOn(memory, self, cluster);
        if (record !== undefined && isAhead(record, node))
          return [
            `${this.#images.file(chip)}: node ${self} wrote boot ${record.boot}, gen ${record.gen}, and ${this.#images.keptFile} has ${keptText(node)}: they are from different moments`,
          ];
      }
      return [];
    });
  }

  kept(node: number): KeptNode {
    return this.#kept.kept[node]!;
  }

  /**
   * Runs a cycle of node `self` on the chips; the effects that need a network go to `elsewhere`. Then all is saved.
   * @param keeps what the node keeps of the result
   */
  async run<Result>(
    self: number,
    cycle: Cycle<Result>,
    elsewhere: (effect: Effect) => Reply,
    keeps: (result: Result) => KeptNode,
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
    const { value } = result as { value: Result };
    this.#kept = { ...this.#kept, kept: this.#kept.kept.with(self, keeps(value)) };
    this.#save();
    return value;
  }

  /** An unplugged chip keeps what it has; one that had no file yet gets one, as delivered. */
  #save(): void {
    const images = new Map<number, Uint8Array>();
    for (let chip = 0; chip < chipsOf(this.setting); chip++) {
      const memory = this.#chips.get(chip)?.memory;
      if (memory !== undefined) images.set(chip, memory);
      else if (!this.#images.has(chip)) images.set(chip, blankEepromImage());
    }
    this.#images.save(this.#kept, images);
  }
}

const same = (x: Setting, y: Setting): boolean =>
  x.protocol === y.protocol && x.cluster === y.cluster && x.nodes === y.nodes && x.witness === y.witness;

const settingText = ({ protocol, cluster, nodes, witness }: Setting): string =>
  `${protocol}, cluster ${cluster}, ${nodes} nodes${witness ? " and a witness chip" : ""}`;

/** gen in RTC memory is that of the last record written. */
const genOf = ({ rtc }: KeptNode): number | undefined => (rtc as { gen: number } | undefined)?.gen;

function isAhead(record: NodeRecord, node: KeptNode): boolean {
  if (record.boot !== node.boots) return record.boot > node.boots;
  const gen = genOf(node);
  return gen !== undefined && isLater(record, { ...record, gen });
}

const keptText = (node: KeptNode): string =>
  `${node.boots === 0 ? "no boot" : `boot ${node.boots}`}${genOf(node) === undefined ? "" : `, gen ${genOf(node)}`}`;

const refusal = (problems: readonly string[], dir: string): string =>
  `${problems.map((problem) => `--images: ${problem}`).join("\n")}
Nothing was done. Choose another folder with --images DIR, delete ${dir} to start over, or add --force: the nodes then meet what is there, and write over it.`;
