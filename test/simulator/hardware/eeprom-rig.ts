import { type Instant, after as later, type Micros, START } from "../../../simulator/engine/time.ts";
import { At24c256 } from "../../../simulator/hardware/at24c256.ts";
import { EepromDriver, type Waiting } from "../../../simulator/hardware/eeprom-driver.ts";
import { I2cBus } from "../../../simulator/hardware/i2c-bus.ts";

/** Runs a generator alone, adding up its waits; `during` is called at each of them with the instant it begins. */
export function run<Result>(
  task: Waiting<Result>,
  from: Instant = START,
  during?: (now: Instant) => void,
): Result {
  let now = from;
  for (let step = task.next(now); ; step = task.next(now)) {
    if (step.done) return step.value;
    during?.(now);
    now = later(now, step.value);
  }
}

export function rig(options: { readonly writeCycle?: Micros } = {}) {
  const bus = new I2cBus({ clockHz: 400_000 });
  const chip = new At24c256({ address: 0x50, ...options });
  bus.attach(chip);
  return { bus, chip, driver: new EepromDriver(bus) };
}

export const record = Uint8Array.from({ length: 20 }, (_, i) => i + 1);
