/**
 * The folder that `npm run node` works on: an EEPROM image for each chip, a missing one a chip as delivered, and beside
 * them what the nodes keep.
 */
import { accessSync, constants, existsSync, mkdirSync, readdirSync, readFileSync, statSync } from "node:fs";
import { join } from "node:path";
import {
  blankEepromImage,
  EepromImageError,
  parseEepromImage,
  serializeEepromImage,
} from "../../hardware/eeprom-image.ts";
import { whyRefused, writeFiles } from "../../write-file.ts";
import { UsageError } from "../shared/arguments.ts";
import { lockFolderSoon, type Release } from "../shared/folder-lock.ts";
import { formatKeptNodes, type KeptNodes, KeptNodesError, parseKeptNodes } from "./node-state-file.ts";

/** A step takes a second or so. */
const LOCK_WAIT_MS = 10_000;
/** As people and programs name images: eeprom-0.BIN, EEPROM0.bin, eeprom-0.hex, eeprom-00.bin.txt. */
const LOOKS_LIKE_IMAGE = /^eeprom[-_ ]?0*(\d+)\.(bin|hex|ihex|img|rom|dat)(\..*)?$/i;

/** The folder of `npm run node`: chip images, and what the nodes keep. */
export class ImageFolder {
  readonly dir: string;

  /** @throws UsageError when `dir` is there and is no folder. */
  constructor(dir: string) {
    if (existsSync(dir) && !statSync(dir).isDirectory())
      throw new UsageError(`--images: ${dir} is not a folder`);
    this.dir = dir;
  }

  file(chip: number): string {
    return join(this.dir, `eeprom-${chip}.bin`);
  }

  has(chip: number): boolean {
    return existsSync(this.file(chip));
  }

  /** @throws UsageError when the file cannot be read, is no image of a chip, or only one of a similar name is there. */
  load(chip: number): Uint8Array {
    const file = this.file(chip);
    try {
      if (!existsSync(file)) return this.#delivered(chip);
      return parseEepromImage(readFileSync(file), file);
    } catch (error) {
      if (error instanceof UsageError) throw error;
      if (error instanceof EepromImageError) throw new UsageError(`--images: ${error.message}`);
      throw new UsageError(`--images: cannot read ${file}: ${whyRefused(error)}`);
    }
  }

  /** A chip as delivered; whoever has named its image otherwise did not mean that. */
  #delivered(chip: number): Uint8Array {
    const names = existsSync(this.dir) ? readdirSync(this.dir) : [];
    const similar = names.find((name) => Number(LOOKS_LIKE_IMAGE.exec(name)?.[1] ?? -1) === chip);
    if (similar === undefined) return blankEepromImage();
    const found = `--images: ${join(this.dir, similar)} is there, and eeprom-${chip}.bin is not`;
    throw new UsageError(
      /hex/i.test(similar)
        ? `${found}: an image is the plain bytes of the chip. Convert it: objcopy -I ihex -O binary ${similar} eeprom-${chip}.bin, and move it elsewhere`
        : `${found}: if it is that chip's image, rename it to eeprom-${chip}.bin, else move it elsewhere`,
    );
  }

  /**
   * Two steps at once would each write over what the other did.
   * @throws UsageError when another step has the folder for longer than a step takes, or it cannot be made.
   */
  async lock(): Promise<Release> {
    let taken: Awaited<ReturnType<typeof lockFolderSoon>>;
    try {
      mkdirSync(this.dir, { recursive: true });
      taken = await lockFolderSoon(this.dir, LOCK_WAIT_MS);
    } catch (error) {
      throw new UsageError(`--images: ${this.dir} cannot be written: ${whyRefused(error)}`);
    }
    if (typeof taken === "function") return taken;
    const who = taken.pid === undefined ? "another step" : `another step (process ${taken.pid})`;
    throw new UsageError(
      `--images: ${who} is using ${this.dir}. Try again, or delete ${taken.file} if no step is running.`,
    );
  }

  /**
   * Makes the folder, and makes sure that the chips' files can be written: before a step, not when it is done.
   * @throws UsageError
   */
  prepare(chips: readonly number[]): void {
    try {
      mkdirSync(this.dir, { recursive: true });
      const files = [this.keptFile, ...chips.map((chip) => this.file(chip))].filter((file) =>
        existsSync(file),
      );
      for (const path of [this.dir, ...files]) accessSync(path, constants.W_OK);
    } catch (error) {
      throw new UsageError(`--images: ${this.dir} cannot be written: ${whyRefused(error)}`);
    }
  }

  get keptFile(): string {
    return join(this.dir, "nodes.json");
  }

  /**
   * What the nodes keep; undefined where there is no file of it, an error where it is none.
   * @throws UsageError when the file cannot be read.
   */
  loadKept(): KeptNodes | KeptNodesError | undefined {
    if (!existsSync(this.keptFile)) return undefined;
    let text: string;
    try {
      text = readFileSync(this.keptFile, "utf8");
    } catch (error) {
      throw new UsageError(`--images: cannot read ${this.keptFile}: ${whyRefused(error)}`);
    }
    try {
      return parseKeptNodes(text);
    } catch (error) {
      if (error instanceof KeptNodesError) return error;
      throw error;
    }
  }

  /**
   * First what the nodes keep: a boot counter that is ahead of the images is as after a reset, one behind them is refused.
   * @throws FileError, and then nothing has changed.
   */
  save(nodes: KeptNodes, images: ReadonlyMap<number, Uint8Array>): void {
    const files = [...images].map(([chip, memory]) => ({
      path: this.file(chip),
      data: serializeEepromImage(memory),
    }));
    writeFiles([{ path: this.keptFile, data: formatKeptNodes(nodes) }, ...files], "--images");
  }
}
