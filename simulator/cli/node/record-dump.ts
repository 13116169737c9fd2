/** A dump of a chip that decodes the hardened protocol's records, page by page. */

import {
  EXTENSION_BYTES,
  type Extension,
  HEALTH,
  parseExtension,
} from "../../protocol/hardened/extension.ts";
import {
  clusterTag,
  type NodeRecord,
  parseRecord,
  RECORD_BYTES,
  recordAddress,
} from "../../protocol/hardened/record.ts";
import { IMPLEMENTED } from "../shared/protocol-choice.ts";
import type { Terminal } from "../shared/terminal.ts";
import { dumpRest, hex } from "./dump-rest.ts";
import type { Setting } from "./node-state-file.ts";

/** Pages of the largest cluster. */
export const HARDENED_PAGES = 2 * IMPLEMENTED.hardened.nodesMax;

/** Where records are: two places for each node. */
export const recordPlaces = (pages: number): { readonly at: number; readonly node: number }[] =>
  Array.from({ length: pages }, (_, page) => ({ at: recordAddress(page >> 1, page & 1), node: page >> 1 }));

/** The cluster's tag in the record at `at`, whatever stands there. */
export const tagAt = (memory: Uint8Array, at: number): number =>
  new DataView(memory.buffer, memory.byteOffset + at).getUint32(4);

/** `node 0, node 3`: a bare "0" reads like "none". */
const nodesText = (mask: number): string =>
  Array.from({ length: 8 }, (_, node) => node)
    .filter((node) => (mask & (1 << node)) !== 0)
    .map((node) => `node ${node}`)
    .join(", ");

const recordText = ({ boot, gen, term, claims }: NodeRecord): string =>
  `boot ${boot}, gen ${gen}, term ${term}${claims ? "; claims" : ""}`;

/** What else a record says, where it does. */
function remarks({ claims, failing, lastClaimant, dead, reportedDead, admit }: NodeRecord): string {
  const parts: string[] = [];
  if (lastClaimant && !claims) parts.push("last to claim");
  if (failing) parts.push("could not publish");
  if (dead !== 0) parts.push(`dead: ${nodesText(dead)}`);
  if (reportedDead !== 0) parts.push(`reported dead: ${nodesText(reportedDead)}`);
  if (admit !== 0) parts.push(`to admit: ${nodesText(admit)}`);
  return parts.join("; ");
}

/** Whether a record of the hardened protocol stands there, whosesoever it is. */
export function isRecordAt(memory: Uint8Array, at: number): boolean {
  const content = parseRecord(memory, at, memory[at + 3]!, tagAt(memory, at));
  return typeof content !== "string";
}

function damageText(memory: Uint8Array, at: number): string {
  if (memory[at] !== 0x48 || memory[at + 1] !== 0x32) return "no magic 4832";
  const owner = memory[at + 3]!;
  return isRecordAt(memory, at) ? `a record of node ${owner}, in the wrong place` : "its CRC is wrong";
}

interface Place {
  readonly state: string;
  readonly text: string;
  readonly more: string;
}

/** The state of a place for a record, and what there is to say of it. */
function placeOn(memory: Uint8Array, at: number, node: number, cluster: string): Place {
  const ours = clusterTag(cluster);
  const content = parseRecord(memory, at, node, ours);
  if (typeof content !== "string")
    return { state: "valid", text: recordText(content), more: remarks(content) };
  const as = (text: string): Place => ({ state: content, text, more: "" });
  switch (content) {
    case "blank":
      return as("");
    case "damaged":
      return as(damageText(memory, at));
    case "foreign":
      return as(`cluster tag ${hex(tagAt(memory, at), 8)}; that of "${cluster}" is ${hex(ours, 8)}`);
  }
}

const wordsOf = (memory: Uint8Array, at: number, length: number): string =>
  Buffer.from(memory.subarray(at, at + length))
    .toString("hex")
    .replace(/..../g, "$& ")
    .trim();

/** What the extension says, as far as this firmware uses it. */
function extensionText({ sleepS, health }: Extension): string {
  const parts = [sleepS === 0 ? "sleeps for an unknown time" : `sleeps ${sleepS} s`];
  if ((health & HEALTH.contested) !== 0) parts.push("another board has its number");
  if ((health & HEALTH.resting) !== 0) parts.push("rests");
  if ((health & HEALTH.forgets) !== 0) parts.push("lost its RTC memory");
  return parts.join("; ");
}

/** Each place for a record, those beyond the cluster's nodes only where they hold something; then all other bytes. */
export function dumpRecords(terminal: Terminal, memory: Uint8Array, { nodes, cluster }: Setting): void {
  const shown = new Set<number>();
  for (const { at, node } of recordPlaces(HARDENED_PAGES)) {
    const { state, text, more } = placeOn(memory, at, node, cluster);
    if (node >= nodes && state === "blank") continue;
    const stranger = node >= nodes ? " (no such node)" : "";
    terminal.write(`  ${hex(at, 4)}  node ${node}${stranger}  ${`${state.padEnd(8)} ${text}`.trimEnd()}\n`);
    if (state !== "blank") {
      terminal.write(`        ${wordsOf(memory, at, RECORD_BYTES)}\n`);
      if (more !== "") terminal.write(`        ${more}\n`);
    }
    for (let byte = at; byte < at + RECORD_BYTES; byte++) shown.add(byte);
    const extension = parseExtension(memory, at + RECORD_BYTES);
    if (state !== "valid" || extension === undefined) continue;
    terminal.write(`        ${wordsOf(memory, at + RECORD_BYTES, EXTENSION_BYTES)}\n`);
    terminal.write(`        ${extensionText(extension)}\n`);
    for (let byte = 0; byte < EXTENSION_BYTES; byte++) shown.add(at + RECORD_BYTES + byte);
  }
  dumpRest(terminal, memory, 0, (byte) => shown.has(byte));
}
