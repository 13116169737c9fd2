import fc from "fast-check";
import { rngStream } from "../../../simulator/engine/rng.ts";
import { type Instant, after as later, micros, START } from "../../../simulator/engine/time.ts";
import {
  CONVERSION_MAX,
  crc8,
  Ds18b20,
  type Ds18b20Fault,
  decodeScratchpad,
  encodeScratchpad,
  powerOnScratchpad,
  type ResolutionBits,
} from "../../../simulator/hardware/ds18b20.ts";

const hex = (text: string): Uint8Array =>
  Uint8Array.from(text.split(" "), (byte) => Number.parseInt(byte, 16));
/** Nine bytes with the given temperature register and a right CRC. */
const padOf = (raw: number, byte6 = 0x0c, configuration = 0x7f): Uint8Array => {
  const bytes = Uint8Array.of(raw & 0xff, (raw >> 8) & 0xff, 0x4b, 0x46, configuration, 0xff, byte6, 0x10, 0);
  bytes[8] = crc8(bytes, 8);
  return bytes;
};

// FACTS.md, "DS18B20".
describe("CRC-8", () => {
  test("check value of 123456789 -> A1", () => {
    expect(crc8(new TextEncoder().encode("123456789"))).toBe(0xa1);
  });
  test.each([
    ["50 05 4B 46 7F FF 0C 10", 0x1c],
    ["72 01 4B 46 7F FF 0E 10", 0x57],
    ["00 00 00 00 00 00 00 00", 0x00],
  ])("%s -> %i", (bytes, crc) => {
    expect(crc8(hex(bytes))).toBe(crc);
  });
  test("bytes followed by their own CRC -> 0", () => {
    fc.assert(fc.property(fc.uint8Array(), (bytes) => crc8(Uint8Array.of(...bytes, crc8(bytes))) === 0));
  });
});

describe("scratchpad", () => {
  test("power-on -> the nine bytes of the datasheet", () => {
    expect(powerOnScratchpad()).toEqual(hex("50 05 4B 46 7F FF 0C 10 1C"));
  });
  test("+23.125 °C -> the nine bytes seen on a sensor", () => {
    expect(encodeScratchpad(23.125)).toEqual(hex("72 01 4B 46 7F FF 0E 10 57"));
  });

  // Table "Temperature/Data Relationship".
  test.each([
    [125, 0x07d0],
    [85, 0x0550],
    [25.0625, 0x0191],
    [0.5, 0x0008],
    [0, 0x0000],
    [-0.5, 0xfff8],
    [-55, 0xfc90],
  ])("%p °C -> register %i, and back", (celsius, register) => {
    const bytes = encodeScratchpad(celsius);
    expect(bytes[0]! | (bytes[1]! << 8)).toBe(register);
    expect(decodeScratchpad(bytes)).toEqual({ ok: true, celsius });
  });

  test.each([
    [9, 0x1f, 21.5],
    [10, 0x3f, 21.75],
    [11, 0x5f, 21.875],
    [12, 0x7f, 21.9375],
  ] as const)("%i bits -> configuration %i, 21.94 °C reads %p", (bits, configuration, celsius) => {
    const bytes = encodeScratchpad(21.94, bits);
    expect(bytes[4]).toBe(configuration);
    expect(decodeScratchpad(bytes)).toEqual({ ok: true, celsius });
  });

  test("undefined low bits set at 9 bits -> ignored", () => {
    expect(decodeScratchpad(padOf(0x0157, 0x09, 0x1f))).toEqual({ ok: true, celsius: 21 });
  });

  test.each([
    [200, 125],
    [-200, -55],
    [Number.POSITIVE_INFINITY, 125],
  ])("%p °C -> held at %p", (celsius, held) => {
    expect(decodeScratchpad(encodeScratchpad(celsius))).toEqual({ ok: true, celsius: held });
  });
});

describe("a scratchpad that is read", () => {
  test("any temperature in range -> reads back within half a step", () => {
    fc.assert(
      fc.property(fc.double({ min: -55, max: 125, noNaN: true }), (celsius) => {
        const reading = decodeScratchpad(encodeScratchpad(celsius));
        expect(reading.ok && Math.abs(reading.celsius - celsius) <= 1 / 32).toBe(true);
      }),
    );
  });

  test("any one bit wrong -> crc", () => {
    const good = encodeScratchpad(21.5);
    for (let bit = 0; bit < 72; bit++) {
      const bad = good.slice();
      bad[bit >> 3]! ^= 1 << (bit & 7);
      expect(decodeScratchpad(bad)).toEqual({ ok: false, why: "crc" });
    }
  });

  test.each([
    ["absent", new Uint8Array(9).fill(0xff)],
    ["all-zero", new Uint8Array(9)],
    ["power-on-value", powerOnScratchpad()],
    ["power-on-value", powerOnScratchpad(9)],
    ["out-of-range", padOf(0x07ff)],
    ["out-of-range", padOf(0xfc8f)],
  ])("%s -> told apart", (why, bytes) => {
    expect(decodeScratchpad(bytes)).toEqual({ ok: false, why });
  });

  test("not a number, or not nine bytes -> refused", () => {
    expect(() => encodeScratchpad(Number.NaN)).toThrow("not a number");
    expect(() => decodeScratchpad(new Uint8Array(8))).toThrow("expected 9");
  });
});

describe("conversion", () => {
  const rising = (at: Instant): number => 20 + at / 1_000_000;

  test.each([
    [9, 93_750],
    [10, 187_500],
    [11, 375_000],
    [12, 750_000],
  ] as const)("%i bits -> %i µs", (bits: ResolutionBits, us) => {
    expect(new Ds18b20({ trueTemperature: rising, resolutionBits: bits }).convert(START)).toBe(us);
    expect(CONVERSION_MAX[bits]).toBe(us);
  });

  test("before the first conversion is over -> power-on value; then the temperature at its start", () => {
    const sensor = new Ds18b20({ trueTemperature: rising });
    const took = sensor.convert(micros(2_000_000) as number as Instant);
    const ready = (2_000_000 + took) as Instant;
    const before = sensor.readScratchpad((ready - 1) as Instant);
    expect(decodeScratchpad(before)).toEqual({ ok: false, why: "power-on-value" });
    expect(decodeScratchpad(sensor.readScratchpad(ready))).toEqual({ ok: true, celsius: 22 });
  });

  test("second conversion still going on -> the value before it", () => {
    const sensor = new Ds18b20({ trueTemperature: rising });
    sensor.convert(START);
    sensor.convert(1_000_000 as Instant);
    const value = (at: number) => decodeScratchpad(sensor.readScratchpad(at as Instant));
    expect(value(1_100_000)).toEqual({ ok: true, celsius: 20 });
    expect(value(1_750_000)).toEqual({ ok: true, celsius: 21 });
  });

  test("convert again too early -> the first conversion is given up", () => {
    const sensor = new Ds18b20({ trueTemperature: rising });
    sensor.convert(START);
    const took = sensor.convert(500_000 as Instant);
    expect(decodeScratchpad(sensor.readScratchpad(800_000 as Instant)).ok).toBe(false);
    expect(decodeScratchpad(sensor.readScratchpad(later(500_000 as Instant, took)))).toEqual({
      ok: true,
      celsius: 20.5,
    });
  });

  test("power lost -> power-on value again", () => {
    const sensor = new Ds18b20({ trueTemperature: rising });
    sensor.convert(START);
    sensor.powerLoss();
    const reading = decodeScratchpad(sensor.readScratchpad(1_000_000 as Instant));
    expect(reading).toEqual({ ok: false, why: "power-on-value" });
  });

  test("a measured +85 °C -> a reading, not the power-on value", () => {
    const sensor = new Ds18b20({ trueTemperature: () => 85 });
    const took = sensor.convert(START);
    expect(decodeScratchpad(sensor.readScratchpad(later(START, took)))).toEqual({ ok: true, celsius: 85 });
  });

  test("caller changes what it read -> the sensor's own bytes stay", () => {
    const sensor = new Ds18b20({ trueTemperature: rising });
    sensor.readScratchpad(START).fill(0);
    expect(sensor.readScratchpad(START)).toEqual(powerOnScratchpad());
  });
});

// FACTS.md, "Faults seen in the field", and "DS18B20".
const NOON = 43_200_000_000 as Instant;
/** A sensor at 21.5 °C whose conversion is over. */
const measuring = (): Ds18b20 => {
  const sensor = new Ds18b20({ trueTemperature: () => 21.5 });
  sensor.convert(START);
  return sensor;
};
const readWith = (fault: Ds18b20Fault) => {
  const sensor = measuring();
  sensor.fault = fault;
  return decodeScratchpad(sensor.readScratchpad(NOON));
};

describe("failures in the field", () => {
  test.each([
    ["absent", "absent"],
    ["stuck-85", "power-on-value"],
    ["reads-127.94", "out-of-range"],
    ["all-zero", "all-zero"],
  ] as const)("%s -> told by a careful driver as %s", (kind, why) => {
    expect(readWith({ kind })).toEqual({ ok: false, why });
  });

  test("stuck-85, read by a driver that looks at the register only -> 85.0 °C", () => {
    const sensor = measuring();
    sensor.fault = { kind: "stuck-85" };
    expect(sensor.readScratchpad(NOON)).toEqual(hex("50 05 4B 46 7F FF 0C 10 1C"));
  });

  test("reads-127.94 -> register 07FFh under a right CRC", () => {
    const sensor = measuring();
    sensor.fault = { kind: "reads-127.94" };
    const bytes = sensor.readScratchpad(NOON);
    expect([...bytes.subarray(0, 2), crc8(bytes, 8)]).toEqual([0xff, 0x07, bytes[8]]);
  });

  test("stuck-value -> a reading like any other: nobody can tell", () => {
    expect(readWith({ kind: "stuck-value", celsius: 19.25 })).toEqual({ ok: true, celsius: 19.25 });
  });

  test("crc-error at rate 0 and 1 -> never, always", () => {
    const rng = rngStream(1, "sensor");
    for (let i = 0; i < 200; i++) {
      expect(readWith({ kind: "crc-error", rate: 0, rng })).toEqual({ ok: true, celsius: 21.5 });
      expect(readWith({ kind: "crc-error", rate: 1, rng })).toEqual({ ok: false, why: "crc" });
    }
  });

  test("any temperature, any seed -> wrong bits are always caught", () => {
    fc.assert(
      fc.property(fc.integer(), fc.double({ min: -55, max: 125, noNaN: true }), (seed, celsius) => {
        const sensor = new Ds18b20({ trueTemperature: () => celsius });
        sensor.convert(START);
        sensor.fault = { kind: "crc-error", rate: 1, rng: rngStream(seed, "sensor") };
        expect(decodeScratchpad(sensor.readScratchpad(NOON))).toEqual({ ok: false, why: "crc" });
      }),
      { numRuns: 500 },
    );
  });

  test("crc-error at 5 % -> about one read in twenty, the same ones for the same seed", () => {
    const failures = (seed: number): boolean[] => {
      const rng = rngStream(seed, "sensor");
      return Array.from({ length: 2_000 }, () => !readWith({ kind: "crc-error", rate: 0.05, rng }).ok);
    };
    const wrong = failures(7).filter(Boolean).length;
    expect(wrong).toBeGreaterThan(60);
    expect(wrong).toBeLessThan(140);
    expect(failures(7)).toEqual(failures(7));
    expect(failures(7)).not.toEqual(failures(8));
  });

  test("failure taken away -> the conversion that ran meanwhile is there", () => {
    const sensor = measuring();
    for (const kind of ["absent", "all-zero", "stuck-85"] as const) {
      sensor.fault = { kind };
      sensor.readScratchpad(NOON);
    }
    sensor.fault = undefined;
    expect(decodeScratchpad(sensor.readScratchpad(NOON))).toEqual({ ok: true, celsius: 21.5 });
  });
});
