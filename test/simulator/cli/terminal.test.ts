import fc from "fast-check";
import { paint, sparkline, terminalOf } from "../../../simulator/cli/terminal.ts";
import { recordingTerminal } from "./recording-terminal.ts";

describe("sparkline", () => {
  test.each<[string, number[], number, string]>([
    ["rising", [0, 1, 2, 3, 4, 5, 6, 7], 8, "▁▂▃▄▅▆▇█"],
    ["falling, below zero", [10, -4], 8, "█▁"],
    ["all the same", [21, 21, 21], 8, "▁▁▁"],
    ["one", [21], 8, "▁"],
    ["none", [], 8, ""],
    ["more than fit: the last ones, scaled among themselves", [100, 0, 1], 2, "▁█"],
  ])("%s", (_, values, width, expected) => {
    expect(sparkline(values, width)).toBe(expected);
  });

  test("any values -> one bar each, the lowest and the highest where they belong", () => {
    fc.assert(
      fc.property(
        fc.array(fc.double({ min: -55, max: 125, noNaN: true }), { minLength: 1, maxLength: 40 }),
        fc.integer({ min: 1, max: 32 }),
        (values, width) => {
          const bars = sparkline(values, width);
          const shown = values.slice(-width);
          expect(bars).toMatch(/^[▁-█]+$/);
          expect(bars).toHaveLength(shown.length);
          expect(bars[shown.indexOf(Math.min(...shown))]).toBe("▁");
          if (Math.max(...shown) > Math.min(...shown))
            expect(bars[shown.indexOf(Math.max(...shown))]).toBe("█");
        },
      ),
    );
  });
});

describe("colour", () => {
  const stream = (isTTY: boolean) => ({ isTTY, columns: isTTY ? 80 : undefined }) as NodeJS.WriteStream;
  const { NO_COLOR } = process.env;
  afterEach(() => {
    delete process.env.NO_COLOR;
    if (NO_COLOR !== undefined) process.env.NO_COLOR = NO_COLOR;
  });

  test.each<[string, boolean, string | undefined, { colour: boolean; live: boolean; columns: number }]>([
    ["a terminal", true, undefined, { colour: true, live: true, columns: 80 }],
    ["a terminal, NO_COLOR", true, "1", { colour: false, live: true, columns: 80 }],
    ["a terminal, NO_COLOR empty (no-color.org)", true, "", { colour: true, live: true, columns: 80 }],
    ["a pipe", false, undefined, { colour: false, live: false, columns: 100 }],
  ])("%s", (_, isTTY, noColor, expected) => {
    delete process.env.NO_COLOR;
    if (noColor !== undefined) process.env.NO_COLOR = noColor;
    expect(terminalOf(stream(isTTY))).toMatchObject(expected);
  });

  test("wanted -> painted and ended; unwanted -> the text alone", () => {
    expect(paint(recordingTerminal({ colour: true }).terminal, "red", "no")).toBe("\u001b[31mno\u001b[0m");
    expect(paint(recordingTerminal().terminal, "red", "no")).toBe("no");
  });
});
