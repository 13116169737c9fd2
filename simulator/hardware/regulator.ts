/**
 * A linear regulator from the pack to the 3.3 V rail, and the ESP32's brown-out detector on that rail.
 * Figures: FACTS.md, "ESP32 and battery".
 *
 * A linear regulator takes from the pack the current that it gives, so the pack's coulombs are the rail's. Its own
 * quiescent current is part of the board's sleep current (`node/loads.ts`).
 * Not modelled: drop-out that depends on the current (1.1 V is that of an AMS1117 at its full 800 mA; it is about 1.0 V
 * when little flows), current limit, heat, and the capacitors behind it, which carry short peaks: a brown-out comes a little
 * early here.
 */

/** Volts of the rail while it is regulated. */
export const RAIL_V = 3.3;
/** Volts between input and rail below which it no longer regulates. */
export const DROP_OUT_V = 1.1;
/** The pack must have this much, under the load of the moment, for a regulated rail: 4.4 V. */
export const REGULATION_MIN_V = RAIL_V + DROP_OUT_V;
/** The chip resets when the rail falls below: the detector's default level. */
export const BROWN_OUT_V = 2.43;

/** Volts of the rail with `packV` at the input: 3.3, and below drop-out the pack less 1.1. */
export const railV = (packV: number): number => Math.max(0, Math.min(RAIL_V, packV - DROP_OUT_V));

/** Whether the rail stands at 3.3 V. */
export const inRegulation = (packV: number): boolean => packV >= REGULATION_MIN_V;

/** Whether the brown-out detector lets the chip run. */
export const runs = (packV: number): boolean => railV(packV) >= BROWN_OUT_V;
