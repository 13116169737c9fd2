/** What a node that publishes tells once: of other nodes that cannot publish, and of what a person got wrong with a board or an EEPROM. */
import type { Task } from "../engine/engine.ts";
import type { BoardProblem } from "./chip-survey.ts";
import type { AnyReport } from "./messages.ts";

/** Publishes one report. @returns whether its PUBACK came */
export type Publish = (report: AnyReport) => Task<boolean>;

/**
 * Tells of each node that cannot publish, once, until its record says so no more. A node that could not publish itself before
 * this wake was in the same outage: it takes note of the others, and tells nobody.
 * @param told the nodes of which the cloud knows, or need not know @returns the same after this wake
 */
export function* tellUnconnected(
  told: readonly number[],
  offline: readonly number[],
  wasOffline: boolean,
  publish: Publish,
): Task<readonly number[]> {
  const known = told.filter((node) => offline.includes(node));
  for (const subject of offline) {
    if (known.includes(subject)) continue;
    const report = { type: "node_unconnected", subject, tookOver: false } as const;
    if (wasOffline || (yield* publish(report))) known.push(subject);
  }
  return known;
}

const isIn = (list: readonly BoardProblem[], { problem, node }: BoardProblem): boolean =>
  list.some((each) => each.problem === problem && each.node === node);

/**
 * Tells what a person got wrong, and what has been put right since: once each.
 * @param told what the cloud knows @returns the same after this wake
 */
export function* tellProblems(
  told: readonly BoardProblem[],
  present: readonly BoardProblem[],
  publish: Publish,
): Task<readonly BoardProblem[]> {
  let known = told;
  for (const { problem, node } of present.filter((each) => !isIn(told, each))) {
    const report = { type: "setup_fault", subject: node, tookOver: false, problem } as const;
    if (yield* publish(report)) known = [...known, { problem, node }];
  }
  for (const mended of told.filter((each) => !isIn(present, each))) {
    const { problem, node } = mended;
    // It would end an incident that has another cause left.
    if (present.some((each) => each.node === node)) continue;
    const report = { type: "setup_mended", subject: node, tookOver: false, problem } as const;
    if (yield* publish(report)) known = known.filter((each) => !isIn([each], mended));
  }
  return known;
}
