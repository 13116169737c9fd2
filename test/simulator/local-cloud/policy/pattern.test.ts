// biome-ignore-all lint/suspicious/noTemplateCurlyInString: policy variables are written like that
import * as fc from "fast-check";
import { parsePattern, patternMatches } from "../../../../simulator/local-cloud/policy/pattern.ts";

const noVariables = () => undefined;
const like = (pattern: string, text: string) =>
  patternMatches(parsePattern(pattern, { wildcards: true }), text, noVariables);
const letters = fc.string({ unit: fc.constantFrom("a", "b", "*", "?", "🌡"), maxLength: 8 });

test("wildcards -> the same as a regular expression says", () => {
  const asRegExp = (pattern: string) =>
    new RegExp(`^${pattern.replaceAll("*", "[\\s\\S]*").replaceAll("?", "[\\s\\S]")}$`, "u");
  fc.assert(
    fc.property(letters, letters, (pattern, text) => {
      expect(like(pattern, text)).toBe(asRegExp(pattern).test(text));
    }),
  );
});

test("any value in a variable -> matches that text and nothing else", () => {
  const pattern = parsePattern("<${name}>", { wildcards: true });
  fc.assert(
    fc.property(letters, letters, (value, text) => {
      expect(patternMatches(pattern, `<${text}>`, () => value)).toBe(value === text);
    }),
  );
});

test("wildcards switched off -> every text matches itself only", () => {
  fc.assert(
    fc.property(letters, letters, (pattern, text) => {
      expect(patternMatches(parsePattern(pattern, { wildcards: false }), text, noVariables)).toBe(
        pattern === text,
      );
    }),
  );
});
