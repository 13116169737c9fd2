/** A span of virtual time in whole microseconds; a number up to 2^53 holds 285 years. */
export type Micros = number & { readonly unit: "µs" };
/** A point of virtual time: microseconds since the start of the run. */
export type Instant = number & { readonly unit: "µs since start" };

/** The instant at which a run begins. */
export const START = 0 as Instant;

/** A span of `n` µs, rounded to whole ones. */
export const micros = (n: number): Micros => Math.round(n) as Micros;
/** A span of `n` ms, rounded to whole µs. */
export const millis = (n: number): Micros => Math.round(n * 1_000) as Micros;
/** A span of `n` s, rounded to whole µs. */
export const seconds = (n: number): Micros => Math.round(n * 1_000_000) as Micros;
/** A span of `n` times 60 s, rounded to whole µs. */
export const minutes = (n: number): Micros => seconds(n * 60);
/** A span of `n` times 3,600 s, rounded to whole µs. */
export const hours = (n: number): Micros => seconds(n * 3_600);
/** A span of `n` times 86,400 s, rounded to whole µs. */
export const days = (n: number): Micros => seconds(n * 86_400);

/** The instant that is a span later than `at`. */
export const after = (at: Instant, wait: Micros): Instant => (at + wait) as Instant;
/** The span from one instant to a later one; negative where it is earlier. */
export const between = (from: Instant, to: Instant): Micros => (to - from) as Micros;
/** A span as a number of seconds, fractions kept. */
export const inSeconds = (span: Micros): number => span / 1_000_000;
