import fc from "fast-check";
import { instant } from "../../../lib/contract/messages.ts";

const accepted = (text: string): boolean => instant.safeParse(text).success;

test.each(["2024-02-29", "2000-02-29", "0000-02-29", "9999-12-31", "1970-01-01", "2026-04-30"])(
  "%s, which exists -> accepted",
  (day) => expect(accepted(`${day}T23:59:59.999Z`)).toBe(true),
);

test.each([
  "2026-02-30",
  "2025-02-29",
  "1900-02-29",
  "2100-02-29",
  "2026-04-31",
  "2026-00-01",
  "2026-13-01",
  "2026-01-00",
  "2026-01-32",
])("%s, which does not -> refused", (day) => expect(accepted(`${day}T00:00:00.000Z`)).toBe(false));

test("any numbers in their places -> accepted exactly where Date gives the same text back", () => {
  const digits = (max: number, width: number) =>
    fc.integer({ min: 0, max }).map((n) => String(n).padStart(width, "0"));
  const parts = fc.tuple(
    digits(9_999, 4),
    digits(14, 2),
    digits(33, 2),
    digits(25, 2),
    digits(61, 2),
    digits(61, 2),
  );
  fc.assert(
    fc.property(parts, ([year, month, day, hour, minute, second]) => {
      const text = `${year}-${month}-${day}T${hour}:${minute}:${second}.000Z`;
      const ms = Date.parse(text);
      expect(accepted(text)).toBe(!Number.isNaN(ms) && new Date(ms).toISOString() === text);
    }),
    { numRuns: 5_000 },
  );
});
