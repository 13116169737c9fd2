/** The stacks: whether each is there and whole, and is what a deploy from here would make. */
import {
  DescribeStacksCommand,
  GetTemplateCommand,
  type Stack,
  TemplateStage,
} from "@aws-sdk/client-cloudformation";
import { counted } from "../shared/counted.ts";
import { DEPLOY } from "../shared/stack-outputs.ts";
import { type Finding, good, warning, wrong } from "./finding.ts";
import type { Deployed, Look } from "./look.ts";
import type { Target } from "./target.ts";
import { differences, parseTemplate, type Template } from "./template.ts";
import { minuteOf } from "./words.ts";

/** AWS's answer to the name of a stack that is not there. */
export const isNoSuchStack = (error: unknown): boolean =>
  error instanceof Error && error.name === "ValidationError" && /does not exist/.test(error.message);

const DEPLOYED = ["CREATE_COMPLETE", "UPDATE_COMPLETE", "IMPORT_COMPLETE", "UPDATE_ROLLBACK_COMPLETE"];
const DIFFERENCES_SHOWN_MAX = 3;

/** A stack of the app, and what was found of it. */
export interface FoundStack {
  readonly finding: Finding;
  /** Undefined: nothing of it can be counted on. */
  readonly stack?: {
    readonly name: string;
    readonly template: Template;
    readonly outputs: readonly (readonly [string, string])[];
  };
}

/** @throws what the SDK throws */
export async function examineStack(
  { target, here }: Look,
  name: string,
  expected: Template,
): Promise<FoundStack> {
  const found = await describe(target, name);
  if (found === undefined)
    return { finding: wrong("stack", `${name} is not deployed`, startCommand(target)) };
  const { StackStatus = "", Outputs = [] } = found;
  if (!DEPLOYED.includes(StackStatus)) return { finding: unsettled(target, name, StackStatus) };
  const { TemplateBody = "{}" } = await target.clients.cloudformation.send(
    new GetTemplateCommand({ StackName: name, TemplateStage: TemplateStage.Original }),
  );
  const template = parseTemplate(TemplateBody);
  const outputs = Outputs.map(({ OutputKey = "", OutputValue = "" }) => [OutputKey, OutputValue] as const);
  const version = new Map(outputs).get("Version") ?? "unknown";
  const finding = compare(target, found, version, here.version, differences(expected, template));
  return { finding, stack: { name, template, outputs } };
}

async function describe({ clients }: Target, name: string): Promise<Stack | undefined> {
  try {
    const { Stacks } = await clients.cloudformation.send(new DescribeStacksCommand({ StackName: name }));
    return Stacks?.[0];
  } catch (error) {
    if (isNoSuchStack(error)) return undefined;
    throw error;
  }
}

/** What makes it what is here: a local cloud takes nothing up after its start. */
const startCommand = ({ kind }: Target): string => (kind === "local" ? "npm run cloud" : DEPLOY);

/** What each status that is not the end of a deploy asks for. */
function unsettled(target: Target, name: string, status: string): Finding {
  if (status.endsWith("_IN_PROGRESS"))
    return wrong(
      "stack",
      `${name} is ${status}: wait until that has finished`,
      target.aws(`cloudformation describe-stack-events --stack-name ${name} --max-items 10`),
    );
  if (status === "UPDATE_ROLLBACK_FAILED")
    return wrong(
      "stack",
      `${name} is ${status}: an update failed, and so did its rollback`,
      target.aws(`cloudformation continue-update-rollback --stack-name ${name}`),
    );
  return wrong(
    "stack",
    `${name} is ${status}: fix the cause, which its events name, and deploy again`,
    DEPLOY,
  );
}

function compare(
  target: Target,
  { StackName: name, StackStatus, CreationTime, LastUpdatedTime }: Stack,
  version: string,
  versionHere: string,
  differing: readonly string[],
): Finding {
  const since = LastUpdatedTime ?? CreationTime;
  const what = `${name} ${version}, ${StackStatus}${since === undefined ? "" : ` since ${minuteOf(since.getTime())}`}`;
  if (differing.length === 0) return good("stack", what);
  const shown = differing.slice(0, DIFFERENCES_SHOWN_MAX);
  const more = differing.length - shown.length;
  const names = `${shown.join(", ")}${more === 0 ? "" : `, ${more} more`}`;
  const how =
    target.kind === "local"
      ? "the cloud runs the version from its start; restart it"
      : "npx cdk diff shows how";
  return warning(
    "stack",
    `${what}; here is ${versionHere}, with ${counted(differing.length, "difference")} (${names}): ${how}`,
    startCommand(target),
  );
}

/** What of the stacks is there to be looked at. */
export function deployedOf(found: readonly FoundStack[]): Deployed {
  const stacks = found.flatMap(({ stack }) => (stack === undefined ? [] : [stack]));
  return {
    templates: new Map(stacks.map(({ name, template }) => [name, template])),
    outputs: new Map(stacks.flatMap(({ outputs }) => outputs)),
  };
}
