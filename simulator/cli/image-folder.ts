/**
 * The folder that `npm run node` works on: an EEPROM image for each chip, a missing one a chip as delivered, and beside
 * them what the nodes keep.
 */
import { accessSync, constants, existsSync, mkdirSync, readFileSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import {
  blankEepromImage,
  EepromImageError,
  parseEepromImage,
  serializeEepromImage,
} from "../hardware/eeprom-image.ts";
import { UsageError } from "./arguments.ts";
import { formatKeptNodes, type KeptNodes, KeptNodesError, parseKeptNodes } from "./kept-nodes.ts";

const textOf = (error: unknown): string => (error instanceof Error ? error.message : String(error));

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

  /** @throws UsageError when the file cannot be read, or is no image of a chip. */
  load(chip: number): Uint8Array {
    const file = this.file(chip);
    if (!existsSync(file)) return blankEepromImage();
    try {
      return parseEepromImage(readFileSync(file), file);
    } catch (error) {
      if (error instanceof EepromImageError) throw new UsageError(`--images: ${error.message}`);
      throw new UsageError(`--images: cannot read ${file}: ${textOf(error)}`);
    }
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
      throw new UsageError(`--images: ${this.dir} cannot be written: ${textOf(error)}`);
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
      throw new UsageError(`--images: cannot read ${this.keptFile}: ${textOf(error)}`);
    }
    try {
      return parseKeptNodes(text);
    } catch (error) {
      if (error instanceof KeptNodesError) return error;
      throw error;
    }
  }

  saveKept(nodes: KeptNodes): void {
    writeFileSync(this.keptFile, formatKeptNodes(nodes));
  }

  save(chip: number, memory: Uint8Array): void {
    writeFileSync(this.file(chip), serializeEepromImage(memory));
  }
}
