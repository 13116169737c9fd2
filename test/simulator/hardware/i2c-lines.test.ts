import { START } from "../../../simulator/engine/time.ts";
import { I2cLines } from "../../../simulator/hardware/i2c-lines.ts";

const lines = (): I2cLines => new I2cLines(() => {});

// FACTS.md, "I²C": an unpowered node clamps both lines, until pull-ups or power come back.
describe("node without power", () => {
  test.each([
    ["stuck", "scl-stuck"],
    ["no-ack", "no-ack"],
  ] as const)("internal pull-ups only, %s -> %s, until its power is back", (effect, condition) => {
    const both = lines();
    both.setPullUps(START, "internal");
    expect(both.condition).toBe("clear");
    both.unpower(START, "node-1", effect);
    expect(both.condition).toBe(condition);
    both.power(START, "node-1");
    expect(both.condition).toBe("clear");
  });

  test("internal pull-ups only -> clear as soon as external ones are fitted", () => {
    const both = lines();
    both.setPullUps(START, "internal");
    both.unpower(START, "node-1", "stuck");
    both.setPullUps(START, "external");
    expect(both.condition).toBe("clear");
  });

  test("two of them -> the worse one counts", () => {
    const both = lines();
    both.setPullUps(START, "internal");
    both.unpower(START, "node-1", "no-ack");
    both.unpower(START, "node-2", "stuck");
    expect(both.condition).toBe("scl-stuck");
    both.power(START, "node-2");
    expect(both.condition).toBe("no-ack");
  });
});

describe("lines that are not lifted or held low", () => {
  test("no pull-ups at all -> stuck, or no ACK from anybody", () => {
    const both = lines();
    both.setPullUps(START, "missing");
    expect(both.condition).toBe("scl-stuck");
    both.setPullUps(START, "missing", "no-ack");
    expect(both.condition).toBe("no-ack");
  });

  test("SDA held by two -> stuck until both have let go", () => {
    const both = lines();
    both.pullLow(START, "sda", "a");
    both.pullLow(START, "sda", "b");
    both.letGo(START, "sda", "a");
    expect(both.condition).toBe("sda-stuck");
    both.letGo(START, "sda", "b");
    expect(both.condition).toBe("clear");
  });

  test("both held -> SCL is what a master meets first", () => {
    const both = lines();
    both.pullLow(START, "sda", "a");
    both.pullLow(START, "scl", "a");
    expect(both.condition).toBe("scl-stuck");
  });
});
