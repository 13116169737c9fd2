/** What of a counterexample comes when, and what that means for those that it concerns. */

import { AFTER_END_MS, BOOT_MS, type Schedule } from "./schedule.ts";
import type { Course, Moment, Stretch, Strike } from "./segments.ts";

/** Around a moment, so that whatever is there for it is there before, and still there after it. */
export const MARGIN_MS = 200;

/** What comes next for a node: when it goes on there, and when it has to wake for it. */
export interface Next {
  readonly goesOn: number;
  readonly wakes: number;
  /** Absent: nothing does that the checker has a step for. */
  readonly moment?: Moment;
  /** The run goes on then, and the node with it. */
  readonly tail: boolean;
}

export class Times {
  readonly course: Course;
  readonly schedule: Schedule;

  constructor(course: Course, schedule: Schedule) {
    this.course = course;
    this.schedule = schedule;
  }

  /** What comes next for the node of a stretch. */
  next(stretch: Stretch): Next {
    const { moments } = this.course;
    const { node } = stretch.wake;
    const { endedBy } = stretch.wake;
    for (const moment of moments.slice(1 + moments.indexOf(stretch))) {
      const { at } = this.schedule.slot(moment);
      if (moment.kind === "stretch" && moment.wake.node === node)
        return { goesOn: at, wakes: at - BOOT_MS, moment, tail: false };
      // Beyond the strike, so that it finds the node where it is.
      if (moment === endedBy && moment.kind === "strike")
        return { goesOn: at + MARGIN_MS, wakes: at + MARGIN_MS, moment, tail: false };
    }
    const tail = this.schedule.tail.find((each) => each.node === node)?.at;
    if (tail !== undefined) return { goesOn: tail, wakes: tail - BOOT_MS, tail: true };
    const end = this.schedule.end + AFTER_END_MS;
    return { goesOn: end, wakes: end, tail: false };
  }

  /** From a moment at `at` that brings a node down to the next time that it boots; undefined: it does not. */
  downFrom(at: number, node: number, moment: Moment): number | undefined {
    const { moments } = this.course;
    const next = moments
      .slice(1 + moments.indexOf(moment))
      .find((later) => later.kind === "stretch" && later.wake.node === node);
    const boots =
      next === undefined
        ? this.schedule.tail.find((each) => each.node === node)?.at
        : this.schedule.slot(next).at;
    return boots === undefined ? undefined : boots - BOOT_MS - at;
  }

  hasBooted(node: number, strike: Strike): boolean {
    const { moments } = this.course;
    return moments
      .slice(0, moments.indexOf(strike))
      .some((moment) => moment.kind === "stretch" && moment.wake.node === node);
  }

  isFrozen(node: number, strike: Strike): boolean {
    const { moments } = this.course;
    const before = moments.slice(0, moments.indexOf(strike));
    return before.some(
      (moment) => moment.kind === "strike" && moment.label.kind === "freeze" && moment.label.node === node,
    );
  }

  /** How long a fault lasts of which a chip or a node recovers. */
  untilWell(strike: Strike): number | undefined {
    const { moments } = this.course;
    const { node, chip } = strike.label;
    const well = moments
      .slice(moments.indexOf(strike))
      .find(
        (later) =>
          later.kind === "strike" &&
          ((chip !== undefined && later.label.kind === "chip-is-well-again" && later.label.chip === chip) ||
            (node !== undefined &&
              later.label.kind === "node-is-connected-again" &&
              later.label.node === node)),
      );
    return well === undefined ? undefined : this.schedule.slot(well).at - this.schedule.slot(strike).at;
  }
}
