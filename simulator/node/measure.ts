/** How a node measures: a conversion, a read of the scratchpad, and another try where that is wrong. */
import type { Engine, Task } from "../engine/engine.ts";
import { type Ds18b20, type Ds18b20Reading, decodeScratchpad } from "../hardware/ds18b20.ts";
import { LOADS, PHASE, type Phase } from "./loads.ts";
import type { NodeEventBody } from "./node-event.ts";

/** What it takes to measure. */
interface Measuring {
  readonly sensor: Ds18b20;
  readonly engine: Engine;
  readonly load: (ampere: number, phase: Phase) => void;
  readonly tell: (event: NodeEventBody) => void;
  readonly trace: (event: string, detail?: string) => void;
}

/** How often the firmware reads a sensor that fails its CRC. */
const SENSOR_TRIES = 3;

/** A reading of the sensor, which is tried again where its scratchpad is wrong; what came of it is told. */
export function* measure(host: Measuring): Task<Ds18b20Reading> {
  const { sensor, engine, load, tell, trace } = host;
  load(LOADS.wifiIdle.ampere + LOADS.conversion.ampere, PHASE.conversion);
  for (let attempt = 1; ; attempt++) {
    const conversion = sensor.convert(engine.now);
    if (!engine.pass(conversion)) yield conversion;
    const decoded = decodeScratchpad(sensor.readScratchpad(engine.now));
    if (!decoded.ok && attempt < SENSOR_TRIES) continue;
    if (decoded.ok) {
      tell({ kind: "measured", celsius: decoded.celsius });
      trace("measured", `${decoded.celsius} C`);
    } else {
      tell({ kind: "sensor-failed", why: decoded.why });
      trace("sensor-failed", decoded.why);
    }
    return decoded;
  }
}
