/**
 * How fast the bus, its chips and the driver are: the bus traffic of one wake (2 reads and 2 writes of 20 bytes, two
 * chips, write cycles waited for) against the same loop with nothing but two arrays in place of the hardware. The ratio
 * is what counts; the rates depend on the machine.
 *
 *   node --import tsx test/bench/bus.bench.ts
 */
import { after, type Instant, millis, START } from "../../simulator/engine/time.ts";
import { At24c256 } from "../../simulator/hardware/at24c256.ts";
import { EepromDriver, type Waiting } from "../../simulator/hardware/eeprom-driver.ts";
import { I2cBus } from "../../simulator/hardware/i2c-bus.ts";

const ADDRESSES = [0x50, 0x51] as const;
const RECORD = Uint8Array.from({ length: 20 }, (_, i) => i);
const REST = millis(1);
const WARM_UP = 20_000;
const WAKES = 100_000;
const ROUNDS = 5;
/** A read, a write, and the ACK poll after it, for each chip. */
const TRANSFERS_PER_WAKE = 3 * ADDRESSES.length;

/** Runs wakes from `from` on, and returns when the last one is over. */
type Loop = (wakes: number, from: Instant) => Instant;

function finish<Outcome extends { readonly ok: boolean; readonly at: Instant }>(
  task: Waiting<Outcome>,
  from: Instant,
): Instant {
  let now = from;
  for (let step = task.next(now); ; step = task.next(now)) {
    if (!step.done) now = after(now, step.value);
    else if (step.value.ok) return step.value.at;
    else throw new Error("a transfer failed: the benchmark measures nothing");
  }
}

function hardware(): Loop {
  const bus = new I2cBus({ clockHz: 400_000 });
  // No page may wear out within the measurement.
  for (const address of ADDRESSES) bus.attach(new At24c256({ address, endurance: Number.POSITIVE_INFINITY }));
  const driver = new EepromDriver(bus);
  return (wakes, from) => {
    let now = from;
    for (let wake = 0; wake < wakes; wake++) {
      for (const address of ADDRESSES) now = finish(driver.readBlock(now, address, 0, RECORD.length), now);
      for (const address of ADDRESSES) now = finish(driver.writePage(now, address, 0, RECORD), now);
      now = after(now, REST);
    }
    return now;
  };
}

function bare(): Loop {
  const chips = ADDRESSES.map(() => new Uint8Array(32_768));
  return (wakes, from) => {
    let now = from;
    for (let wake = 0; wake < wakes; wake++) {
      for (const chip of chips) now = after(now, millis(chip.slice(0, RECORD.length).length > 0 ? 0 : 1));
      for (const chip of chips) chip.set(RECORD, 0);
      now = after(now, REST);
    }
    return now;
  };
}

/** Wakes a second: the best of some rounds, because other work on the machine only ever slows one down. */
function rate(loop: Loop): number {
  let now = loop(WARM_UP, START);
  let best = 0;
  for (let round = 0; round < ROUNDS; round++) {
    const started = performance.now();
    now = loop(WAKES, now);
    best = Math.max(best, WAKES / ((performance.now() - started) / 1_000));
  }
  return best;
}

const withHardware = rate(hardware());
const withArrays = rate(bare());
const figure = (n: number): string => Math.round(n).toLocaleString("en").padStart(12);

console.log(`${figure(withHardware * TRANSFERS_PER_WAKE)} transfers/s  byte by byte`);
console.log(`${figure(withHardware)} wakes/s      2 reads + 2 writes, with bus and chips`);
console.log(`${figure(withArrays)} wakes/s      the same loop on bare arrays`);
console.log(`${(withArrays / withHardware).toFixed(1).padStart(12)} ×            what the hardware costs`);
