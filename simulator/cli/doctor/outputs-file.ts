/** cdk-outputs.json, by which other commands find a deployment: whether it is of this one. */
import { readFileSync } from "node:fs";
import { stackNames } from "../../../lib/contract/names.ts";
import { counted } from "../shared/counted.ts";
import { DEPLOY } from "../shared/stack-outputs.ts";
import { type Finding, good, unchecked, warning } from "./finding.ts";
import type { Deployed, Look } from "./look.ts";

type Outputs = Readonly<Record<string, Readonly<Record<string, unknown>> | null>>;

/** @returns undefined when it cannot be read, or holds something else */
export function readOutputsFile(file: string): Outputs | undefined {
  try {
    const value: unknown = JSON.parse(readFileSync(file, "utf8"));
    return typeof value === "object" && value !== null && !Array.isArray(value)
      ? (value as Outputs)
      : undefined;
  } catch {
    return undefined;
  }
}

/** Outputs by name, of the stacks of one deployment: there may be another's in the file. */
export function outputsByName(stacks: Outputs, name: string): ReadonlyMap<string, unknown> {
  const own: readonly string[] = Object.values(stackNames(name));
  return new Map(
    Object.entries(stacks).flatMap(([stack, outputs]) =>
      own.includes(stack) ? Object.entries(outputs ?? {}) : [],
    ),
  );
}

/** Whether the outputs file says what is deployed. */
export function examineOutputsFile(
  { target, here, outputsFile: file }: Look,
  { outputs }: Deployed,
): Finding[] {
  if (target.kind === "local") return [];
  if (outputs.size === 0) return [unchecked("outputs", "not checked: nothing is deployed")];
  const read = readOutputsFile(file);
  if (read === undefined)
    return [warning("outputs", `${file} is not there; readings, replay and provision need it`, DEPLOY)];
  const written = outputsByName(read, here.config.name);
  // CloudFormation's own exports stand among the deployed ones; the file has them too.
  const differing = [...outputs].filter(([name, value]) => written.get(name) !== value);
  if (differing.length === 0) return [good("outputs", `${file} is of this deploy`)];
  return [
    warning(
      "outputs",
      `${file} is of another deploy: ${counted(differing.length, "output")} of this one ${differing.length === 1 ? "is" : "are"} not in it`,
      DEPLOY,
    ),
  ];
}
