/**
 * What lets the reader of a mail answer it: a token that says which episode of which incident, and until when, under a
 * key that only the sender and the answering function have. `1.kitchen.node-dead.0.3.1767225600.MAC`.
 *
 * It is no secret which incident it is for, so nothing is encrypted; the MAC is HMAC-SHA256 (RFC 2104) in base64url. Whoever has
 * the mail can answer it, as often as they like, until it expires: what an answer does, it does twice as well as once.
 */
import { createHmac, timingSafeEqual } from "node:crypto";
import { BACKEND, INCIDENT_KINDS, type IncidentKind } from "../../lib/contract/incidents.ts";
import { CLUSTER_ID } from "../../lib/contract/topics.ts";

const VERSION = "1";
/** Nobody should be able to guess the key: as long as the MAC (RFC 2104 §3). */
export const ANSWER_KEY_BYTES_MIN = 32;

/** One episode, which may be answered until `expiresMs` (epoch ms; kept to the second). */
export interface Answerable {
  readonly clusterId: string;
  readonly kind: IncidentKind;
  /** Node or chip. */
  readonly subject: number;
  readonly episode: number;
  readonly expiresMs: number;
}

/** Whether a link's token counts, and what it is about; `expired` still says that. */
export type ReadToken =
  | { readonly valid: true; readonly about: Answerable }
  | { readonly valid: false; readonly why: "expired"; readonly about: Answerable }
  /** `malformed`: no token of this version; `forged`: not made with this key. */
  | { readonly valid: false; readonly why: "malformed" | "forged" };

/** The version is part of what is signed: a token of another one can never pass for this. */
const macOf = (claims: string, key: Uint8Array): Buffer =>
  createHmac("sha256", key).update(`ha2m-answer.${claims}`).digest();

/** @throws RangeError when the key is too short to keep anybody out */
export function signAnswerToken(about: Answerable, key: Uint8Array): string {
  assertKey(key);
  const { clusterId, kind, subject, episode, expiresMs } = about;
  const claims = [VERSION, clusterId, kind, subject, episode, Math.floor(expiresMs / 1_000)].join(".");
  return `${claims}.${macOf(claims, key).toString("base64url")}`;
}

const MAC_LENGTH = 43;
const FORM = new RegExp(
  `^(${VERSION}\\.([a-z0-9*-]{1,32})\\.([a-z-]{1,32})\\.(\\d)\\.(\\d{1,9})\\.(\\d{1,12}))\\.([\\w-]{${MAC_LENGTH}})$`,
);

/**
 * The MAC is looked at first, in a time that does not depend on how much of it is right; what else is wrong with a token
 * is told only to whom it was given.
 * @throws RangeError when the key is too short to keep anybody out
 */
export function readAnswerToken(token: string, key: Uint8Array, nowMs: number): ReadToken {
  assertKey(key);
  const [, claims, clusterId, kindText, subject, episode, expiresS, mac] = FORM.exec(token) ?? [];
  const kind = INCIDENT_KINDS.find((one) => one === kindText);
  const known = clusterId !== undefined && (CLUSTER_ID.test(clusterId) || clusterId === BACKEND);
  if (claims === undefined || mac === undefined || kind === undefined || !known)
    return { valid: false, why: "malformed" };
  if (!timingSafeEqual(Buffer.from(mac, "base64url"), macOf(claims, key)))
    return { valid: false, why: "forged" };
  const about = {
    clusterId,
    kind,
    subject: Number(subject),
    episode: Number(episode),
    expiresMs: Number(expiresS) * 1_000,
  };
  return nowMs < about.expiresMs ? { valid: true, about } : { valid: false, why: "expired", about };
}

function assertKey(key: Uint8Array): void {
  if (key.length < ANSWER_KEY_BYTES_MIN)
    throw new RangeError(`the key has ${key.length} bytes, at least ${ANSWER_KEY_BYTES_MIN} are needed`);
}
