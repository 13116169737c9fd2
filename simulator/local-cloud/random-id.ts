import { createHash } from "node:crypto";

/**
 * An id in the form of a UUID, where AWS would draw one at random. The same text gives the same id, so that runs
 * repeat.
 */
export const madeUpId = (text: string): string =>
  createHash("sha256")
    .update(text)
    .digest("hex")
    .replace(/^(.{8})(.{4})(.{4})(.{4})(.{12}).*$/, "$1-$2-$3-$4-$5");
