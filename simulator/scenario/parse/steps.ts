/** Reads `steps:` of a scenario file. */
import { nearest } from "../../../lib/nearest.ts";
import { after, type Micros, micros, millis } from "../../engine/time.ts";
import { PLAYED_AS, renamedFault } from "../../protocol/fault-names.ts";
import { durationText } from "../durations.ts";
import { parametersOf } from "../fault-parameters.ts";
import { FAULT_NAMES, FAULTS, type Fault } from "../faults.ts";
import type { Action, Step, StepBody } from "../scenario.ts";
import type { Problems } from "../scenario-error.ts";
import { readAction } from "./action.ts";
import { readFaults } from "./fault.ts";
import { duration, entriesOf, itemsOf, optional, reportUnknown, shown, text } from "./fields.ts";
import type { Seats } from "./node-numbers.ts";
import { DURATION_MAX, readTrigger, TRIGGER_KEYS } from "./trigger.ts";
import type { Entries, Tree } from "./yaml-tree.ts";

/** A step, and its line in the file. */
export interface PlacedStep {
  readonly line: number;
  readonly step: Step;
}

/** Longest text of a step, in characters. */
export const SAYS_LENGTH_MAX = 200;

const readSays = text(SAYS_LENGTH_MAX);
/** Reads how long a fault lasts: at least a microsecond. */
const readSpan = duration(millis(0.001), DURATION_MAX);

/** The steps in the order of the file; one for several nodes or chips becomes one for each, in their order. */
export function readSteps(problems: Problems, tree: Tree, seats: Seats, end: Micros): PlacedStep[] {
  return itemsOf(problems, tree, "steps").flatMap((item) => {
    const entries = entriesOf(problems, item, "a step");
    return entries === undefined ? [] : readStep(problems, item.line, entries, seats, end);
  });
}

function readStep(
  problems: Problems,
  line: number,
  entries: Entries,
  seats: Seats,
  end: Micros,
): PlacedStep[] {
  const trigger = readTrigger(problems, line, entries, seats, end);
  if (entries.has("from") && !entries.has("rate"))
    problems.add(entries.get("from")!.line, "from goes with rate, or stands inside on: { … }");
  if (entries.has("every") && !entries.has("at"))
    problems.add(entries.get("every")!.line, "every goes with at; on: { … } has again: true");
  const apart = readApart(problems, entries);
  const bodies = readBodies(problems, line, entries, seats);
  const steps = bodies.map((body) => ({ body, says: readStory(problems, entries, body) }));
  if (trigger === undefined || apart === undefined) return [];
  const placed = steps.map(({ body, says }, index) => {
    const own =
      trigger.kind === "at" ? { ...trigger, at: after(trigger.at, micros(index * apart)) } : trigger;
    return { line, step: { ...body, trigger: own, says } };
  });
  const last = placed.at(-1)?.step.trigger;
  if (last?.kind === "at" && last.at > end)
    problems.add(line, `the last step is after the end of the run, ${durationText(end)}; lower apart`);
  return placed;
}

/** Reads `apart:`: how long after the one before it each of several nodes or chips has its step. */
function readApart(problems: Problems, entries: Entries): Micros | undefined {
  const tree = entries.get("apart");
  if (tree === undefined) return micros(0);
  const several = ["node", "chip"].some((key) => {
    const target = entries.get(key);
    return target?.kind === "scalar" && (target.value === "all" || target.value === "others");
  });
  if (several && entries.has("at")) return readSpan(problems, tree, "apart");
  return problems.add(tree.line, "apart goes with at, and with node: all or others; leave it out");
}

/** Reads what happens: an action or a fault, once for each node or chip. */
function readBodies(problems: Problems, line: number, entries: Entries, seats: Seats): StepBody[] {
  const [action, fault] = [entries.get("do"), entries.get("fault")];
  if (action !== undefined && fault !== undefined) {
    problems.add(line, "a step with both do and fault; make it two steps");
    return [];
  }
  if (action !== undefined) {
    const { actions, keys } = readAction(problems, line, action, entries, seats);
    reportStepKeys(problems, entries, ["do", ...keys], "");
    return actions.map((each) => ({ kind: "action", action: each }));
  }
  if (fault !== undefined) return readFaultStep(problems, line, fault, entries, seats);
  problems.add(line, "a step without an action; add do: (a person's action) or fault:");
  return [];
}

/** The message for a name that is no kind of fault: what to write in its place. */
function unknownFault(name: string, asShown: string): string {
  const now = renamedFault(name) ?? name;
  const played = Object.hasOwn(PLAYED_AS, now) ? `; in a scenario it is ${PLAYED_AS[now]}` : "";
  if (played !== "" && now !== name) return `${name} is called ${now}${played}`;
  if (now !== name) return `${name} is called ${now}: write fault: ${now}`;
  if (played !== "") return `${name} is a fault only of npm run verify${played}`;
  const near = nearest(name, FAULT_NAMES);
  const what = near === undefined ? "npm run simulate -- --faults lists all" : `did you mean "${near}"?`;
  return `unknown fault ${asShown}; ${what}`;
}

function readFaultStep(
  problems: Problems,
  line: number,
  tree: Tree,
  entries: Entries,
  seats: Seats,
): StepBody[] {
  const kind = FAULT_NAMES.find((name) => tree.kind === "scalar" && tree.value === name);
  if (kind === undefined) {
    problems.add(tree.line, unknownFault(tree.kind === "scalar" ? String(tree.value) : "", shown(tree)));
    return [];
  }
  const parameters = parametersOf(kind).map(({ name }) => name);
  const lasting = FAULTS[kind].lasting;
  reportStepKeys(problems, entries, ["fault", "for", ...parameters], ` of ${kind}`);
  const span = entries.get("for");
  if (span !== undefined && !lasting)
    problems.add(span.line, `${kind} happens at one instant, it does not last; leave "for" out`);
  const lasts = lasting ? optional(problems, span, "for", readSpan, undefined) : undefined;
  return readFaults(problems, line, kind, entries, seats).map((each) => ({
    kind: "fault",
    fault: each,
    lasts,
  }));
}

/** Reports unknown keys of a step. `from` and `apart` have been checked already. */
const reportStepKeys = (problems: Problems, entries: Entries, keys: readonly string[], whose: string): void =>
  reportUnknown(problems, entries, [...TRIGGER_KEYS, "from", "every", "apart", "says", ...keys], whose);

const PLACEHOLDER = /\{(\w*)\}/g;

/** Reads the line of the story; `{node}` and `{chip}` in it are replaced by the step's own. */
function readStory(problems: Problems, entries: Entries, body: StepBody): string | undefined {
  const tree = entries.get("says");
  const says = tree && readSays(problems, tree, "says");
  if (tree === undefined || says === undefined) return undefined;
  const own: Action | Fault = body.kind === "action" ? body.action : body.fault;
  return says.replaceAll(PLACEHOLDER, (placeholder, name: string) => {
    const seat =
      name === "node" || name === "chip" ? (own as Partial<Record<string, unknown>>)[name] : undefined;
    if (seat === undefined)
      problems.add(
        tree.line,
        `${placeholder} in says; {node} and {chip} stand for those of the step, if it has them`,
      );
    return String(seat);
  });
}
