import fc from "fast-check";
import { type Answerable, readAnswerToken, signAnswerToken } from "../../../lambda/core/answer-token.ts";
import { INCIDENT_KINDS } from "../../../lib/contract/incidents.ts";

const key = new TextEncoder().encode("k".repeat(64));
const about: Answerable = {
  clusterId: "kitchen",
  kind: "node-dead",
  subject: 0,
  episode: 3,
  expiresMs: Date.parse("2026-01-15T12:00:00.000Z"),
};
const token = signAnswerToken(about, key);
const SIGNS = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-_.*";

const anyone: fc.Arbitrary<Answerable> = fc.record({
  clusterId: fc.constantFrom("kitchen", "a", "shed-2", "constructor", "*", `k${"-x".repeat(15)}y`),
  kind: fc.constantFrom(...INCIDENT_KINDS),
  subject: fc.integer({ min: 0, max: 8 }),
  episode: fc.integer({ min: 1, max: 999_999 }),
  expiresMs: fc.integer({ min: 1, max: 9_999_999_999 }).map((s) => s * 1_000),
});

test("a token before its time is up -> says again what it was made for", () => {
  fc.assert(
    fc.property(anyone, (one) => {
      const read = readAnswerToken(signAnswerToken(one, key), key, one.expiresMs - 1);
      expect(read).toEqual({ valid: true, about: one });
    }),
  );
});

test("two that differ in anything -> two tokens", () => {
  fc.assert(
    fc.property(anyone, anyone, (one, other) => {
      fc.pre(JSON.stringify(one) !== JSON.stringify(other));
      expect(signAnswerToken(one, key)).not.toBe(signAnswerToken(other, key));
    }),
  );
});

test("the token's form -> readable, its MAC computed elsewhere, safe in an address", async () => {
  const { subtle } = globalThis.crypto;
  const hmac = { name: "HMAC", hash: "SHA-256" };
  const mac = await subtle.sign(
    "HMAC",
    await subtle.importKey("raw", key, hmac, false, ["sign"]),
    new TextEncoder().encode("ha2m-answer.1.kitchen.node-dead.0.3.1768478400"),
  );
  expect(token).toBe(`1.kitchen.node-dead.0.3.1768478400.${Buffer.from(mac).toString("base64url")}`);
  expect(new URL(`https://x.example/?t=${token}`).searchParams.get("t")).toBe(token);
});

test("the second at which it expires -> expired, and still says what it was for", () => {
  expect(readAnswerToken(token, key, about.expiresMs)).toEqual({ valid: false, why: "expired", about });
});

test("any one character other than it was -> not valid, and no word about what it was for", () => {
  fc.assert(
    fc.property(fc.nat(token.length - 1), fc.constantFrom(...SIGNS), (at, sign) => {
      // The last character carries two bits that no byte takes.
      fc.pre(token[at] !== sign && at < token.length - 1);
      const changed = token.slice(0, at) + sign + token.slice(at + 1);
      const read = readAnswerToken(changed, key, 0);
      expect(read).toEqual({ valid: false, why: expect.stringMatching(/^(?:malformed|forged)$/) });
    }),
  );
});

test("another key -> forged, expired or not", () => {
  const other = new TextEncoder().encode("K".repeat(64));
  expect(readAnswerToken(token, other, 0)).toEqual({ valid: false, why: "forged" });
  expect(readAnswerToken(token, other, about.expiresMs + 1)).toEqual({ valid: false, why: "forged" });
});

test.each([
  "",
  "1",
  token.slice(0, -1),
  `${token}=`,
  `2${token.slice(1)}`,
  token.replace("node-dead", "node-alive"),
  token.replace("kitchen", "Kitchen"),
  token.replace("kitchen", "-"),
  `${token}\n`,
  "x".repeat(100_000),
])("%.60j -> malformed", (text) => {
  expect(readAnswerToken(text, key, 0)).toEqual({ valid: false, why: "malformed" });
});

test("any text at all -> an answer, never an error", () => {
  fc.assert(
    fc.property(fc.string({ unit: "binary" }), (text) => {
      expect(readAnswerToken(text, key, 0)).toMatchObject({ valid: false });
    }),
  );
});

test("a key of less than 32 bytes -> refused by who signs and by who reads", () => {
  const short = key.subarray(0, 31);
  expect(() => signAnswerToken(about, short)).toThrow(RangeError);
  expect(() => readAnswerToken(token, short, 0)).toThrow(/at least 32/);
});
