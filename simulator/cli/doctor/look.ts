/** What every check is given. */
import type { Here } from "./here.ts";
import type { Target } from "./target.ts";
import { resourcesOf, type Template } from "./template.ts";

/** What every check is given: where to look, and what is here. */
export interface Look {
  readonly target: Target;
  readonly here: Here;
  /** What `cdk deploy --outputs-file` wrote, or was to write. */
  readonly outputsFile: string;
  /** The cloud's time, epoch milliseconds. */
  readonly nowMs: number;
}

/** What stands in the cloud. */
export interface Deployed {
  /** Those that are there and whole, by the names of their stacks. */
  readonly templates: ReadonlyMap<string, Template>;
  /** Outputs of all stacks, by name. */
  readonly outputs: ReadonlyMap<string, string>;
}

/** Properties of all the resources of a type. */
export const deployedResources = (
  { templates }: Deployed,
  type: string,
): Readonly<Record<string, unknown>>[] =>
  [...templates.values()]
    .flatMap((template) => resourcesOf(template, type))
    .map(({ Properties = {} }) => Properties);

/** A property that stands in the template as it is, as explicit names do. */
export const literal = (value: unknown): string => (typeof value === "string" ? value : "");
