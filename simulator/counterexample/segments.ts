/**
 * A counterexample's steps as moments: stretches in which a node runs undisturbed, and strikes between them. What a moment
 * is comes from the checker's labels alone; when it is, from `schedule.ts`.
 */
import type { Label } from "../checker/model.ts";
import type { Operation } from "../node/operations.ts";

/** A bus transaction, or all of a node's acting. */
export interface Op {
  /** Its place in the list of steps, from 0. */
  readonly step: number;
  readonly kind: keyof typeof OPERATION_OF;
  readonly chip: number | undefined;
  readonly leadsTo: Label["leadsTo"];
}

/** What a node does in one go, from its waking up or from where it was stopped. */
export interface Stretch {
  readonly kind: "stretch";
  readonly wake: Wake;
  readonly ops: Op[];
}

/** Something else happens: a fault, or what undoes one. */
export interface Strike {
  readonly kind: "strike";
  readonly step: number;
  readonly label: Label;
}

export type Moment = Stretch | Strike;

/** From one waking up of a node to its end. */
export interface Wake {
  readonly node: number;
  /** Why it boots; undefined: it wakes from its sleep. */
  readonly cause: string | undefined;
  /** The sleep before it was cut short. */
  readonly early: boolean;
  readonly stretches: Stretch[];
  /** How it falls asleep; undefined: it does not. */
  slept: "period" | "settle" | undefined;
  /** What ends it, or the sleep that follows it, before the node wakes by itself. */
  endedBy: Strike | Stretch | undefined;
  /** It may be longer than the watchdog would allow. */
  overlong: boolean;
}

export interface Course {
  readonly moments: readonly Moment[];
  /** By node: its wakes in order. */
  readonly wakes: readonly (readonly Wake[])[];
  /** By node: what it is in the end. `off` for good; `reset`: without power, or about to boot. */
  readonly ends: readonly ("off" | "reset" | "awake" | "period" | "settle")[];
  /** Nothing more goes wrong after the last moment, and the violation is what follows. */
  readonly runsOn: boolean;
}

/** What the simulated node calls each step of a wake; undefined: it has no name for it. */
export const OPERATION_OF = {
  reads: "read",
  "read-error": "read",
  writes: "page-write",
  "write-error": "page-write",
  "write-unconfirmed": "page-write",
  "torn-write": "page-write",
  "chip-resets": "page-write",
  "raises-busy": "raise-busy",
  "lowers-busy": undefined,
  acts: "publish-reading",
  "cannot-publish": "connect",
} as const satisfies Readonly<Record<string, Operation | undefined>>;

const FAULTY: ReadonlySet<Op["kind"]> = new Set([
  "read-error",
  "write-error",
  "write-unconfirmed",
  "torn-write",
  "chip-resets",
]);
/** Steps with a fault of their own, which has to find nobody else on the bus. */
export const isFaulty = ({ kind }: Op): boolean => FAULTY.has(kind);

/** Strikes after which a node does not go on where it was, and what it is then. */
const STRUCK: Readonly<Record<string, Course["ends"][number] | undefined>> = {
  crash: "reset",
  "watchdog-reset": "reset",
  "power-on": "reset",
  "stale-memory": "period",
  "node-dies": "off",
  "power-cut": "off",
  freeze: "off",
};

/** "boots (power-on) and reads": the first step of a wake. */
const FIRST = /^(?:boots \((.*)\)|wakes) and (.*)$/;

const isOp = (kind: string): kind is Op["kind"] => Object.hasOwn(OPERATION_OF, kind);

export function courseOf(steps: readonly Label[], nodes: number): Course {
  const moments: Moment[] = [];
  const wakes = Array.from({ length: nodes }, (): Wake[] => []);
  const ends = new Array<Course["ends"][number]>(nodes).fill("reset");
  const early = new Set<number>();

  const take = (node: number, op: Op): void => {
    const wake = wakes[node]!.at(-1)!;
    const last = moments.at(-1);
    const goesOn =
      last?.kind === "stretch" && last.wake === wake && !isFaulty(op) && !last.ops.some(isFaulty);
    const stretch: Stretch = goesOn ? last : { kind: "stretch", wake, ops: [] };
    stretch.ops.push(op);
    if (op.kind === "torn-write") wake.endedBy = stretch;
    if (op.leadsTo === "period" || op.leadsTo === "settle") wake.slept = op.leadsTo;
    ends[node] = op.kind === "torn-write" ? "reset" : (wake.slept ?? "awake");
    if (goesOn) return;
    wake.stretches.push(stretch);
    moments.push(stretch);
  };

  const strike = (step: number, label: Label): void => {
    const struck: Strike = { kind: "strike", step, label };
    const wake = label.node === undefined ? undefined : wakes[label.node]!.at(-1);
    if (label.kind === "early-wake") early.add(label.node!);
    if (label.kind === "overlong-wake") wake!.overlong = true;
    const becomes = STRUCK[label.kind];
    if (becomes !== undefined) {
      ends[label.node!] = becomes;
      if (wake !== undefined) wake.endedBy ??= struck;
    }
    moments.push(struck);
  };

  for (const [step, label] of steps.entries()) {
    if (label.kind === "from-here-on") return { moments, wakes, ends, runsOn: true };
    const { node, chip, leadsTo, detail } = label;
    const [, cause, first] = FIRST.exec(label.kind) ?? [];
    const kind = first ?? label.kind;
    if (first !== undefined)
      wakes[node!]!.push({
        node: node!,
        cause,
        early: early.delete(node!),
        stretches: [],
        slept: undefined,
        endedBy: undefined,
        overlong: false,
      });
    // A reset that lets the page write that it comes amid be done comes after it.
    if (kind === "crash" && detail !== undefined)
      take(node!, { step, kind: "writes", chip: undefined, leadsTo: undefined });
    if (isOp(kind)) take(node!, { step, kind, chip, leadsTo });
    else strike(step, label);
  }
  return { moments, wakes, ends, runsOn: false };
}
