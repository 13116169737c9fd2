/**
 * Virtual time, in integer microseconds. A number up to 2^53 holds 285 years of them.
 */
export type Micros = number & { readonly unit: "µs" };
/** A point of virtual time: microseconds since the start of the run. */
export type Instant = number & { readonly unit: "µs since start" };

export const START = 0 as Instant;

export const micros = (n: number): Micros => Math.round(n) as Micros;
export const millis = (n: number): Micros => Math.round(n * 1_000) as Micros;
export const seconds = (n: number): Micros => Math.round(n * 1_000_000) as Micros;
export const minutes = (n: number): Micros => seconds(n * 60);
export const hours = (n: number): Micros => seconds(n * 3_600);
export const days = (n: number): Micros => seconds(n * 86_400);

export const after = (at: Instant, wait: Micros): Instant => (at + wait) as Instant;
export const between = (from: Instant, to: Instant): Micros => (to - from) as Micros;
export const inSeconds = (span: Micros): number => span / 1_000_000;
