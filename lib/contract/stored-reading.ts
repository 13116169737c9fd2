/** A reading in the readings table, as commands read it back. */
import * as z from "zod/mini";
import { nodeId, Reading } from "./messages.ts";

const { measured_at, temperature_c, seq, term, sleep_s, battery_mv } = Reading.shape;

/** The message's own fields, and the node, which the rule takes from the topic. Further fields are left out. */
export const StoredReading = z.object({
  measured_at,
  node: nodeId,
  temperature_c,
  term,
  seq,
  sleep_s,
  battery_mv,
});
/** A parsed item of the readings table. */
export type StoredReading = z.infer<typeof StoredReading>;
