/** A node's newest reading, as the readings rule puts it into the clusters table. */
import * as z from "zod/mini";
import { nodeId, Reading } from "../../../lib/contract/messages.ts";
import { happenedMs, isPlausible } from "../../core/order.ts";
import type { Heartbeat } from "./view.ts";

const whole = z.int().check(z.gte(0));
/** Of a heartbeat that does not say how long its node sleeps. */
const SLEEP_S = 900;
const MEASURED_AT_LENGTH_MAX = 40;

/**
 * The reading's attributes, as the rule put them. That a node was heard is known by `received_at` alone: another field that
 * is not as the contract has it says nothing, and hides nothing else.
 */
const HeartbeatItem = z.object({
  node: nodeId,
  received_at: whole,
  measured_at: z.catch(z.string(), ""),
  sleep_s: z.catch(Reading.shape.sleep_s, SLEEP_S),
  temperature_c: z.catch(z.optional(Reading.shape.temperature_c), undefined),
  // 0: it does not measure its pack.
  battery_mv: z.catch(Reading.shape.battery_mv, 0),
  // 0: it has none.
  term: z.catch(Reading.shape.term, 0),
  unwritable_eeproms: z.catch(Reading.shape.unwritable_eeproms, 0),
  suspects: z.catch(Reading.shape.suspects, 0),
  setup_faults: z.catch(Reading.shape.setup_faults, undefined),
});

/** A node's heartbeat from the attributes of its item. @throws ZodError: it does not say which node was heard when */
export function heartbeatFrom(attributes: unknown): Heartbeat {
  const data = HeartbeatItem.parse(attributes);
  const { measured_at: said, received_at: receivedMs, temperature_c } = data;
  const saidMs = Date.parse(said);
  return {
    node: data.node,
    receivedMs,
    measuredMs: happenedMs(saidMs, receivedMs),
    ...(isPlausible(saidMs, receivedMs) ? {} : { wrongClock: said.slice(0, MEASURED_AT_LENGTH_MAX) }),
    sleepS: data.sleep_s,
    ...(temperature_c === undefined ? {} : { temperatureC: temperature_c }),
    batteryMv: data.battery_mv,
    term: data.term,
    unwritableEeproms: data.unwritable_eeproms,
    suspects: data.suspects,
    ...(data.setup_faults === undefined ? {} : { setupFaults: data.setup_faults }),
  };
}
