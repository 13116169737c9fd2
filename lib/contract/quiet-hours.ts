/** How long quiet hours may be. The synthesis and the functions refuse longer ones alike. */

/** Longer ones would leave too little of the day to tell what the night has held back, and mute for good. Minutes. */
export const QUIET_MAX_MIN = 16 * 60;

/** Minutes of the day of a time such as `22:00`. */
export const minuteOf = (time: string): number => Number(time.slice(0, 2)) * 60 + Number(time.slice(3));

/** From one time of day to another, over midnight where the second is not later. Minutes. */
export const quietSpanMin = (from: string, to: string): number =>
  (minuteOf(to) - minuteOf(from) + 1_440) % 1_440;
