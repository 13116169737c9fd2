/**
 * What the nodes of `npm run node` keep between two steps, in `nodes.json` beside the images: each node's counters,
 * which are in its flash, and its RTC memory, which outlives deep sleep only; and which cluster they are of.
 *
 *     { "format": "ha2m nodes 3", "protocol": "hardened", "cluster": "kitchen", "nodes": 2, "witness": false,
 *       "kept": [{ "boots": 1, "coldStarts": 0, "rtc": { … } }, { "boots": 0, "coldStarts": 0, "rtc": null }] }
 *
 * `rtc` is null before the first wake, and after `reset-node`; in it, null stands for what is undefined.
 */
import { CLUSTER_ID } from "../../../lib/contract/topics.ts";
import type { ArticleMemory } from "../../protocol/article/wake.ts";
import type { HardenedMemory } from "../../protocol/hardened/memory.ts";
import { PROTOCOLS, type ProtocolName } from "../../scenario/scenario.ts";
import { IMPLEMENTED } from "../shared/protocol-choice.ts";

/** Which cluster the images are of. */
export interface Setting {
  readonly protocol: ProtocolName;
  readonly cluster: string;
  readonly nodes: number;
  readonly witness: boolean;
}

/** What one node keeps between two steps. */
export interface KeptNode {
  /** Cold starts so far. */
  readonly boots: number;
  /** Those since it last published or slept for a full period. */
  readonly coldStarts: number;
  /** The protocol's memory; undefined when nothing is kept: the next wake is a cold start. */
  readonly rtc: unknown;
}

/** What the file holds. */
export interface KeptNodes {
  readonly setting: Setting;
  /** By node. */
  readonly kept: readonly KeptNode[];
}

/** It is no file of kept nodes; the message says where in it, and what was found. */
export class KeptNodesError extends Error {
  override readonly name = "KeptNodesError";
}

const FORMAT = "ha2m nodes 3";
const UINT8_MAX = 0xff;
const UINT16_MAX = 0xffff;
const CHIPS_MAX = 8;
const UINT32_MAX = 0xffff_ffff;

type Reader<Value> = (value: unknown, at: string) => Value;

function refuse(at: string, expected: string, found: unknown): never {
  const text = JSON.stringify(found) ?? "nothing";
  throw new KeptNodesError(
    `${at}: expected ${expected}, found ${text.length > 60 ? `${text.slice(0, 60)}…` : text}`,
  );
}

const whole =
  (min: number, max: number): Reader<number> =>
  (value, at) =>
    Number.isInteger(value) && (value as number) >= min && (value as number) <= max
      ? (value as number)
      : refuse(at, `a whole number from ${min} to ${max}`, value);
const flag: Reader<boolean> = (value, at) =>
  typeof value === "boolean" ? value : refuse(at, "true or false", value);
const word =
  <Word extends string | number>(words: readonly Word[]): Reader<Word> =>
  (value, at) =>
    words.find((known) => known === value) ??
    refuse(at, words.map((each) => JSON.stringify(each)).join(" or "), value);
const maybe =
  <Value>(read: Reader<Value>): Reader<Value | undefined> =>
  (value, at) =>
    value === null ? undefined : read(value, at);
const list =
  <Value>(read: Reader<Value>, lengthMin: number, lengthMax: number): Reader<Value[]> =>
  (value, at) =>
    Array.isArray(value) && value.length >= lengthMin && value.length <= lengthMax
      ? value.map((each, index) => read(each, `${at}[${index}]`))
      : refuse(
          at,
          lengthMin === lengthMax ? `a list of ${lengthMax}` : `a list of up to ${lengthMax}`,
          value,
        );

function fields(value: unknown, at: string, names: readonly string[]): Readonly<Record<string, unknown>> {
  if (typeof value !== "object" || value === null || Array.isArray(value))
    return refuse(at, "an object", value);
  const unknown = Object.keys(value).find((name) => !names.includes(name));
  if (unknown !== undefined) throw new KeptNodesError(`${at}: "${unknown}" is not known`);
  return value as Record<string, unknown>;
}

type Readers<Shape> = { readonly [Key in keyof Shape]-?: Reader<Shape[Key]> };

function readAll<Shape>(readers: Readers<Shape>, value: unknown, at: string): Shape {
  const names = Object.keys(readers) as (keyof Shape & string)[];
  const given = fields(value, at, names);
  return Object.fromEntries(
    names.map((name) => [name, readers[name](given[name], `${at}.${name}`)]),
  ) as Shape;
}

function hardenedMemory(nodes: number): Readers<HardenedMemory> {
  const count = whole(0, UINT32_MAX);
  const node = whole(0, nodes - 1);
  const mark: Reader<readonly [number, number]> = (value, at) =>
    list(count, 2, 2)(value, at) as [number, number];
  const byNode = <Value>(read: Reader<Value>): Reader<Value[]> => list(read, 0, nodes);
  return {
    gen: count,
    term: count,
    claimAcks: whole(0, UINT8_MAX),
    seen: byNode(maybe(mark)),
    misses: byNode(count),
    moves: byNode(count),
    flaps: byNode(count),
    wakesSinceReadmission: count,
    slept: word(["cold", "period", "settle"]),
    failures: count,
    holdDownWakes: count,
    joinsToSkip: count,
    joinsFailed: count,
    tookOverFrom: maybe(node),
    announced: flag,
    avoid: maybe(word([0, 1])),
    reportedDead: maybe(whole(0, UINT8_MAX)),
    damaged: list(whole(0, UINT16_MAX), 0, CHIPS_MAX),
    waitedS: byNode(count),
    contests: count,
    hasTwin: flag,
    quietLooks: maybe(count),
    forgets: flag,
  };
}

const ARTICLE_MEMORY: Readers<ArticleMemory> = {
  reportedDead: maybe(whole(0, UINT8_MAX)),
  tookOverFrom: whole(0, UINT8_MAX),
};

const readMemory = (protocol: ProtocolName, nodes: number): Reader<unknown> =>
  protocol === "hardened"
    ? (value, at) => readAll(hardenedMemory(nodes), value, at)
    : (value, at) => readAll(ARTICLE_MEMORY, value, at);

const clusterId: Reader<string> = (value, at) =>
  typeof value === "string" && CLUSTER_ID.test(value) ? value : refuse(at, "a cluster id", value);

/** Nodes that have never been switched on. */
export const neverOn = (setting: Setting): KeptNodes => ({
  setting,
  kept: Array.from({ length: setting.nodes }, () => ({ boots: 0, coldStarts: 0, rtc: undefined })),
});

/** @throws KeptNodesError */
export function parseKeptNodes(text: string): KeptNodes {
  let file: unknown;
  try {
    // Some editors begin a file with a byte order mark.
    file = JSON.parse(text.replace(/^\uFEFF/, ""));
  } catch (error) {
    throw new KeptNodesError(`not JSON: ${error instanceof Error ? error.message : String(error)}`);
  }
  const top = fields(file, "the file", ["format", "protocol", "cluster", "nodes", "witness", "kept"]);
  word([FORMAT])(top.format, "format");
  const protocol = word(PROTOCOLS)(top.protocol, "protocol");
  const nodes = whole(2, IMPLEMENTED[protocol].nodesMax)(top.nodes, "nodes");
  const readNode: Reader<KeptNode> = (value, at) =>
    readAll<KeptNode>(
      {
        boots: whole(0, UINT32_MAX),
        coldStarts: whole(0, UINT32_MAX),
        rtc: maybe(readMemory(protocol, nodes)),
      },
      value,
      at,
    );
  return {
    setting: {
      protocol,
      cluster: clusterId(top.cluster, "cluster"),
      nodes,
      witness: flag(top.witness, "witness"),
    },
    kept: list(readNode, nodes, nodes)(top.kept, "kept"),
  };
}

/** The file's text. */
export const formatKeptNodes = ({ setting, kept }: KeptNodes): string =>
  `${JSON.stringify({ format: FORMAT, ...setting, kept }, (_, value) => (value === undefined ? null : value), 2)}\n`;
