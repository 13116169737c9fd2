/** Reads the numbers of nodes and chips in a scenario. */
import { NODES_MAX } from "../../../lib/contract/topics.ts";
import type { Problems } from "../scenario-error.ts";
import { enumerated, shown } from "./fields.ts";
import type { Tree } from "./yaml-tree.ts";

/** How many nodes and chips there are. */
export interface Seats {
  readonly nodes: number;
  /** Number of chips: one for each node, and the witness. */
  readonly chips: number;
  readonly witness: boolean;
  /** The caller plays fewer nodes than the file has. */
  readonly fewerThanWritten: boolean;
}

/** What a number in a scenario can stand for. */
export type SeatKind = "node" | "chip";

/** For a file whose cluster has a mistake: numbers are only checked against the limits of any cluster. */
export const ANY_SEATS: Seats = {
  nodes: NODES_MAX,
  chips: NODES_MAX,
  witness: true,
  fewerThanWritten: false,
};

const countOf = (kind: SeatKind, { nodes, chips }: Seats): number => (kind === "node" ? nodes : chips);

/** Reports a number that no node or chip has. */
export function existing(
  problems: Problems,
  line: number,
  kind: SeatKind,
  number: number,
  seats: Seats,
): number | undefined {
  const count = countOf(kind, seats);
  if (number < count) return number;
  const there = count <= 3 ? enumerated([...Array(count).keys()]) : `0 to ${count - 1}`;
  const why = seats.fewerThanWritten ? `; this run has only ${seats.nodes} nodes` : "";
  return problems.add(line, `${kind} ${number}: the cluster has ${kind}s ${there}${why}`);
}

/** Reads a number, from 0 on; for chips also `witness`, which is the last one. */
export function readSeat(
  problems: Problems,
  tree: Tree,
  name: string,
  kind: SeatKind,
  seats: Seats,
): number | undefined {
  const value = tree.kind === "scalar" ? tree.value : undefined;
  if (typeof value === "number" && Number.isInteger(value) && value >= 0)
    return existing(problems, tree.line, kind, value, seats);
  if (kind === "chip" && value === "witness") {
    if (seats.witness) return seats.chips - 1;
    return problems.add(tree.line, "the cluster has no witness; add witness: fitted to it");
  }
  return problems.add(tree.line, `${name} takes the number of a ${kind}, from 0 on, not ${shown(tree)}`);
}

/** Reads one number as `readSeat`, or `all`, or `others` (all but 0). Empty: there is a mistake. */
export function readSeats(
  problems: Problems,
  tree: Tree,
  name: string,
  kind: SeatKind,
  seats: Seats,
): readonly number[] {
  const value = tree.kind === "scalar" ? tree.value : undefined;
  const all = [...Array(countOf(kind, seats)).keys()];
  if (value === "all") return all;
  if (value === "others") return all.slice(1);
  if (typeof value === "string" && value !== "witness") {
    problems.add(
      tree.line,
      `${name} takes the number of a ${kind}, "all" or "others" (all but 0), not ${shown(tree)}`,
    );
    return [];
  }
  const seat = readSeat(problems, tree, name, kind, seats);
  return seat === undefined ? [] : [seat];
}
