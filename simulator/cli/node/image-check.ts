/**
 * Whether the image of a chip is one of this cluster's, by what it holds. A chip that is damaged here and there is: a power
 * cut does that, and the protocols are there to meet it. One that holds nothing of this cluster, and is not blank, is not.
 */
import { BLANK_BYTE } from "../../hardware/eeprom-image.ts";
import { mapLength } from "../../protocol/article/map.ts";
import { clusterTag, parseRecord } from "../../protocol/hardened/record.ts";
import { hex } from "./dump-rest.ts";
import { nodesOfMap } from "./map-dump.ts";
import type { Setting } from "./node-state-file.ts";
import { HARDENED_PAGES, isRecordAt, recordPlaces, tagAt } from "./record-dump.ts";

/** What is wrong with an image, and the option that would be right for it, if there is one. */
export interface Misfit {
  readonly found: string;
  readonly option?: string;
}

/** Enough to recognise them by. */
const SHOWN_BYTES = 8;
/** `at 0040 12 34 …` */
const bytesText = (memory: Uint8Array, at: number): string =>
  `at ${hex(at, 4)} ${[...memory.subarray(at, at + SHOWN_BYTES)].map((byte) => hex(byte, 2)).join(" ")} …`;

/** The first byte that is not as delivered; undefined on a blank chip. */
function firstHeld(memory: Uint8Array): number | undefined {
  const at = memory.findIndex((byte) => byte !== BLANK_BYTE);
  return at < 0 ? undefined : at;
}

/** Undefined when it is one of this cluster's, or blank. */
export const misfitOf = (memory: Uint8Array, setting: Setting): Misfit | undefined =>
  setting.protocol === "hardened" ? hardenedMisfit(memory, setting) : articleMisfit(memory, setting);

function hardenedMisfit(memory: Uint8Array, { cluster, nodes }: Setting): Misfit | undefined {
  const ours = clusterTag(cluster);
  const places = recordPlaces(HARDENED_PAGES).map(({ at, node }) => ({
    at,
    node,
    content: parseRecord(memory, at, node, ours),
  }));
  const foreign = places.find(({ content }) => content === "foreign");
  if (foreign !== undefined)
    return {
      found: `at ${hex(foreign.at, 4)} a record of another cluster: its tag is ${hex(tagAt(memory, foreign.at), 8)}, that of "${cluster}" is ${hex(ours, 8)}`,
      option: "--cluster NAME",
    };
  const valid = places.filter(({ content }) => typeof content !== "string");
  const beyond = valid.findLast(({ node }) => node >= nodes);
  if (beyond !== undefined)
    return {
      found: `at ${hex(beyond.at, 4)} a record of node ${beyond.node}, in a cluster of ${nodes}`,
      option: `--nodes ${beyond.node + 1}`,
    };
  const first = firstHeld(memory);
  if (valid.length > 0 || first === undefined) return undefined;
  const map = mapOn(memory);
  if (map !== undefined)
    return { found: `at 0000 the article protocol's map of ${map} nodes`, option: "--protocol article" };
  return { found: `${bytesText(memory, first)}, which is not a record; there is none anywhere` };
}

/** For how many nodes the article's map is that this chip holds, and nothing else; undefined when it holds none. */
function mapOn(memory: Uint8Array): number | undefined {
  const nodes = nodesOfMap(memory);
  return nodes !== undefined && mapFault(memory, nodes) === undefined ? nodes : undefined;
}

/** What is not as in a map of so many nodes. */
function mapFault(memory: Uint8Array, nodes: number): string | undefined {
  const names = ["PRIMARY", "RETRY", "DEAD"] as const;
  for (const [at, name] of names.entries())
    if (memory[at]! >> nodes !== 0)
      return `at ${hex(at, 4)} ${name} is ${hex(memory[at]!, 2)}, with bits of no node`;
  const length = mapLength(nodes);
  const after = firstHeld(memory.subarray(length));
  return after === undefined ? undefined : `${bytesText(memory, length + after)}, where the map has ended`;
}

function articleMisfit(memory: Uint8Array, { nodes }: Setting): Misfit | undefined {
  const first = firstHeld(memory);
  if (first === undefined) return undefined;
  const record = recordPlaces(HARDENED_PAGES).find(({ at }) => isRecordAt(memory, at));
  if (record !== undefined)
    return {
      found: `at ${hex(record.at, 4)} a record of the hardened protocol`,
      option: "--protocol hardened",
    };
  const held = nodesOfMap(memory);
  if (held === undefined)
    return { found: `${bytesText(memory, first)}, which is not a map of two nodes or more` };
  const fault = mapFault(memory, held);
  if (fault !== undefined) return { found: `${fault}: not a map` };
  return held === nodes
    ? undefined
    : { found: `the map of ${held} nodes, not of ${nodes}`, option: `--nodes ${held}` };
}
