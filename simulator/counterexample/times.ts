/** What of a counterexample comes when, and what that means for those that it concerns. */

import { chipOf, nodeOf } from "../checker/transition.ts";
import { AFTER_END_MS, BOOT_MS, type Schedule } from "./schedule.ts";
import type { Course, Interruption, Segment, Stretch } from "./segments.ts";

/** Around a segment, so that whatever is there for it is there before, and still there after it. */
export const MARGIN_MS = 200;

/** What comes next for a node: when it goes on there, and when it has to wake for it. */
export interface Next {
  readonly goesOn: number;
  readonly wakes: number;
  /** Absent: nothing does that the checker has a step for. */
  readonly segment?: Segment;
  /** The run goes on then, and the node with it. */
  readonly tail: boolean;
}

/**
 * What follows for each node from a course and its schedule: when it is up, and for how long a fault lasts.
 */
export class Times {
  readonly course: Course;
  readonly schedule: Schedule;

  constructor(course: Course, schedule: Schedule) {
    this.course = course;
    this.schedule = schedule;
  }

  /** What comes next for the node of a stretch. */
  next(stretch: Stretch): Next {
    const { segments } = this.course;
    const { node } = stretch.wake;
    const { endedBy } = stretch.wake;
    for (const segment of segments.slice(1 + segments.indexOf(stretch))) {
      const { at } = this.schedule.slot(segment);
      if (segment.kind === "stretch" && segment.wake.node === node)
        return { goesOn: at, wakes: at - BOOT_MS, segment, tail: false };
      // Beyond the interruption, so that it finds the node where it is.
      if (segment === endedBy && segment.kind === "interruption")
        return { goesOn: at + MARGIN_MS, wakes: at + MARGIN_MS, segment, tail: false };
    }
    const tail = this.schedule.tail.find((each) => each.node === node)?.at;
    if (tail !== undefined) return { goesOn: tail, wakes: tail - BOOT_MS, tail: true };
    const end = this.schedule.end + AFTER_END_MS;
    return { goesOn: end, wakes: end, tail: false };
  }

  /** From a segment at `at` that brings a node down to the next time that it boots; undefined: it does not. */
  downFrom(at: number, node: number, segment: Segment): number | undefined {
    const { segments } = this.course;
    const next = segments
      .slice(1 + segments.indexOf(segment))
      .find((later) => later.kind === "stretch" && later.wake.node === node);
    const boots =
      next === undefined
        ? this.schedule.tail.find((each) => each.node === node)?.at
        : this.schedule.slot(next).at;
    return boots === undefined ? undefined : boots - BOOT_MS - at;
  }

  hasBooted(node: number, interruption: Interruption): boolean {
    const { segments } = this.course;
    return segments
      .slice(0, segments.indexOf(interruption))
      .some((segment) => segment.kind === "stretch" && segment.wake.node === node);
  }

  isFrozen(node: number, interruption: Interruption): boolean {
    const { segments } = this.course;
    const before = segments.slice(0, segments.indexOf(interruption));
    return before.some(
      (segment) =>
        segment.kind === "interruption" &&
        segment.disturbance.kind === "freeze" &&
        segment.disturbance.node === node,
    );
  }

  /** How long a fault lasts of which a chip or a node recovers. */
  untilWell(interruption: Interruption): number | undefined {
    const { segments } = this.course;
    const [node, chip] = [nodeOf(interruption.disturbance), chipOf(interruption.disturbance)];
    const ends = ({ disturbance }: Interruption): boolean =>
      (disturbance.kind === "chip-is-well-again" && disturbance.chip === chip) ||
      (disturbance.kind === "node-is-connected-again" && disturbance.node === node);
    const well = segments
      .slice(segments.indexOf(interruption))
      .find((later) => later.kind === "interruption" && ends(later));
    return well === undefined ? undefined : this.schedule.slot(well).at - this.schedule.slot(interruption).at;
  }
}
