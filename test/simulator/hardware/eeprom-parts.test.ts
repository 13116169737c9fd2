/** The relatives of the AT24C256 that somebody may fit in its place. */
import { START } from "../../../simulator/engine/time.ts";
import { At24c256 } from "../../../simulator/hardware/at24c256.ts";
import { EepromDriver } from "../../../simulator/hardware/eeprom-driver.ts";
import { EEPROM_PART_NAMES, EEPROM_PARTS } from "../../../simulator/hardware/eeprom-parts.ts";
import { I2cBus } from "../../../simulator/hardware/i2c-bus.ts";
import { run } from "./eeprom-rig.ts";

const fitted = (part: (typeof EEPROM_PART_NAMES)[number]) => {
  const bus = new I2cBus({ clockHz: 400_000 });
  const chip = new At24c256({ address: 0x50, part });
  bus.attach(chip);
  const driver = new EepromDriver(bus);
  const written = run(
    driver.writePage(
      START,
      0x50,
      0x0940,
      Uint8Array.from({ length: 60 }, (_, i) => i + 1),
    ),
  );
  return { chip, driver, from: written.at };
};

test.each(EEPROM_PART_NAMES)(
  "%s -> a write of 60 bytes wraps where its page ends, and nowhere else",
  (part) => {
    const { chip } = fitted(part);
    const at = 0x0940 % chip.memory.length;
    const kept = [...chip.memory.subarray(at, at + 60)];
    const whole = Array.from({ length: 60 }, (_, i) => i + 1);
    if (chip.pageBytes >= 64) expect(kept).toEqual(whole);
    // The last 28 bytes lie over the first ones; behind the page nothing was written.
    else expect(kept).toEqual([...whole.slice(32), ...whole.slice(28, 32), ...new Array(28).fill(0xff)]);
  },
);

test.each(EEPROM_PART_NAMES)("%s -> beyond its end it repeats itself, and not before", (part) => {
  const { chip, driver, from } = fitted(part);
  const { bytes } = EEPROM_PARTS[part];
  expect([chip.memory.length, chip.pages * chip.pageBytes]).toEqual([bytes, bytes]);
  const [here, half, beyond] = [0, bytes / 2, bytes].map((offset) =>
    0x0940 + offset > 0xffff ? undefined : run(driver.readBlock(from, 0x50, 0x0940 + offset, 8), from),
  );
  expect(here).toMatchObject({ ok: true });
  if (beyond !== undefined) expect(beyond).toMatchObject({ bytes: (here as { bytes: Uint8Array }).bytes });
  expect(half).toMatchObject({ bytes: new Uint8Array(8).fill(0xff) });
});

test("no chip at an address -> no answer, without waiting for a write cycle", () => {
  const { driver, from } = fitted("AT24C256");
  const there = run(driver.answers(from, 0x50), from);
  expect(there).toMatchObject({ ok: true });
  const none = run(driver.answers(there.at, 0x53), there.at);
  expect(none).toMatchObject({ ok: false, error: "absent" });
  expect(none.at - there.at).toBeLessThan(100);
});
