/**
 * A linear regulator from the pack to the 3.3 V rail, and the ESP32's brown-out detector on that rail. Figures:
 * FACTS.md, "ESP32 and battery".
 *
 * A linear regulator takes as much current from the pack as it gives, so that the pack's coulombs are the rail's. Its
 * own quiescent current is part of the board's sleep current (`node/loads.ts`).
 *
 * Not modelled: drop-out that depends on the current (1.1 V is that of an AMS1117 at its full 800 mA; it is about 1.0 V
 * when little flows), current limit, heat, and the capacitors behind it, which carry short peaks: a brown-out comes a
 * little early here.
 */

/** Voltage of the rail while it is regulated, in volts. */
export const RAIL_V = 3.3;
/** Least difference between input and rail for a regulated rail, in volts. */
export const DROP_OUT_V = 1.1;
/** Least voltage of the pack under load for a regulated rail: 4.4 V. */
export const REGULATION_MIN_V = RAIL_V + DROP_OUT_V;
/** Voltage of the rail below which the chip resets, in volts: the detector's default level. */
export const BROWN_OUT_V = 2.43;

/** Volts of the rail with `packV` at the input: 3.3, and below drop-out the pack less 1.1. */
export const railV = (packV: number): number => Math.max(0, Math.min(RAIL_V, packV - DROP_OUT_V));

/** Whether the rail is at 3.3 V with `packV` at the input. */
export const inRegulation = (packV: number): boolean => packV >= REGULATION_MIN_V;

/** Whether the brown-out detector lets the chip run with `packV` at the input. */
export const runs = (packV: number): boolean => railV(packV) >= BROWN_OUT_V;
