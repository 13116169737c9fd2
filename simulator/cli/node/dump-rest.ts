/** Bytes of a chip that nothing decodes. */
import { BLANK_BYTE, EEPROM_BYTES } from "../../hardware/eeprom-image.ts";
import { paint, type Terminal } from "../shared/terminal.ts";

const BYTES_A_LINE = 16;
/** The number in hex, padded with zeroes to `width` digits. */
export const hex = (value: number, width: number): string => value.toString(16).padStart(width, "0");

/**
 * Lines from address `from` on; of lines that repeat the one before them, only where they end, as hexdump does.
 * @param isShown whether the byte at an address has been shown already
 */
export function dumpRest(
  terminal: Terminal,
  memory: Uint8Array,
  from: number,
  isShown: (at: number) => boolean = () => false,
): void {
  let blank = 0;
  let before = "";
  let repeatedTo: number | undefined;
  const endRepeats = () => {
    if (repeatedTo !== undefined) terminal.write(`  *     the same up to ${hex(repeatedTo, 4)}\n`);
    repeatedTo = undefined;
  };
  for (let at = from; at < EEPROM_BYTES; at += BYTES_A_LINE - (at % BYTES_A_LINE)) {
    const end = at - (at % BYTES_A_LINE) + BYTES_A_LINE;
    const places = Array.from({ length: end - at }, (_, n) => at + n);
    const rest = places.filter((place) => !isShown(place));
    const bytes = places.map((place) => (isShown(place) ? "··" : hex(memory[place]!, 2))).join(" ");
    if (bytes === before) {
      repeatedTo = end - 1;
      continue;
    }
    endRepeats();
    if (rest.every((place) => memory[place] === BLANK_BYTE)) {
      blank += rest.length;
      before = "";
    } else {
      terminal.write(`  ${hex(at, 4)}  ${bytes}\n`);
      before = bytes;
    }
  }
  endRepeats();
  if (blank > 0) terminal.write(paint(terminal, "dim", `  the other ${blank} bytes are FFh\n`));
}
