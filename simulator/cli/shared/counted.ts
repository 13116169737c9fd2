/** `1 reading`, `1,097 readings`: a count with its noun, which takes an "s" unless there is exactly one. */
export const counted = (count: number, noun: string): string =>
  `${count.toLocaleString("en-US")} ${noun}${count === 1 ? "" : "s"}`;
