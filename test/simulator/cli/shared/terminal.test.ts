import fc from "fast-check";
import { paint, sparkline, terminalOf, wrapped } from "../../../../simulator/cli/shared/terminal.ts";
import { recordingTerminal } from "../recording-terminal.ts";

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

describe("a stream", () => {
  const stream = (isTTY: boolean) => ({ isTTY, columns: isTTY ? 80 : undefined }) as NodeJS.WriteStream;
  const { NO_COLOR, TERM } = process.env;
  const setEnv = (name: "NO_COLOR" | "TERM", value: string | undefined) => {
    delete process.env[name];
    if (value !== undefined) process.env[name] = value;
  };
  afterEach(() => {
    setEnv("NO_COLOR", NO_COLOR);
    setEnv("TERM", TERM);
  });

  const all = { colour: true, live: true, wraps: true, columns: 80 };
  test.each<[string, boolean, string | undefined, string | undefined, Partial<typeof all>]>([
    ["a terminal", true, undefined, "xterm", all],
    ["a terminal without a name", true, undefined, undefined, all],
    ["a terminal, NO_COLOR", true, "1", "xterm", { ...all, colour: false }],
    ["a terminal, NO_COLOR empty (no-color.org)", true, "", "xterm", all],
    ["a dumb terminal", true, undefined, "dumb", { ...all, colour: false, live: false }],
    ["a pipe", false, undefined, "xterm", { colour: false, live: false, wraps: false, columns: 100 }],
  ])("%s", (_, isTTY, noColor, term, expected) => {
    setEnv("NO_COLOR", noColor);
    setEnv("TERM", term);
    expect(terminalOf(stream(isTTY))).toMatchObject(expected);
  });

  test.each([
    [0, 80],
    [undefined, 100],
    [132, 132],
  ])("a stream that says %p columns -> %p", (said, columns) => {
    expect(terminalOf({ isTTY: true, columns: said } as NodeJS.WriteStream).columns).toBe(columns);
  });

  test("wanted -> painted and ended; unwanted -> the text alone", () => {
    expect(paint(recordingTerminal({ colour: true }).terminal, "red", "no")).toBe("\u001b[31mno\u001b[0m");
    expect(paint(recordingTerminal().terminal, "red", "no")).toBe("no");
  });
});

describe("wrapped", () => {
  test.each<[string, string, number, number, string[]]>([
    ["fits", "one two", 7, 7, ["one two"]],
    ["one character too long", "one two", 6, 6, ["one", "two"]],
    ["less room on the first line", "one two three", 3, 9, ["one", "two three"]],
    ["a word longer than a line", "a https://example.org b", 5, 5, ["a", "https://example.org", "b"]],
    ["nothing", "", 5, 5, [""]],
    ["two blanks", "a  b", 9, 9, ["a  b"]],
  ])("%s", (_, text, firstRoom, room, expected) => {
    expect(wrapped(text, firstRoom, room)).toEqual(expected);
  });

  test("any text, any width -> the same words, no line longer than its longest word or the room", () => {
    const word = fc.stringMatching(/^[a-z]{1,12}$/);
    fc.assert(
      fc.property(fc.array(word), fc.integer({ min: 1, max: 20 }), (words, room) => {
        const lines = wrapped(words.join(" "), room, room);
        expect(lines.join(" ")).toBe(words.join(" "));
        for (const line of lines) if (line.includes(" ")) expect(line.length).toBeLessThanOrEqual(room);
      }),
    );
  });
});
