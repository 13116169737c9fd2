/** Questions to a course and its schedule. Times are in milliseconds from the start of the run. */

import { chipOf, nodeOf } from "../checker/transition.ts";
import { AFTER_END_MS, BOOT_MS, type Schedule } from "./schedule.ts";
import type { Course, Interruption, Segment, Stretch } from "./segments.ts";

/** Margin around a segment, in milliseconds: what it needs is there before it begins, and still there after it. */
export const MARGIN_MS = 200;

/** What comes next for a node. */
export interface Next {
  /** When it goes on, if it is awake. */
  readonly goesOn: number;
  /** When it wakes, if it is asleep. */
  readonly wakes: number;
  /** Absent: the checker has no further step of it. */
  readonly segment?: Segment;
  /** It goes on in the tail, with nothing more going wrong. */
  readonly tail: boolean;
}

/**
 * Derives from a course and its schedule when a node goes on, and for how long a fault lasts.
 */
export class Times {
  readonly course: Course;
  readonly schedule: Schedule;

  constructor(course: Course, schedule: Schedule) {
    this.course = course;
    this.schedule = schedule;
  }

  /** What comes next for the node of a stretch, after that stretch. */
  next(stretch: Stretch): Next {
    const { segments } = this.course;
    const { node } = stretch.wake;
    const { endedBy } = stretch.wake;
    for (const segment of segments.slice(1 + segments.indexOf(stretch))) {
      const { at } = this.schedule.slot(segment);
      if (segment.kind === "stretch" && segment.wake.node === node)
        return { goesOn: at, wakes: at - BOOT_MS, segment, tail: false };
      // After the interruption, so that it finds the node where it is.
      if (segment === endedBy && segment.kind === "interruption")
        return { goesOn: at + MARGIN_MS, wakes: at + MARGIN_MS, segment, tail: false };
    }
    const tail = this.schedule.tail.find((each) => each.node === node)?.at;
    if (tail !== undefined) return { goesOn: tail, wakes: tail - BOOT_MS, tail: true };
    const end = this.schedule.end + AFTER_END_MS;
    return { goesOn: end, wakes: end, tail: false };
  }

  /** Milliseconds from `at`, when `segment` takes a node down, to its next boot; undefined: it does not boot again. */
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

  /** Whether a node has run before an interruption. */
  hasBooted(node: number, interruption: Interruption): boolean {
    const { segments } = this.course;
    return segments
      .slice(0, segments.indexOf(interruption))
      .some((segment) => segment.kind === "stretch" && segment.wake.node === node);
  }

  /** Whether the fault `freeze` has come to a node before an interruption. */
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

  /** For how many milliseconds a fault lasts; undefined: for good. */
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
