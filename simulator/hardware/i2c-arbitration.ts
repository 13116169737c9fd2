/**
 * Arbitration between masters whose STARTs fell together (UM10204, section 3.1.8): bit by bit, a master that sends 1
 * and reads 0 has lost and lets go. So the lower device address wins, a write beats a read, the longer of two equal
 * reads beats the shorter (its ACK is a 0), and masters with the same traffic never notice one another.
 *
 * The specification leaves undefined what happens when one master sends a repeated START or STOP while another sends a
 * data bit or the other condition. Here none of them wins: each gets "arbitration-undefined", and the transfer ends
 * there without STOP.
 */
import { ACK_BIT, bytesBefore, CONDITION_CLOCKS, clocksBefore, type Request, slotOf } from "./i2c-request.ts";

/** How and where a master was stopped. */
export interface Defeat {
  readonly error: "arbitration-lost" | "arbitration-undefined";
  /** Position of the byte, counting from the device address as 0, as in a transfer's outcome. */
  readonly byte: number;
  /** Clock periods from the common START to the end of the bit, or condition, in question. */
  readonly clocks: number;
}

/**
 * Compares the masters' requests bit by bit, without regard to the chips: a NACK may end the transfer before.
 * @returns by request: how it was stopped; undefined for the winner, and for all others with the same traffic. At least
 * one of them is not "arbitration-lost". The order of the requests makes no difference.
 */
export function arbitrate(requests: readonly Request[]): readonly (Defeat | undefined)[] {
  const defeats: (Defeat | undefined)[] = requests.map(() => undefined);
  for (let slot = 0; ; slot++) {
    const left = requests.flatMap((_, index) => (defeats[index] === undefined ? [index] : []));
    const sent = left.map((index) => slotOf(requests[index]!, slot));
    if (sent.every((each) => each === sent[0])) {
      if (sent[0] === "P") return defeats;
      continue;
    }
    // Up to here all that are left have sent the same, so the first one's count holds for all.
    const byte = bytesBefore(requests[left[0]!]!, slot);
    const clocks = clocksBefore(requests[left[0]!]!, slot);
    const bits = sent.filter((each) => typeof each === "number");
    if (bits.length < sent.length) {
      const undecided: Defeat = { error: "arbitration-undefined", byte, clocks: clocks + CONDITION_CLOCKS };
      for (const index of left) defeats[index] = undecided;
      return defeats;
    }
    // The first bit sent is the highest, and 0 wins: the smallest number is what the line shows.
    const line = Math.min(...bits);
    bits.forEach((own, n) => {
      if (own === line) return;
      const bit = firstDifference(own, line);
      defeats[left[n]!] = { error: "arbitration-lost", byte, clocks: clocks + bit + 1 };
    });
  }
}

/** The first of nine bits, counted from 0, in which two differing slots differ. */
const firstDifference = (x: number, y: number): number => Math.clz32(x ^ y) - (31 - ACK_BIT);
