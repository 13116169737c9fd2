import { createHash } from "node:crypto";

/** What AWS would draw at random, in the form of a UUID: the same for the same text, so that a simulation repeats itself. */
export const madeUpId = (text: string): string =>
  createHash("sha256")
    .update(text)
    .digest("hex")
    .replace(/^(.{8})(.{4})(.{4})(.{4})(.{12}).*$/, "$1-$2-$3-$4-$5");
