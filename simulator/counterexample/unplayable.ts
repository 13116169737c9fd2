/** Why a counterexample cannot be replayed on simulated devices. */
import type { Transition } from "../checker/transition.ts";

/** The reason why a counterexample cannot be replayed. Steps are numbered from 1, as they are printed. */
export type Unplayable =
  /** From `step` on `node` would have to be awake for longer than its watchdog allows. */
  | { readonly why: "wake-too-long"; readonly node: number; readonly step: number }
  /** `node` would have to sleep for longer than it does before `step`. */
  | { readonly why: "sleep-too-long"; readonly node: number; readonly step: number }
  /** No times satisfy all constraints, and no single constraint is to blame. */
  | { readonly why: "several-waits-too-long" }
  /** After `step` nothing that a scenario can wait for stops `node`. */
  | { readonly why: "cannot-stop"; readonly node: number; readonly step: number }
  /** A chip with a worn page is well again later, which no simulated chip is. */
  | { readonly why: "worn-page-recovers" }
  /** A scenario has nothing that does what this transition does. */
  | { readonly why: "no-such-step"; readonly kind: Transition["kind"] };

/** The reason as a clause. */
export function unplayableText(reason: Unplayable): string {
  switch (reason.why) {
    case "wake-too-long":
      return `node ${reason.node} would have to be awake for longer than a minute from step ${reason.step} on, and its watchdog resets it`;
    case "sleep-too-long":
      return `node ${reason.node} would have to sleep for longer than it does before step ${reason.step}`;
    case "several-waits-too-long":
      return "more than one wait would have to be longer than is possible";
    case "cannot-stop":
      return `nothing can stop node ${reason.node} after step ${reason.step}`;
    case "worn-page-recovers":
      return "a worn page does not recover";
    case "no-such-step":
      return `nothing in a scenario does what "${reason.kind}" does`;
  }
}
