/** The checks that `npm run verify` runs, by its flags. */
import { nearest } from "../../../lib/nearest.ts";
import type { Check } from "../../checker/checks.ts";
import { GAP_MAX } from "../../checker/close-gaps.ts";
import {
  CHIP_FAULTS,
  FAULT_CLASS_NAMES,
  FAULT_GROUPS,
  type FaultClass,
} from "../../checker/fault-classes.ts";
import { outsidePromise } from "../../checker/promises.ts";
import { START_NAMES, type Start } from "../../checker/starts.ts";
import { renamedFault } from "../../protocol/fault-names.ts";
import type { Law } from "../../protocol/laws.ts";
import { oneOf, UsageError, wholeNumber } from "../shared/arguments.ts";

/** The flags that choose checks, as they were typed. */
export interface CheckFlags {
  readonly protocol?: string | undefined;
  readonly nodes?: string | undefined;
  readonly witness?: boolean | undefined;
  readonly only?: readonly string[] | undefined;
  readonly faults?: string | undefined;
  readonly crashes?: string | undefined;
  readonly start?: string | undefined;
  readonly "terms-apart"?: string | undefined;
  readonly thorough?: boolean | undefined;
}

/** What all checks of one command have in common. */
interface Common {
  readonly protocol: Check["protocol"];
  readonly nodes: number;
  readonly witness: boolean;
  readonly budget: number;
  readonly crashes: number;
  readonly starts: readonly Start[];
  readonly termsApart: number;
  readonly thorough: boolean;
}

/** With `--thorough`. */
const TERMS_FAR_APART = 4;
/** Without a reset, unless `--thorough` or `--only` asks for them: with one they take longer than all others together. */
const LARGE: readonly FaultClass[] = ["worn-page"];

/** @throws UsageError */
export function checksFor(flags: CheckFlags): Check[] {
  const common = commonOf(flags);
  const only = (flags.only ?? []).map(faultClass);
  const checks = [...(only.length > 0 ? [] : quietChecks(common)), ...faultChecks(common, only)];
  if (!common.thorough) return checks;
  return [
    ...checks,
    ...(common.witness ? [] : faultChecks({ ...common, witness: true }, only)),
    ...faultChecks({ ...common, termsApart: Math.max(common.termsApart, TERMS_FAR_APART) }, only),
  ];
}

function commonOf(flags: CheckFlags): Common {
  const protocol = oneOf("--protocol", flags.protocol ?? "hardened", ["hardened", "article"]);
  const budget = wholeNumber("--faults", flags.faults ?? "1", 1, 2);
  const withReset = budget === 1 && protocol === "hardened";
  const common = {
    protocol,
    nodes: wholeNumber("--nodes", flags.nodes ?? "2", 2, 3),
    witness: flags.witness === true,
    budget,
    crashes: wholeNumber("--crashes", flags.crashes ?? (withReset ? "1" : "0"), 0, 2),
    starts: flags.start === undefined ? START_NAMES : [oneOf("--start", flags.start, START_NAMES)],
    termsApart: wholeNumber("--terms-apart", flags["terms-apart"] ?? String(GAP_MAX), GAP_MAX, 8),
    thorough: flags.thorough === true,
  };
  if (protocol === "hardened") return common;
  if (common.witness) throw new UsageError("The published protocol has no witness chip.");
  if (common.thorough) throw new UsageError("--thorough is for the hardened protocol.");
  if (flags.start !== undefined)
    throw new UsageError("The published protocol starts with a running cluster.");
  return common;
}

/** No fault but late wakes, and none at all: nobody who is well is expelled, for a chip's fault either. */
function quietChecks(common: Common): Check[] {
  const { protocol, budget } = common;
  const punctual = (faults: readonly FaultClass[]): Check => ({
    ...checkOf({ ...common, crashes: 0, starts: ["blank"] }, faults),
    punctual: true,
    bookkeeping: true,
    unasked: [],
  });
  return [
    punctual([]),
    checkOf({ ...common, crashes: 0 }, []),
    checkOf({ ...common, crashes: 1 }, []),
    ...(protocol === "hardened" && budget === 1 ? [punctual(CHIP_FAULTS)] : []),
  ];
}

/** Whether a check of single classes goes without a reset only because it would take too long. */
export const isWithoutReset = (
  { protocol, faults, budget, crashes, punctual }: Check,
  flags: CheckFlags,
): boolean =>
  flags.crashes === undefined &&
  protocol === "hardened" &&
  faults.length > 0 &&
  budget === 1 &&
  crashes === 0 &&
  !punctual;

function faultChecks(common: Common, only: readonly FaultClass[]): Check[] {
  const { crashes, thorough } = common;
  const whole = crashes === 0 || thorough || only.length > 0;
  return mixesOf(common, only).map((mix) =>
    checkOf(!whole && mix.some((one) => LARGE.includes(one)) ? { ...common, crashes: 0 } : common, mix),
  );
}

/** The published protocol breaks with each class: none of them is hidden behind another. */
function mixesOf(
  { protocol, budget }: Common,
  only: readonly FaultClass[],
): readonly (readonly FaultClass[])[] {
  const classes = only.length > 0 ? only : FAULT_CLASS_NAMES;
  if (budget > 1)
    return classes.flatMap((one, index) =>
      classes.slice(index).map((two) => (one === two ? [one] : [one, two])),
    );
  return only.length > 0 || protocol === "article" ? classes.map((one) => [one]) : FAULT_GROUPS;
}

function checkOf(
  { protocol, nodes, witness, budget, crashes, starts, termsApart, thorough }: Common,
  faults: readonly FaultClass[],
): Check {
  const published = protocol === "article";
  const check: Check = {
    protocol,
    nodes,
    witness,
    faults,
    budget: faults.length === 0 ? 0 : budget,
    onceEach: budget > 1 && faults.length > 1,
    crashes,
    // With late wakes the published protocol breaks without a fault.
    punctual: published && faults.length > 0,
    bookkeeping: false,
    starts: published ? ["blank"] : starts,
    termsApart,
  };
  const unasked: Law[] = [];
  if (published) unasked.push("nobody-well-is-expelled");
  else if (budget === 1 && !thorough && outsidePromise(check) !== undefined)
    unasked.push("somebody-acts-again");
  return { ...check, unasked };
}

/** The class of that name. @throws UsageError for an unknown one, with the name that may be meant */
export function faultClass(name: string): FaultClass {
  const found = FAULT_CLASS_NAMES.find((known) => known === name);
  if (found !== undefined) return found;
  const now = renamedFault(name);
  if (now !== undefined) throw new UsageError(`--only: ${name} is called ${now}: --only ${now}`);
  const near = nearest(name, FAULT_CLASS_NAMES);
  const hint = near === undefined ? "See: npm run verify -- --classes" : `Did you mean "${near}"?`;
  throw new UsageError(`--only: the fault class "${name}" is unknown. ${hint}`);
}
